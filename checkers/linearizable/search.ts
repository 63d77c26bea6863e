/**
 * The place of a search algorithm: one part's calls in, an order or the proof that there is none out. Algorithms
 * are exchangeable, and a verdict names the one that gave it.
 */
import type { Call } from './calls.ts';
import type { StateMachine } from './state-machine.ts';
import { wgl } from './wgl.ts';

/** When a search gives up. */
export interface SearchLimits {
  /** Asked now and then: milliseconds that are left. */
  readonly remainingMs: () => number;
  /** Bytes that remembered configurations and states may take. */
  readonly memoryBytes: number;
}

/** What a search found. Calls are named by their positions in the list that it was given. */
export interface SearchOutcome {
  /** `linearizable`: `order` is a witness. `not-linearizable`: no order exists. Else: why it gave up. */
  readonly end: 'linearizable' | 'not-linearizable' | 'deadline' | 'memory';
  /** The order that explains the most completed calls of all that were tried. */
  readonly order: readonly number[];
  /** Configurations (set of calls that took effect, state) reached. */
  readonly configurations: number;
}

/** A decision procedure for linearizability. Throws a ModelError when the model is at fault. */
export type Search = (calls: readonly Call[], machine: StateMachine, limits: SearchLimits) => SearchOutcome;

/** The algorithms by name. */
export const searches = { wgl } as const satisfies Readonly<Record<string, Search>>;

/** Name of a search algorithm. */
export type Algorithm = keyof typeof searches;
