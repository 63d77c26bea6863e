/**
 * Jepsen's history.edn: one map a line (`{:type :invoke, :f :read, :value nil, :process 0, :time 123, :index 0}`),
 * or one big vector of them, tagged or not. Processes that are not numbers (`:nemesis`, and whatever else is
 * no client) become the nemesis.
 */
import type { Json } from '../json.ts';
import { EdnEntries } from './edn-entries.ts';
import { writeEdn, writeKeyword } from './edn-writer.ts';
import type { HistoryFormat, HistoryParser } from './format.ts';
import { writtenValue, type FormatOptions } from './independent.ts';
import type { Operation } from './operation.ts';

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
  dialect: 'foreign',
  detect: (head) => /^(\s|,|;[^\n]*\n)*(#[\w.]+\s*)?[[(]?\s*(#[\w.]+\s*)?\{\s*:/.test(head),
  parser: (builder): HistoryParser =>
    new EdnEntries(builder.source, (entry, line) => builder.add(entry, line)),
  write: (history, options) =>
    history.map((operation, index) => writeLine(operation, index, options)).join(''),
} as const satisfies HistoryFormat;
