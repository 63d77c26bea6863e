/**
 * history.jsonl, splitbrain's own format: one operation a line as JSON, in order of index, written as things
 * happen. Whoever writes it may be killed at any moment, so a last line without its end may be torn; any
 * other line that cannot be read is an error.
 */
import { messageOf, type UsageError } from '../errors.ts';
import type { Json } from '../json.ts';
import { HistoryBuilder } from './builder.ts';
import type { FormatOptions, HistoryFormat, ParsedHistory } from './format.ts';
import type { Operation } from './operation.ts';
import type { HistorySource } from './source.ts';

type Draft = { -readonly [name in keyof Operation]: Operation[name] };

/** One line, with its end. The first field is always `index`, by which the format is recognised. */
export function formatLine(operation: Operation): string {
  return `${JSON.stringify(operation)}\n`;
}

/** The operation with its fields in the order in which they are written. */
export function ordered(operation: Omit<Operation, 'index'>, index: number): Operation {
  const { time, process, type, f, value, key, error, node } = operation;
  const entry: Draft = { index, time, process, type, f, value };
  if (key !== undefined) entry.key = key;
  if (error !== undefined) entry.error = error;
  if (node !== undefined) entry.node = node;
  return entry;
}

function parse(source: HistorySource, options: FormatOptions): ParsedHistory {
  const builder = new HistoryBuilder(source, 'own', options);
  let number = 0;
  let unreadable: UsageError | undefined;
  for (const line of source.lines()) {
    if (unreadable !== undefined) throw unreadable;
    number += 1;
    if (line === '') continue;
    let entry: Json;
    try {
      entry = JSON.parse(line) as Json;
    } catch (error) {
      unreadable = source.malformed(number, `expected one operation as JSON: ${messageOf(error)}`);
      continue;
    }
    builder.add(entry, number);
  }
  if (unreadable !== undefined) {
    if (!source.torn) throw unreadable;
    builder.note(`line ${number} is torn, as when a recording is killed, and was left out`);
  }
  return builder.finish();
}

/** The format of `history.jsonl`. */
export const jsonl = {
  name: 'jsonl',
  summary: "splitbrain's own history.jsonl: one operation a line",
  detect: (head) => head.startsWith('{"index":'),
  parse,
  write: (history) => history.map((operation, index) => formatLine(ordered(operation, index))).join(''),
} as const satisfies HistoryFormat;
