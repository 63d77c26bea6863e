/**
 * How a frontier search goes about it: with which account of crashed calls, and with which reductions.
 */
import type { Reduction } from '../search.ts';
import type { StateMachine } from '../state-machine.ts';
import type { MoveOptions } from './moves.ts';
import type { TimelineOptions } from './timeline.ts';

/** How to search. */
export interface FrontierOptions {
  /** Let crashed calls be used any number of times: a first pass that may end `undecided`. */
  readonly relaxed: boolean;
  /** Reductions that are off. */
  readonly without: ReadonlySet<Reduction>;
}

/** How open calls are told apart. */
export function timelineOptions({ without }: FrontierOptions): TimelineOptions {
  return {
    eager: !without.has('eager'),
    hiding: !without.has('hiding'),
    crashCounts: !without.has('crash-counts'),
    // It takes for granted that reads take effect as soon as they can.
    lookAhead: !without.has('look-ahead') && !without.has('eager'),
  };
}

/** Which moves there are. */
export function moveOptions({ without }: FrontierOptions, machine: StateMachine): MoveOptions {
  return {
    symmetry: !without.has('symmetry'),
    commuting: !without.has('commuting') && machine.model.commutes !== undefined,
  };
}
