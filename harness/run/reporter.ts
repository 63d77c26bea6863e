/**
 * The reporter's contract: turns a finished run into a file. One file under reports/ each.
 */
import type { LogEntry } from '../history/checker.ts';
import type { History } from '../history/operation.ts';
import type { RunResults, TestPlan } from './results.ts';

/** Everything a report is made from. */
export interface RunRecord {
  readonly plan: TestPlan;
  readonly results: RunResults;
  readonly history: History;
  /** Each node's log. */
  readonly logs: Readonly<Record<string, readonly LogEntry[]>>;
}

/** A kind of report. */
export interface Reporter {
  /** What `--format` calls it. */
  readonly name: string;
  /** File name in the run's directory. */
  readonly file: string;
  /** The file's text. */
  render(record: RunRecord): string | Promise<string>;
}
