/**
 * The monitor of a list that is appended to and read whole. The longest read gives the order of all appends that were seen, and
 * every other read says how many of them it saw. It decides where each element that was read was appended by one call.
 *
 * Appends that no read saw come last, if they completed; if they crashed they are left out.
 */
import { equal, type Json } from '../../../../harness/json.ts';
import { show } from '../../../models/model.ts';
import { type Calls, NEVER } from '../../calls.ts';
import { findInversion, orderByRank, type Ranks, UNRANKED } from './ranks.ts';
import type { Monitor, MonitorVerdict } from '../monitor.ts';
import { SmallNumbers } from '../register/numbers.ts';

/** A model's names for the functions of a list. */
export interface ListFunctions {
  readonly append: readonly string[];
  /** Gives the whole list; nil is the empty one. */
  readonly read: readonly string[];
}

type List = readonly Json[];

/** A read, and the list that it gave. */
interface Read {
  readonly call: number;
  readonly list: List;
}

const NONE = -1;
/** `appendOf` an element that the list started with. */
const INITIAL = -2;

/** A monitor for models whose state is the list. */
export function listMonitor(names: ListFunctions): Monitor {
  return {
    name: 'list-prefixes',
    check(calls, initial) {
      if (!Array.isArray(initial)) return { valid: 'inapplicable', why: 'the state is no list' };
      return new ListCheck(calls, initial as List).check(names);
    },
  };
}

const invalid = (reason: string, ...conflict: readonly number[]): MonitorVerdict => ({
  valid: false,
  conflict: [...new Set(conflict.filter((call) => call >= 0))].sort((a, b) => a - b),
  reason,
});

class ListCheck {
  readonly #calls: Calls;
  readonly #initial: List;
  readonly #appends: number[] = [];
  readonly #reads: Read[] = [];
  #longest: Read;
  /** For each place of the longest list the call that appended its element. */
  readonly #appendAt: number[] = [];
  readonly #rank: Int32Array;

  constructor(calls: Calls, initial: List) {
    this.#calls = calls;
    this.#initial = initial;
    this.#longest = { call: NONE, list: initial };
    this.#rank = new Int32Array(calls.length).fill(UNRANKED);
  }

  check(names: ListFunctions): MonitorVerdict {
    const why = this.#collect(names);
    if (why !== undefined) return { valid: 'inapplicable', why };
    return this.#compareReads() ?? this.#findAppends() ?? this.#decide();
  }

  /** Sorts the calls into appends and reads; says why if there are others. */
  #collect({ append, read }: ListFunctions): string | undefined {
    const { functions, values, columns } = this.#calls;
    const appends = functions.map((f) => append.includes(f));
    const reads = functions.map((f) => read.includes(f));
    for (let call = 0; call < this.#calls.length; call++) {
      const f = columns.f[call] ?? 0;
      if (appends[f] === true) {
        this.#appends.push(call);
      } else if (reads[f] !== true) {
        return `a list does not know ${functions[f] ?? ''}`;
      } else if (columns.returned[call] !== NEVER) {
        const list = values.at(columns.result[call] ?? 0) ?? [];
        if (!Array.isArray(list)) return `the read ${show(list)} is no list`;
        this.#reads.push({ call, list: list as List });
        if (list.length > this.#longest.list.length) this.#longest = { call, list: list as List };
      }
    }
    return undefined;
  }

