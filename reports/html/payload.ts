/**
 * Packs what the page's script needs into one compressed text.
 */
import { gzipSync } from 'node:zlib';
import type { LogEntry } from '../../harness/history/checker.ts';
import type { RunRecord } from '../../harness/run/reporter.ts';
import { problemsOf } from '../words.ts';
import { packHistory, packLogs, packTrace, type LogLine } from './page/columns.ts';
import type { MarkedWindow, PageData, TraceData } from './page/data.ts';
import { windowOf } from './places.ts';
import type { TracePart } from './trace.ts';

/** Lines of logs that a page carries; of more, the unimportant ones are left out first, then the oldest. */
export const LOG_LINES_MAX = 100_000;

/** The payload as base64 of gzip of JSON: no character in it means anything to HTML. */
export function encodePayload(
  { plan, results, history }: RunRecord,
  lines: readonly LogLine[],
  trace?: TracePart,
): string {
  const data: PageData = {
    concurrency: plan.concurrency,
    history: packHistory(history),
    faults: results.faults,
    problems: problemsOf(results).flatMap(({ problem }, place): MarkedWindow[] => {
      const window = windowOf(problem, history);
      return window === undefined ? [] : [{ number: place + 1, from: window[0], to: window[1] }];
    }),
    logs: packLogs(lines),
    ...(trace === undefined ? {} : { trace: traceData(trace, plan.nodes) }),
  };
  return gzipSync(JSON.stringify(data)).toString('base64');
}

function traceData({ items, from, to }: TracePart, nodes: readonly string[]): TraceData {
  return { nodes, from, to, items: packTrace(items) };
}

/** All nodes' lines in order of time, and how many of them had to be left out. */
export function logLines({ plan, results, logs }: RunRecord): { lines: LogLine[]; omitted: number } {
  const zero = results.startedMs ?? Date.parse(plan.started);
  const all = Object.entries(logs).flatMap(([node, entries]) =>
    entries.map((entry) => toLine(node, entry, zero)),
  );
  all.sort((a, b) => a.ms - b.ms);
  if (all.length <= LOG_LINES_MAX) return { lines: all, omitted: 0 };
  const important = all.filter((line) => line.level !== 'debug').slice(-LOG_LINES_MAX);
  return { lines: important, omitted: all.length - important.length };
}

function toLine(node: string, entry: LogEntry, zero: number): LogLine {
  const { time, level, event, node: _, ...fields } = entry;
  return { node, ms: time - zero, level, event, fields };
}
