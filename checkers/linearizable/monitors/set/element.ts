/**
 * The history of one element of a set, brought down to what its phases (phases.ts) depend on.
 */

/** The calls of one element, as columns; values are 1 for in and 0 for out. */
export interface ElementCalls {
  /** Value at first. */
  readonly first: number;
  /** What an add or remove makes it, or what was found. */
  readonly values: Uint8Array;
  /** 1 for an add or a remove. */
  readonly writes: Uint8Array;
  /** 1 for a call that must be in the order; the others may be left out. */
  readonly required: Uint8Array;
  readonly invoked: Int32Array;
  readonly returned: Int32Array;
}
