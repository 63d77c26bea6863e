/**
 * The node's log: one JSON line an entry, as harness/history/checker.ts reads them (LogEntry). Written
 * synchronously to wherever the runtime points standard output, so the last line before a crash is there.
 */
import type { JsonObject } from '../json.ts';
import type { NodeClock, NodeId, NodeLog } from './program.ts';

/** A log that gives each line, ended by a newline, to `write`. */
export function createLog(node: NodeId, clock: NodeClock, write: (line: string) => void): NodeLog {
  const entry = (level: string, event: string, fields: JsonObject = {}): void => {
    const head = { time: clock.wall(), level, event, node };
    // The head comes first for readers and counts last, so that no field can pass for it.
    write(`${JSON.stringify({ ...head, ...fields, ...head })}\n`);
  };
  return {
    debug: (event, fields) => entry('debug', event, fields),
    info: (event, fields) => entry('info', event, fields),
    warn: (event, fields) => entry('warn', event, fields),
    error: (event, fields) => entry('error', event, fields),
  };
}
