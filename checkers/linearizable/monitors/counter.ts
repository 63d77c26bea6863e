/**
 * Counters to which always the same amount is added, in O(n log n).
 *
 * A read tells how many additions came before it, its level. So at each moment the number of additions done has a floor, the
 * highest level among the reads that have returned, and a ceiling, the lowest level among the reads still to be invoked.
 * Both ascend. If the number of additions stays between them, every read finds a moment for itself: the number is at most its
 * level when it is invoked, at least its level when it returns, and goes up by one at a time.
 *
 * Additions are put off as long as possible: to their return, or to the return of a read that needs them; then the open ones
 * with the earliest deadline are taken, crashed ones last (heap.ts says why). So the number of additions done is at every
 * moment the lowest that is possible: if it is above the ceiling, or if it cannot reach the floor with all additions that
 * have begun, there is no order. Crashed additions are used only where a read needs them.
 */
import type { Json } from '../../../harness/json.ts';
import { NEVER, type Calls } from '../calls.ts';
import { DeadlineHeap } from './heap.ts';
import type { Monitor, MonitorVerdict } from './monitor.ts';
import { orderBy } from './order.ts';

/** What the model calls the functions. */
export interface CounterFunctions {
  readonly add: readonly string[];
  readonly read: readonly string[];
}

/** Level of a call that is not a read, or of a read that crashed. */
const NO_LEVEL = -1;

/** The history as additions of one amount and reads of a level. */
interface Counting {
  readonly calls: Calls;
  readonly adds: Uint8Array;
  readonly levels: Int32Array;
}

/** Where the additions went: how many had been done after each, 0 for those not done. Or why they could not. */
type Count =
  | { readonly slots: Int32Array }
  /** The read gives more than had begun. */
  | { readonly tooHigh: number }
  /** At the return of `at` (an addition or a read) more must have been done than the later `read` gives. */
  | { readonly read: number; readonly at: number; readonly done: number };

/** The lowest level among the reads from each call on. */
function ceilings({ levels }: Counting): Int32Array {
  const lowest = new Int32Array(levels.length + 1).fill(NEVER);
  for (let call = levels.length - 1; call >= 0; call--) {
    const level = levels[call] ?? NO_LEVEL;
    const later = lowest[call + 1] ?? NEVER;
    lowest[call] = level === NO_LEVEL ? later : Math.min(level, later);
  }
  return lowest;
}

function count(counting: Counting): Count {
  const { calls, adds, levels } = counting;
  const { invoked, returned } = calls.columns;
  const lowest = ceilings(counting);
  const open = new DeadlineHeap(returned);
  const slots = new Int32Array(calls.length);
  let begun = 0;
  let done = 0;
  for (const due of orderBy(returned)) {
    const deadline = returned[due] ?? NEVER;
    if (deadline === NEVER) break;
    for (; begun < calls.length && (invoked[begun] ?? 0) < deadline; begun++) {
      if (adds[begun] === 1) open.push(begun);
    }
    const isAdd = adds[due] === 1;
    if (isAdd && slots[due] !== 0) continue;
    const needed = isAdd ? done + 1 : (levels[due] ?? NO_LEVEL);
    const ceiling = lowest[begun] ?? NEVER;
    if (needed > ceiling) return { read: levels.indexOf(ceiling, begun), at: due, done: needed };
    if (isAdd) slots[due] = ++done;
    while (done < needed) {
      const next = open.pop();
      if (next === undefined) return { tooHigh: due };
      if (slots[next] === 0) slots[next] = ++done;
    }
  }
  return { slots };
}

/** Additions at their slots, and reads of a level after the addition that brings it about. */
function order({ levels, adds }: Counting, slots: Int32Array): number[] {
  const keys = slots.map((slot, call) => {
    if (adds[call] === 1) return slot === 0 ? NEVER : 2 * slot;
    const level = levels[call] ?? NO_LEVEL;
    return level === NO_LEVEL ? NEVER : 2 * level + 1;
  });
  const ordered = orderBy(keys);
  const end = ordered.findIndex((call) => keys[call] === NEVER);
  return Array.from(end === -1 ? ordered : ordered.subarray(0, end));
}

/** How many additions evidence shows at most. */
const ADDITIONS_SHOWN = 4;

/**
 * Few calls that contradict each other: two reads, if one of them is due; else a read of the same level and an addition that lies
 * between the two; else the read and more additions before it than it counts, the last of them if they are many.
 */
function conflictOf(counting: Counting, { read, at }: { read: number; at: number }): number[] {
  const { calls, adds, levels } = counting;
  if (adds[at] === 0) return [at, read].sort((a, b) => a - b);
  const { invoked, returned } = calls.columns;
  const begin = invoked[read] ?? 0;
  const before = [...returned.keys()].filter((call) => (returned[call] ?? NEVER) < begin);
  before.sort((a, b) => (returned[a] ?? 0) - (returned[b] ?? 0));
  const earlier = before.find((call) => levels[call] === levels[read]);
  const since = returned[earlier ?? read] ?? NEVER;
  const between = before.find((call) => adds[call] === 1 && (invoked[call] ?? 0) > since);
  if (earlier !== undefined && between !== undefined) return [earlier, between, read].sort((a, b) => a - b);
  const shown = Math.min(ADDITIONS_SHOWN, (levels[read] ?? 0) + 1);
  const last = before.filter((call) => adds[call] === 1).slice(-shown);
  const conflict = [...last, read].sort((a, b) => a - b);
  return 'slots' in count(pick(counting, conflict)) ? [read] : conflict;
}

