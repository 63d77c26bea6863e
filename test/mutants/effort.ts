/**
 * How hard the command tries: what is asked of a broken variant and of a correct target, always the same, so that rows of different
 * days can be compared; and a quick look that is no measurement.
 */

/** Numbers of tries and runs. */
export interface Effort {
  /** Searches in the simulator for each variant. */
  readonly searches: number;
  /** In so many of them it must be found. */
  readonly goal: number;
  /** Tests in containers for each variant, of which the first find is the last. */
  readonly tests: number;
  /** Simulated runs of a correct target. */
  readonly correctRuns: number;
  /** Tests in containers of a correct target. */
  readonly correctTests: number;
}

/** What the table is made of. */
export const FULL: Effort = { searches: 10, goal: 8, tests: 5, correctRuns: 50, correctTests: 3 };

/** `--quick`. */
export const QUICK: Effort = { searches: 1, goal: 1, tests: 1, correctRuns: 10, correctTests: 1 };
