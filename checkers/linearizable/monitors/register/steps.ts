/**
 * What a register's calls do, as the algorithm needs it: which values they observe, set, or swap for another. Calls of a
 * key that holds text, appended to and read whole, come to the same, so these are decided by the same algorithm.
 */
import type { Json } from '../../../../harness/json.ts';
import type { Calls } from '../../calls.ts';

/** Says nothing: a crashed read; a crashed swap of a value for itself. */
export const NOTHING = 0;
/** Found `value`. */
export const OBSERVE = 1;
/** Left `value`, whatever was there. */
export const SET = 2;
/** Found `value` and left `next`, which is another. */
export const SWAP = 3;
/** Found something other than `value`. */
export const MISS = 4;

/** The calls on one register. Values have small numbers; that of the first value is 0. */
export interface Steps {
  readonly calls: Calls;
  /** NOTHING, OBSERVE, SET, SWAP or MISS, for each call. */
  readonly role: Uint8Array;
  readonly value: Int32Array;
  /** Read for swaps only. Empty if there are none. */
  readonly next: Int32Array;
  /** Numbers of values are below this. */
  readonly values: number;
  readonly hasSwaps: boolean;
  /** Misses, in order of invocation. */
  readonly misses: readonly number[];
  /** What swaps are called: `compare-and-set`. */
  readonly swapName: string;
  /** Whether what a swap found is known only from reads that show it (an append does not say where it went). */
  readonly readsShowSwaps: boolean;
  /** The value with this number, to be shown. */
  valueAt(value: number): Json;
}