function pick({ calls, adds, levels }: Counting, some: readonly number[]): Counting {
  return {
    calls: calls.pick(some),
    adds: Uint8Array.from(some, (call) => adds[call] ?? 0),
    levels: Int32Array.from(some, (call) => levels[call] ?? NO_LEVEL),
  };
}

class CounterCheck {
  readonly #calls: Calls;
  readonly #initial: number;
  readonly #kinds: readonly ('add' | 'read' | undefined)[];

  constructor(calls: Calls, initial: number, { add, read }: CounterFunctions) {
    this.#calls = calls;
    this.#initial = initial;
    this.#kinds = calls.functions.map((name) =>
      add.includes(name) ? 'add' : read.includes(name) ? 'read' : undefined,
    );
  }

  run(): MonitorVerdict {
    const { columns, functions } = this.#calls;
    const unknown = columns.f.find((f) => this.#kinds[f] === undefined);
    if (unknown !== undefined) {
      return { valid: 'inapplicable', why: `${functions[unknown] ?? ''} is neither an addition nor a read` };
    }
    const amount = this.#amount();
    if (typeof amount === 'string') return { valid: 'inapplicable', why: amount };
    const adds = new Uint8Array(this.#calls.length);
    const levels = new Int32Array(adds.length).fill(NO_LEVEL);
    for (let call = 0; call < adds.length; call++) {
      if (this.#kinds[columns.f[call] ?? 0] === 'add') adds[call] = 1;
      if (adds[call] === 1 || this.#calls.hasCrashed(call)) continue;
      const level = this.#level(call, amount);
      if (level === undefined) return this.#impossible(call, amount);
      levels[call] = level;
    }
    return this.#judge({ calls: this.#calls, adds, levels });
  }

  /** What every addition adds; 1 if there is none; or why the monitor does not apply. */
  #amount(): number | string {
    const { f, argument } = this.#calls.columns;
    let first = -1;
    for (let call = 0; call < f.length; call++) {
      if (this.#kinds[f[call] ?? 0] !== 'add') continue;
      if (first === -1) first = argument[call] ?? 0;
      else if (argument[call] !== first) return 'different amounts are added';
    }
    if (first === -1) return 1;
    const amount = this.#calls.values.at(first);
    if (typeof amount !== 'number' || !Number.isInteger(amount) || amount === 0) {
      return 'what is added is not a whole number other than 0';
    }
    const greatest = Math.abs(this.#initial) + Math.abs(amount) * f.length;
    return greatest <= Number.MAX_SAFE_INTEGER ? amount : 'the sums are too large to be exact';
  }

  /** How many additions a read saw; undefined if no number of them gives its result. */
  #level(call: number, amount: number): number | undefined {
    const result: Json = this.#calls.values.at(this.#calls.columns.result[call] ?? 0);
    if (typeof result !== 'number') return undefined;
    const level = (result - this.#initial) / amount;
    // All levels that are out of reach are one.
    return Number.isInteger(level) && level >= 0 ? Math.min(level, this.#calls.length + 1) : undefined;
  }

  #impossible(call: number, amount: number): MonitorVerdict {
    const result = JSON.stringify(this.#calls.values.at(this.#calls.columns.result[call] ?? 0));
    const reason = `the counter reads ${result}, which no additions of ${amount} to ${this.#initial} could have made it`;
    return { valid: false, conflict: [call], reason };
  }

  #judge(counting: Counting): MonitorVerdict {
    const counted = count(counting);
    if ('slots' in counted) return { valid: true, order: () => order(counting, counted.slots) };
    if ('tooHigh' in counted) {
      const reason = `the counter reads ${this.#result(counted.tooHigh)} before so many additions had begun`;
      return { valid: false, conflict: [counted.tooHigh], reason };
    }
    const { read, at, done } = counted;
    const why =
      counting.adds[at] === 0
        ? `after it was read as ${this.#result(at)}`
        : `when at least ${done} additions had been done`;
    const reason = `the counter reads ${this.#result(read)} ${why}`;
    return { valid: false, conflict: conflictOf(counting, counted), reason };
  }

  #result(call: number): string {
    return JSON.stringify(this.#calls.values.at(this.#calls.columns.result[call] ?? 0));
  }
}

/**
 * A monitor of counters to which always the same whole number is added, whatever it is. Its state is the number.
 *
 * @example counterMonitor({ add: ['add'], read: ['read'] })
 */
export function counterMonitor(functions: CounterFunctions): Monitor {
  return {
    name: 'counter-windows',
    check(calls, initial) {
      if (typeof initial !== 'number' || !Number.isSafeInteger(initial)) {
        return { valid: 'inapplicable', why: 'the counter does not start with a whole number' };
      }
      return new CounterCheck(calls, initial, functions).run();
    },
  };
}
