/**
 * The reporter's contract: turns a finished run into a file. One file under reports/ each.
 */
import type { LogEntry } from '../history/checker.ts';
import type { History } from '../history/operation.ts';
import type { RunResults, TestPlan } from './results.ts';
import type { TraceEntry } from './trace.ts';

/** Everything a report is made from. */
export interface RunRecord {
  readonly plan: TestPlan;
  readonly results: RunResults;
  readonly history: History;
  /** Each node's log. */
  readonly logs: Readonly<Record<string, readonly LogEntry[]>>;
  /** What happened between and inside the nodes, in order of time, if the run was traced. May be long: read it once. */
  readonly trace?: Iterable<TraceEntry>;
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
