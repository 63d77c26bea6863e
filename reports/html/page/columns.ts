/**
 * How a history, the nodes' logs and a trace travel inside the page: as columns, with repeated strings replaced by
 * numbers and times by differences. The same JSON compresses to a third of what rows would, and decodes
 * into rows again without loss. Writer and reader stand together because they must agree.
 */
import type { LogEntry } from '../../../harness/history/checker.ts';
import type { Operation, OperationType, ProcessId } from '../../../harness/history/operation.ts';
import type { Json } from '../../../harness/json.ts';
import type { TraceItem, TraceKind } from './trace-items.ts';

/** A column of JSON values as indices into the distinct ones; -1 stands for an absent value. */
interface Dictionary {
  readonly distinct: readonly Json[];
  readonly indices: readonly number[];
}

/** A history in columns. */
export interface HistoryColumns {
  /** Differences between successive indices, and between successive times in nanoseconds. */
  readonly index: readonly number[];
  readonly time: readonly number[];
  readonly process: Dictionary;
  readonly type: Dictionary;
  readonly f: Dictionary;
  readonly value: Dictionary;
  readonly key: Dictionary;
  readonly error: Dictionary;
  readonly node: Dictionary;
}

/** The history in columns. */
export function packHistory(history: readonly Operation[]): HistoryColumns {
  return {
    index: differences(history.map((entry) => entry.index)),
    time: differences(history.map((entry) => entry.time)),
    process: dictionary(history.map((entry) => entry.process)),
    type: dictionary(history.map((entry) => entry.type)),
    f: dictionary(history.map((entry) => entry.f)),
    value: dictionary(history.map((entry) => entry.value)),
    key: dictionary(history.map((entry) => entry.key)),
    error: dictionary(history.map((entry) => entry.error)),
    node: dictionary(history.map((entry) => entry.node)),
  };
}

/** The history that was packed. */
export function unpackHistory(columns: HistoryColumns): Operation[] {
  const indices = sums(columns.index);
  const times = sums(columns.time);
  return indices.map((index, row) => {
    const operation: { -readonly [Field in keyof Operation]: Operation[Field] } = {
      index,
      time: times[row] ?? 0,
      process: lookUp(columns.process, row) as ProcessId,
      type: lookUp(columns.type, row) as OperationType,
      f: lookUp(columns.f, row) as string,
      value: lookUp(columns.value, row) ?? null,
    };
    const key = lookUp(columns.key, row);
    const error = lookUp(columns.error, row);
    const node = lookUp(columns.node, row);
    if (key !== undefined) operation.key = key;
    if (error !== undefined) operation.error = error;
    if (node !== undefined) operation.node = node as string;
    return operation;
  });
}

/** A line of some node's log. */
export interface LogLine {
  readonly node: string;
  /** Milliseconds since the test began, by the node's own clock. */
  readonly ms: number;
  readonly level: LogEntry['level'];
  readonly event: string;
  readonly fields: Readonly<Record<string, Json>>;
}

/** Log lines in columns. */
export interface LogColumns {
  readonly ms: readonly number[];
  readonly node: Dictionary;
  readonly level: Dictionary;
  readonly event: Dictionary;
  readonly fields: Dictionary;
}

/** The lines in columns. */
export function packLogs(lines: readonly LogLine[]): LogColumns {
  return {
    ms: differences(lines.map((line) => line.ms)),
    node: dictionary(lines.map((line) => line.node)),
    level: dictionary(lines.map((line) => line.level)),
    event: dictionary(lines.map((line) => line.event)),
    fields: dictionary(lines.map((line) => line.fields)),
  };
}

/** The lines that were packed. */
export function unpackLogs(columns: LogColumns): LogLine[] {
  return sums(columns.ms).map((ms, row) => ({
    node: lookUp(columns.node, row) as string,
    ms,
    level: lookUp(columns.level, row) as LogEntry['level'],
    event: lookUp(columns.event, row) as string,
    fields: lookUp(columns.fields, row) as Readonly<Record<string, Json>>,
  }));
}

/** Items of a trace in columns. */
export interface TraceColumns {
  readonly time: readonly number[];
  /** How long each took; -1 where there is no end. */
  readonly took: readonly number[];
  readonly kind: Dictionary;
  readonly node: Dictionary;
  readonly to: Dictionary;
  readonly fate: Dictionary;
  readonly type: Dictionary;
  readonly content: Dictionary;
}

/** The items in columns. */
export function packTrace(items: readonly TraceItem[]): TraceColumns {
  return {
    time: differences(items.map((item) => item.time)),
    took: items.map(({ time, end }) => (end === undefined ? -1 : end - time)),
    kind: dictionary(items.map((item) => item.kind)),
    node: dictionary(items.map((item) => item.node)),
    to: dictionary(items.map((item) => item.to)),
    fate: dictionary(items.map((item) => item.fate)),
    type: dictionary(items.map((item) => item.type)),
    content: dictionary(items.map((item) => item.content)),
  };
}

/** The items that were packed. */
export function unpackTrace(columns: TraceColumns): TraceItem[] {
  return sums(columns.time).map((time, row) => {
    const item: { -readonly [Field in keyof TraceItem]: TraceItem[Field] } = {
      kind: lookUp(columns.kind, row) as TraceKind,
      time,
      node: lookUp(columns.node, row) as string,
      type: lookUp(columns.type, row) as string,
      content: lookUp(columns.content, row) ?? null,
    };
    const to = lookUp(columns.to, row);
    const took = columns.took[row] ?? -1;
    const fate = lookUp(columns.fate, row);
    if (to !== undefined) item.to = to as string;
    if (took >= 0) item.end = time + took;
    if (fate !== undefined) item.fate = fate as string;
    return item;
  });
}

function differences(numbers: readonly number[]): number[] {
  return numbers.map((number, row) => number - (numbers[row - 1] ?? 0));
}

function sums(numbers: readonly number[]): number[] {
  let sum = 0;
  return numbers.map((difference) => (sum += difference));
}

function dictionary(values: readonly (Json | undefined)[]): Dictionary {
  const distinct: Json[] = [];
  const known = new Map<string, number>();
  const indices = values.map((value) => {
    if (value === undefined) return -1;
    const text = JSON.stringify(value);
    const found = known.get(text);
    if (found !== undefined) return found;
    known.set(text, distinct.length);
    return distinct.push(value) - 1;
  });
  return { distinct, indices };
}

function lookUp({ distinct, indices }: Dictionary, row: number): Json | undefined {
  return distinct[indices[row] ?? -1];
}