  /** Every read, and what the list started with, begins the longest one. Ranks the reads. */
  #compareReads(): MonitorVerdict | undefined {
    const longest = this.#longest;
    const wrongStart = firstDifference(this.#initial, longest.list);
    if (wrongStart !== undefined) {
      return invalid(`a read does not begin with ${show(this.#initial)}, as the list did`, longest.call);
    }
    const compared = new Set<List>([longest.list]);
    for (const { call, list } of this.#reads) {
      this.#rank[call] = 2 * list.length + 1;
      if (list.length < this.#initial.length) {
        return invalid(`a read does not begin with ${show(this.#initial)}, as the list did`, call);
      }
      // Equal values are one object.
      if (compared.has(list)) continue;
      compared.add(list);
      const place = firstDifference(list, longest.list);
      if (place === undefined) continue;
      const [here = null, there = null] = [list[place], longest.list[place]];
      const appends = this.#appends.filter((append) =>
        [here, there].some((item) => equal(item, this.#element(append))),
      );
      return invalid(
        `at place ${place} one read has ${show(here)} and another has ${show(there)}`,
        call,
        longest.call,
        ...appends.slice(0, 2),
      );
    }
    return undefined;
  }

  /** Each element of the longest read was appended once. Ranks the appends. */
  #findAppends(): MonitorVerdict | undefined {
    const { values, columns } = this.#calls;
    const { list } = this.#longest;
    const numbers = new SmallNumbers(values, list.length + this.#appends.length);
    try {
      const appendOf = new Int32Array(list.length + this.#appends.length).fill(NONE);
      const repeated = new Uint8Array(appendOf.length);
      for (const append of this.#appends) {
        const element = numbers.of(columns.argument[append] ?? 0);
        if (appendOf[element] !== NONE) repeated[element] = 1;
        appendOf[element] = append;
        this.#rank[append] = columns.returned[append] === NEVER ? UNRANKED : 2 * list.length + 2;
      }
      return this.#rankAppends(
        list.map((item) => numbers.ofValue(item)),
        appendOf,
        repeated,
      );
    } finally {
      numbers.release();
    }
  }

  #rankAppends(
    elements: readonly number[],
    appendOf: Int32Array,
    repeated: Uint8Array,
  ): MonitorVerdict | undefined {
    const { list, call } = this.#longest;
    const placed = new Set<number>();
    for (const [place, element] of elements.entries()) {
      const item = show(list[place]);
      const append = appendOf[element] ?? NONE;
      const initial = place < this.#initial.length;
      if (repeated[element] === 1)
        return { valid: 'inapplicable', why: `${item} is appended more than once` };
      if (initial ? append !== NONE : append === INITIAL)
        return { valid: 'inapplicable', why: `${item} is in the list from the start and comes again` };
      if (!initial && append === NONE) return invalid(`${item} was read, but nothing appended it`, call);
      if (!initial && placed.has(append))
        return invalid(`${item} was read twice, but appended once`, append, call);
      appendOf[element] = initial ? INITIAL : append;
      this.#appendAt.push(initial ? INITIAL : append);
      if (initial) continue;
      placed.add(append);
      this.#rank[append] = 2 * place + 2;
    }
    return undefined;
  }

  #decide(): MonitorVerdict {
    const ranks: Ranks = {
      calls: this.#calls,
      rank: this.#rank,
      floats: undefined,
      ranks: 2 * this.#longest.list.length + 3,
    };
    const inversion = findInversion(ranks);
    return inversion === undefined
      ? { valid: true, order: () => orderByRank(ranks) }
      : this.#explain(inversion.early, inversion.late);
  }

  /** `early` returned before `late` was invoked, but the reads say that it came later. */
  #explain(early: number, late: number): MonitorVerdict {
    const element = show(this.#element(early));
    if (this.#isRead(early)) {
      if (this.#isRead(late)) {
        const lost = this.#appendAt[this.#lengthRead(late)] ?? NONE;
        return invalid(
          `the read lacks ${show(this.#element(lost))}, which an earlier read had`,
          early,
          late,
          lost,
        );
      }
      return invalid(`${show(this.#element(late))} was read before its append began`, early, late);
    }
    if (this.#isRead(late))
      return invalid(`the read lacks ${element}, which was appended before it began`, early, late);
    // The shortest read that shows the later append: it shows the other after it, or lacks it.
    const needed = (this.#rank[late] ?? 0) / 2;
    const full = (this.#rank[early] ?? 0) / 2;
    const shown = full <= this.#longest.list.length ? full : needed;
    const witness = this.#reads.filter(({ list }) => list.length >= shown);
    const shortest = witness.reduce((a, b) => (b.list.length < a.list.length ? b : a), this.#longest);
    return invalid(
      `${show(this.#element(late))} was read without ${element} before it, whose append had ended when its own began`,
      early,
      late,
      shortest.call,
    );
  }

  #isRead(call: number): boolean {
    return (this.#rank[call] ?? 0) % 2 === 1;
  }

  #lengthRead(read: number): number {
    return ((this.#rank[read] ?? 0) - 1) / 2;
  }

  #element(append: number): Json {
    return this.#calls.values.at(this.#calls.columns.argument[append] ?? 0);
  }
}

/** The first place of `list` at which `longer` has something else; undefined if it begins with `list`. */
function firstDifference(list: List, longer: List): number | undefined {
  for (let place = 0; place < list.length; place++) {
    if (place >= longer.length || !equal(list[place] ?? null, longer[place] ?? null)) return place;
  }
  return undefined;
}
