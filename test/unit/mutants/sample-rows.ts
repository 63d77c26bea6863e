/**
 * Rows as if they had been measured.
 */
import type { Outcome } from '../../mutants/outcome.ts';
import type { MeasuredRow } from '../../mutants/results.ts';
import type { RowRuntime } from '../../mutants/row.ts';

/** A try of one run in ten seconds, in which nothing happened but what is said. */
export function outcome(said: Partial<Outcome>): Outcome {
  return { seed: 1, found: false, by: [], runs: 1, failed: 0, notJudged: 0, seconds: 10, ...said };
}

/** A row of the target `store`. */
export function measured(variant: string, runtime: RowRuntime, tries: readonly Outcome[]): MeasuredRow {
  return { target: 'store', variant, runtime, version: '1.0.0 (abc)', tries };
}
