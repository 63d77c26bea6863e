/**
 * Blocks: a period and those that follow from it by swaps. A swap finds what the period before left, and each value is
 * produced once, so nothing comes between them: blocks follow each other whole, in the order that real time asks for.
 */
import { BEFORE_ALL, NONE, type Periods } from './periods.ts';
import type { Steps } from './steps.ts';

/** The blocks, named by their first periods. */
export interface Blocks {
  readonly steps: Steps;
  readonly periods: Periods;
  /** For each period the one that a swap led to, or NONE. Undefined if nothing was swapped: each period is a block. */
  readonly following: Int32Array | undefined;
  /** For each period its block. Undefined likewise. */
  readonly blockOf: Int32Array | undefined;
  /** Position of the first return of the block's calls. */
  readonly first: Int32Array;
  /** Position of the last invocation of the block's calls. */
  readonly last: Int32Array;
}

/** Position of the invocation of the call that began the period. */
export function begunAt({ steps, periods }: Blocks, period: number): number {
  const producer = periods.producer[period] ?? NONE;
  return producer < 0 ? BEFORE_ALL : (steps.calls.columns.invoked[producer] ?? 0);
}
