/**
 * Reads a run's trace. An entry at a time, because a long run has more of them than are wanted in memory at once.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HistorySource } from '../history/source.ts';
import { isJsonObject } from '../json.ts';
import type { RunRecord } from '../run/reporter.ts';
import type { TraceEntry } from '../run/trace.ts';
import { RUN_FILES } from './directory.ts';

/**
 * The trace in this run directory, as a record has it; nothing when the run was not traced. The file is read
 * anew each time the trace is iterated.
 */
export function traceIn(directory: string): Pick<RunRecord, 'trace'> {
  const path = join(directory, RUN_FILES.trace);
  return existsSync(path) ? { trace: { [Symbol.iterator]: () => entriesOf(path) } } : {};
}

/** Throws a UsageError at a line that is no entry, unless it is the last and torn, as when the run was killed. */
function* entriesOf(path: string): Generator<TraceEntry, void> {
  const source = new HistorySource(path, readFileSync(path));
  let number = 0;
  let unreadable: number | undefined;
  for (const line of source.lines()) {
    number++;
    if (unreadable !== undefined) break;
    const entry = entryOf(line);
    if (entry === undefined) unreadable = number;
    else yield entry;
  }
  if (unreadable === undefined || (unreadable === number && source.torn)) return;
  throw source.malformed(unreadable, 'expected an entry of a trace: an object with "time" and "what"');
}

function entryOf(line: string): TraceEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const known =
      isJsonObject(value) && typeof value['time'] === 'number' && typeof value['what'] === 'string';
    return known ? (value as unknown as TraceEntry) : undefined;
  } catch {
    return undefined;
  }
}
