/**
 * The place of a search algorithm: the calls of one part in, an order or the proof that there is none out. A search can be
 * paused and goes on where it was, so that several may take turns on one part. A verdict names the one that gave it.
 */

/** What `--algorithm` can name. `auto`: a monitor where one applies, else a race of the searches. */
export const algorithms = ['auto', 'monitor', 'frontier', 'stream', 'wgl'] as const;

/** Name of an algorithm, or of the rule by which one is chosen. */
export type Algorithm = (typeof algorithms)[number];

/**
 * The ways in which the frontier search avoids work without losing exactness. Each can be switched off, which only tests do:
 * the fuzz test compares verdicts with each on and off.
 *
 * `silent`: crashed operations that change nothing are left out. `eager`: operations that change nothing are placed at once
 * where they fit. `symmetry`: of several equal operations the first to return goes first. `crash-counts`: equal crashed
 * operations are counted, not told apart. `hiding`: a write that another overwrites needs no place of its own.
 * `dominance`: a configuration that can do less than another is dropped. `relaxation`: crashed operations
 * may be used any number of times in a first pass. `commuting`: of two orders that come to the same one is tried.
 * `look-ahead`: a value that is written once is not overwritten before it was read by all who read it; and what is tried first is what
 * the calls need that are still to come.
 */
export const REDUCTIONS = [
  'silent',
  'eager',
  'symmetry',
  'crash-counts',
  'hiding',
  'dominance',
  'relaxation',
  'commuting',
  'look-ahead',
] as const;

/** Name of a reduction. */
export type Reduction = (typeof REDUCTIONS)[number];

/** What a search found. `undecided`: it has tried everything that it can, and others may know more. */
export type Decision = 'linearizable' | 'not-linearizable' | 'undecided';

/** A decision procedure at work on one part. Its methods throw a ModelError when the model is at fault. */
export interface Search {
  /** What a verdict calls it. */
  readonly name: string;
  /** Goes on until it has decided or `paused` says so; then the answer is undefined. */
  advance(paused: () => boolean): Decision | undefined;
  /** Configurations (set of calls that took effect, state) reached so far. */
  readonly configurations: number;
  /** Rough bytes held. */
  readonly bytes: number;
  /** How far it has come: returns that some order gets past. Only to be compared with other searches of the same kind. */
  readonly position: number;
  /**
   * The order of calls that gets furthest, of all that were tried; a witness once it has decided that there is one.
   * Empty where the search keeps none.
   */
  longest(): readonly number[];
  /**
   * Where it found none: the call at whose return no order is left, given what all calls answered. Undefined where
   * the search does not know.
   */
  readonly failedAt: number | undefined;
}

/** When a search gives up. */
export interface SearchLimits {
  /** Asked now and then: milliseconds that are left. */
  readonly remainingMs: () => number;
  /** Bytes that remembered configurations and states may take. */
  readonly memoryBytes: number;
}
