/**
 * The monitor of a set that is added to and read whole, but that nothing is removed from. Reads must include each other; they
 * make levels, and an element's level is that of the smallest read that has it. It decides always: also where elements are
 * added more than once, since only the first addition changes the set. That one may as well be the one which was invoked first:
 * it could take effect earlier than the others, and nothing else is asked of it. The others float.
 *
 * Elements that no read has were added after all reads, if they were; a crashed addition of one is left out.
 */
import type { Json } from '../../../../harness/json.ts';
import { show } from '../../../models/model.ts';
import { type Calls, NEVER } from '../../calls.ts';
import { findInversion, orderByRank, type Ranks, UNRANKED } from '../list/ranks.ts';
import type { Monitor, MonitorVerdict } from '../monitor.ts';
import { SmallNumbers } from '../register/numbers.ts';

/** A model's names for the functions of a set that only grows. */
export interface GrowOnlySetFunctions {
  readonly add: readonly string[];
  /** Gives all elements as a list, in any order. */
  readonly read: readonly string[];
}

const NONE = -1;

/** A monitor for models whose state is the list of the elements' canonical texts. */
export function growOnlySetMonitor(names: GrowOnlySetFunctions): Monitor {
  return {
    name: 'set-inclusions',
    check(calls, initial) {
      if (!isTexts(initial)) return { valid: 'inapplicable', why: 'the state is no list of elements' };
      const numbers = new SmallNumbers(calls.values, calls.length);
      try {
        return new SetCheck(calls, numbers).check(names, initial);
      } finally {
        numbers.release();
      }
    },
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** What one or more reads gave. */
interface Reading {
  /** One of these reads. */
  readonly call: number;
  /** All reads together may have millions, so they are not objects' worth of numbers. */
  readonly elements: Int32Array;
}

class SetCheck {
  readonly #calls: Calls;
  readonly #numbers: SmallNumbers;
  readonly #adds: number[] = [];
  readonly #reads: number[] = [];
  /** For each element the call that was first to add it, or NONE. */
  #firstAdd = new Int32Array(0);
  /** For each element its level: 0 for those that the set started with, NONE for those that no read has. */
  #levelOf = new Int32Array(0);
  /** How many elements have a level. */
  #levelled = 0;
  /** A reading of each level; of level 0 perhaps none. */
  readonly #readings: (Reading | undefined)[] = [undefined];
  /** For each value that reads gave, by its number, the level. */
  readonly #levelRead = new Map<number, number>();
  readonly #rank: Int32Array;
  readonly #floats: Uint8Array;

  constructor(calls: Calls, numbers: SmallNumbers) {
    this.#calls = calls;
    this.#numbers = numbers;
    this.#rank = new Int32Array(calls.length).fill(UNRANKED);
    this.#floats = new Uint8Array(calls.length);
  }

  check(names: GrowOnlySetFunctions, initial: readonly string[]): MonitorVerdict {
    const why = this.#collect(names);
    if (why !== undefined) return { valid: 'inapplicable', why };
    const started = initial.map((text) => this.#numbers.ofValue(JSON.parse(text) as Json));
    const wrong = this.#findLevels(started, this.#numberReadings());
    if (wrong !== undefined) return wrong;
    this.#rankCalls();
    const ranks: Ranks = {
      calls: this.#calls,
      rank: this.#rank,
      floats: this.#floats,
      ranks: 2 * this.#readings.length + 1,
    };
    const inversion = findInversion(ranks);
    if (inversion !== undefined) return this.#explain(inversion.early, inversion.late);
    return { valid: true, order: () => orderByRank(ranks) };
  }

  /** Sorts the calls into additions and reads; says why if there are others. */
  #collect({ add, read }: GrowOnlySetFunctions): string | undefined {
    const { functions, values, columns } = this.#calls;
    const adds = functions.map((f) => add.includes(f));
    const reads = functions.map((f) => read.includes(f));
    for (let call = 0; call < this.#calls.length; call++) {
      const f = columns.f[call] ?? 0;
      if (adds[f] === true) {
        this.#adds.push(call);
        this.#numbers.of(columns.argument[call] ?? 0);
      } else if (reads[f] !== true) {
        return `a set that only grows does not know ${functions[f] ?? ''}`;
      } else if (columns.returned[call] !== NEVER) {
        const list = values.at(columns.result[call] ?? 0);
        if (!Array.isArray(list)) return `the read ${show(list)} is no list`;
        this.#reads.push(call);
      }
    }
    return undefined;
  }

  /** The different values that were read, with numbers for their elements. */
  #numberReadings(): Reading[] {
    const { values, columns } = this.#calls;
    const readings = new Map<number, Reading>();
    for (const call of this.#reads) {
      const id = columns.result[call] ?? 0;
      if (readings.has(id)) continue;
      const list = values.at(id) as readonly Json[];
      const elements = new Int32Array(list.length);
      list.forEach((item, at) => (elements[at] = this.#numbers.ofValue(item)));
      readings.set(id, { call, elements });
    }
    return [...readings.values()];
  }

  /** Finds the levels of readings and of elements, or two readings that do not include each other, or an element from nowhere. */
  #findLevels(started: readonly number[], readings: readonly Reading[]): MonitorVerdict | undefined {
    this.#firstAdd = this.#findFirstAdds();
    this.#levelOf = new Int32Array(this.#numbers.count).fill(NONE);
    for (const element of started) this.#levelOf[element] = 0;
    this.#levelled = started.length;
    for (const reading of bySize(readings, this.#numbers.count)) {
      const fresh = this.#freshIn(reading);
      if (reading.elements.length - fresh.length < this.#levelled)
        return this.#explainMissing(reading, fresh);
      if (fresh.length > 0) this.#readings.push(reading);
      else this.#readings[this.#readings.length - 1] ??= reading;
      const level = this.#readings.length - 1;
      for (const element of fresh) {
        if (this.#firstAdd[element] === NONE) {
          return invalid(`${this.#show(element)} was read, but nothing added it`, reading.call);
        }
        this.#levelOf[element] = level;
      }
      this.#levelled += fresh.length;
      this.#levelRead.set(this.#calls.columns.result[reading.call] ?? 0, level);
    }
    return undefined;
  }

  /** The elements that no smaller reading has. */
  #freshIn({ elements }: Reading): number[] {
    const fresh: number[] = [];
    for (const element of elements) if (this.#levelOf[element] === NONE) fresh.push(element);
    return fresh;
  }

  #findFirstAdds(): Int32Array<ArrayBuffer> {
    const { argument } = this.#calls.columns;
    const first = new Int32Array(this.#numbers.count).fill(NONE);
    for (const add of this.#adds) {
      const element = this.#numbers.of(argument[add] ?? 0);
      if (first[element] === NONE) first[element] = add;
    }
    return first;
  }

  /** The reading lacks an element of a smaller one, or one that was there from the start. */
  #explainMissing(reading: Reading, fresh: readonly number[]): MonitorVerdict {
    const has = new Set(reading.elements);
    const lost = [...this.#levelOf.keys()].findIndex(
      (element) => this.#levelOf[element] !== NONE && !has.has(element),
    );
    if (this.#levelOf[lost] === 0)
      return invalid(`a read lacks ${this.#show(lost)}, which was there from the start`, reading.call);
    const smaller = this.#readings.at(-1);
    const gained = fresh[0] ?? NONE;
    return invalid(
      `one read has ${this.#show(lost)} without ${this.#show(gained)}, another has it the other way round`,
      reading.call,
      smaller?.call ?? NONE,
      this.#firstAdd[lost] ?? NONE,
      this.#firstAdd[gained] ?? NONE,
    );
  }

  /** Additions of a level come after the reads of the levels below, and before its own. */
  #rankCalls(): void {
    const { argument, result, returned } = this.#calls.columns;
    for (const read of this.#reads) this.#rank[read] = 2 * (this.#levelRead.get(result[read] ?? 0) ?? 0) + 1;
    for (const add of this.#adds) {
      const element = this.#numbers.of(argument[add] ?? 0);
      const level = this.#levelOf[element] ?? NONE;
      const isFirst = this.#firstAdd[element] === add && level !== 0;
      if (returned[add] === NEVER && (level === NONE || !isFirst)) continue;
      this.#rank[add] = 2 * (level === NONE ? this.#readings.length : level);
      if (!isFirst) this.#floats[add] = 1;
    }
  }

  /** `early` returned before `late` was invoked, but the reads say that it came later. */
  #explain(early: number, late: number): MonitorVerdict {
    if (this.#isRead(late)) {
      if (!this.#isRead(early)) {
        return invalid(
          `the read lacks ${this.#element(early)}, which was added before it began`,
          early,
          late,
        );
      }
      const [seen, lacking] = [this.#readings[this.#level(early)], this.#readings[this.#level(late)]];
      const has = new Set(lacking?.elements);
      const lost = seen?.elements.find((element) => !has.has(element)) ?? NONE;
      const add = this.#firstAdd[lost] ?? NONE;
      return invalid(`the read lacks ${this.#show(lost)}, which an earlier read had`, early, late, add);
    }
    if (this.#isRead(early)) {
      return invalid(`${this.#element(late)} was read before its addition began`, early, late);
    }
    return invalid(
      `${this.#element(late)} was read without ${this.#element(early)}, whose addition had ended when its own began`,
      early,
      late,
      this.#readings[this.#level(late)]?.call ?? NONE,
    );
  }

  #isRead(call: number): boolean {
    return (this.#rank[call] ?? 0) % 2 === 1;
  }

  #level(call: number): number {
    return (this.#rank[call] ?? 0) >> 1;
  }

  #element(add: number): string {
    return show(this.#calls.values.at(this.#calls.columns.argument[add] ?? 0));
  }

  #show(element: number): string {
    return show(this.#numbers.at(element));
  }
}

/** The readings with each element once, small ones first. Elements are numbered below `count`. */
function bySize(readings: readonly Reading[], count: number): Reading[] {
  const seenIn = new Int32Array(count).fill(NONE);
  const distinct = readings.map(({ call, elements }, reading) => {
    let kept = 0;
    for (const element of elements) {
      if (seenIn[element] === reading) continue;
      seenIn[element] = reading;
      elements[kept++] = element;
    }
    return { call, elements: elements.subarray(0, kept) };
  });
  return distinct.sort((a, b) => a.elements.length - b.elements.length);
}

/** The verdict for these calls; NONE among them stands for what the set started with. */
function invalid(reason: string, ...conflict: readonly number[]): MonitorVerdict {
  const calls = new Set(conflict.filter((call) => call !== NONE));
  return { valid: false, conflict: [...calls].sort((a, b) => a - b), reason };
}
