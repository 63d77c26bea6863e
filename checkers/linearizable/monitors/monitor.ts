/**
 * The contract of a monitor: an algorithm made for one kind of object, which decides in near-linear time where its conditions
 * hold (most often: that values are unique), and says so where they do not. Then the general search takes over.
 *
 * A model lists the monitors that know its operations; they are tried in that order.
 */
import type { Calls } from '../calls.ts';

/** What a monitor found out. Calls are named by their positions among the calls that it was given. */
export type MonitorVerdict =
  | {
      readonly valid: true;
      /** An order of the operations that the model allows, made when it is asked for; undefined where the monitor makes none. */
      readonly order?: () => readonly number[];
    }
  | {
      readonly valid: false;
      /**
       * Few calls that contradict each other: by themselves, without any of the others, they are not linearizable. In order of
       * invocation, without duplicates.
       */
      readonly conflict: readonly number[];
      /** Why these cannot be, in a sentence without its full stop: `the value 3 is read after it was overwritten`. */
      readonly reason: string;
    }
  | {
      readonly valid: 'inapplicable';
      /** Which condition does not hold, in a few words: `the value 3 is written twice`. */
      readonly why: string;
    };

/** A decision procedure for one kind of object. */
export interface Monitor {
  /** What a verdict calls it: `register-zones`. */
  readonly name: string;
  /** Decides whether the calls are linearizable, starting in the model's state `initial`. Exact whenever it decides. */
  check(calls: Calls, initial: unknown): MonitorVerdict;
}
