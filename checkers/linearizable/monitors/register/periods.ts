/**
 * The periods of a register: in each it holds one value, from the call that produced the value to the last that found it.
 * That there is one period for each value that was seen is the condition under which a register is decided in linear time
 * (Gibbons and Korach 1997).
 *
 * Which crashed calls matter: those whose value was found by a completed call, or by a crashed swap that matters itself.
 * These took effect in every explanation. All others are left out: in an explanation that uses one, nothing finds what it left,
 * so the explanation holds without it. Only for misses is that not so: they might need a value to be away.
 *
 * A value that nobody found may be produced many times. Each time is a period of its own.
 */
import { NEVER } from '../../calls.ts';
import { MISS, NOTHING, OBSERVE, SET, SWAP, type Steps } from './steps.ts';

/** `periodOf` a call that is left out; no period, no call. */
export const NONE = -1;
/** `producer` of the first value: before everything. */
export const INITIAL = -2;
/** A position before all. */
export const BEFORE_ALL = -1;

/** The periods: that of a value which was found has the value's number; further ones follow. */
export interface Periods {
  readonly count: number;
  /** The call that produced the value, or INITIAL; NONE if nothing did. */
  readonly producer: Int32Array;
  /** Whether its value was found, by a call that took effect. */
  readonly found: Uint8Array;
  /** Position of the first return of its calls: by then the period had begun. */
  readonly first: Int32Array;
  /** Position of the last invocation of its calls: the period had not ended before. */
  readonly last: Int32Array;
  /** For each call its period; for a swap the one that it begins. NONE for calls left out and for misses. */
  readonly periodOf: Int32Array;
  /** Value of the period. */
  valueOf(period: number): number;
}

/** The periods, or the number of a value that was found and may have been produced by more than one call. */
export function findPeriods(steps: Steps): Periods | { readonly ambiguous: number } {
  const producers = findProducers(steps);
  const found = findFound(steps, producers.producer);
  for (const value of producers.repeated) if (found[value] === 1) return { ambiguous: value };
  return new PeriodBuilder(steps, producers.producer, producers.repeated.length, found).build();
}

/** The first producer of each value, and the values that have more, once for each further producer. */
function findProducers({ calls, role, value, next, values }: Steps): {
  producer: Int32Array;
  repeated: readonly number[];
} {
  const producer = new Int32Array(values).fill(NONE);
  producer[0] = INITIAL;
  const repeated: number[] = [];
  for (let call = 0; call < calls.length; call++) {
    const does = role[call];
    if (does !== SET && does !== SWAP) continue;
    const produced = (does === SET ? value[call] : next[call]) ?? 0;
    if (producer[produced] === NONE) producer[produced] = call;
    else repeated.push(produced);
  }
  return { producer, repeated };
}

/** For each value whether a call that took effect found it. */
function findFound({ calls, role, value, next, hasSwaps }: Steps, producer: Int32Array): Uint8Array {
  const { returned } = calls.columns;
  const found = new Uint8Array(producer.length);
  const crashedSwaps: number[] = [];
  for (let call = 0; call < calls.length; call++) {
    const does = role[call];
    if (does === OBSERVE) found[value[call] ?? 0] = 1;
    if (!hasSwaps || does !== SWAP) continue;
    if (returned[call] === NEVER) crashedSwaps.push(call);
    else found[value[call] ?? 0] = 1;
  }
  // A crashed swap that matters makes the one matter that produced what it found. A value with two producers ends the
  // walk too early, but then it is ambiguous, and nothing is decided.
  for (const swap of crashedSwaps) {
    let at = swap;
    while (at >= 0 && role[at] === SWAP && returned[at] === NEVER && found[next[at] ?? 0] === 1) {
      const expected = value[at] ?? 0;
      if (found[expected] === 1) break;
      found[expected] = 1;
      at = producer[expected] ?? NONE;
    }
  }
  return found;
}

class PeriodBuilder {
  readonly #steps: Steps;
  readonly #producer: Int32Array;
  readonly #found: Uint8Array;
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  /** Values of the periods beyond those that have their value's number. */
  readonly #further: number[] = [];

  constructor(steps: Steps, producer: Int32Array, further: number, found: Uint8Array) {
    this.#steps = steps;
    this.#found = found;
    const most = steps.values + further;
    this.#producer = producer;
    if (further > 0) {
      this.#producer = new Int32Array(most);
      this.#producer.set(producer);
    }
    this.#first = new Int32Array(most).fill(NEVER);
    this.#last = new Int32Array(most).fill(BEFORE_ALL);
    this.#first[0] = BEFORE_ALL;
  }

  build(): Periods {
    const { calls, values } = this.#steps;
    const { invoked, returned } = calls.columns;
    const periodOf = new Int32Array(calls.length);
    for (let call = 0; call < calls.length; call++) {
      const period = this.#periodOf(call);
      periodOf[call] = period;
      if (period === NONE) continue;
      const end = returned[call] ?? 0;
      if (end < (this.#first[period] ?? 0)) this.#first[period] = end;
      // Calls come in order of invocation.
      this.#last[period] = invoked[call] ?? 0;
    }
    const further = this.#further;
    return {
      count: values + further.length,
      producer: this.#producer,
      found: this.#found,
      first: this.#first,
      last: this.#last,
      periodOf,
      valueOf: (period) => (period < values ? period : (further[period - values] ?? 0)),
    };
  }

  #periodOf(call: number): number {
    const { role, value, next, calls, values } = this.#steps;
    const does = role[call];
    if (does === OBSERVE) return value[call] ?? 0;
    if (does === NOTHING || does === MISS) return NONE;
    const produced = (does === SET ? value[call] : next[call]) ?? 0;
    if (this.#found[produced] === 1) return produced;
    if (calls.columns.returned[call] === NEVER) return NONE;
    if (this.#producer[produced] === call) return produced;
    const period = values + this.#further.push(produced) - 1;
    this.#producer[period] = call;
    return period;
  }
}
