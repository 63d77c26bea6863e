/**
 * Jepsen's history.edn: one map a line (`{:type :invoke, :f :read, :value nil, :process 0, :time 123, :index 0}`),
 * or one big vector of them, tagged or not. Processes that are not numbers (`:nemesis`, and whatever else is
 * no client) become the nemesis.
 */
import type { Json } from '../json.ts';
import { HistoryBuilder } from './builder.ts';
import { readEdn } from './edn-reader.ts';
import { writeEdn, writeKeyword } from './edn-writer.ts';
import { writtenValue, type FormatOptions, type HistoryFormat, type ParsedHistory } from './format.ts';
import type { Operation } from './operation.ts';
import type { HistorySource } from './source.ts';

/** Reads entries of either shape, each with its line. */
export function readEntries(source: HistorySource): { readonly entry: Json; readonly line: number }[] {
  const { forms, lines, elementLines } = readEdn(source.text(), (line, message) =>
    source.malformed(line, message),
  );
  const [only] = forms;
  const [entries, places] =
    forms.length === 1 && Array.isArray(only) ? [only as readonly Json[], elementLines] : [forms, lines];
  return entries.map((entry, position) => ({ entry, line: places[position] ?? 1 }));
}

function parse(source: HistorySource, options: FormatOptions): ParsedHistory {
  const builder = new HistoryBuilder(source, 'foreign', options);
  for (const { entry, line } of readEntries(source)) builder.add(entry, line);
  return builder.finish();
}

function writeLine(operation: Operation, index: number, options: FormatOptions): string {
  const { process, type, f, key, time, error, node } = operation;
  const value = writtenValue(operation, options);
  const fields = [
    `:type :${type}`,
    `:f ${writeKeyword(f)}`,
    `:value ${f === 'txn' ? writeTransaction(value) : writeEdn(value)}`,
    `:process ${process === 'nemesis' ? ':nemesis' : process}`,
    `:time ${time}`,
    `:index ${index}`,
  ];
  if (key !== undefined && options.independent !== true) fields.push(`:key ${writeEdn(key)}`);
  if (error !== undefined) fields.push(`:error ${writeEdn(error)}`);
  if (node !== undefined) fields.push(`:node ${writeEdn(node)}`);
  return `{${fields.join(', ')}}\n`;
}

/** Elle knows micro-operations by keywords: `[[:append 4 2] [:r 5 nil]]`. */
function writeTransaction(value: Json): string {
  if (!Array.isArray(value)) return writeEdn(value);
  return `[${(value as readonly Json[]).map(writeMicroOperation).join(' ')}]`;
}

function writeMicroOperation(operation: Json): string {
  if (!Array.isArray(operation) || typeof operation[0] !== 'string') return writeEdn(operation);
  const [f, ...rest] = operation as [string, ...Json[]];
  return `[${[writeKeyword(f), ...rest.map(writeEdn)].join(' ')}]`;
}

/** Jepsen's EDN. */
export const jepsenEdn = {
  name: 'jepsen-edn',
  summary: "Jepsen's history.edn: one map a line, or a vector of maps",
  detect: (head) => /^(\s|,|;[^\n]*\n)*(#[\w.]+\s*)?[[(]?\s*(#[\w.]+\s*)?\{\s*:/.test(head),
  parse,
  write: (history, options) =>
    history.map((operation, index) => writeLine(operation, index, options)).join(''),
} as const satisfies HistoryFormat;
