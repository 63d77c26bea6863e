/**
 * Text logs of Porcupine's key-value test: `{:process 9, :type :invoke, :f :append, :key "0", :value "x 9 0 y"}`,
 * one map a line. There are get, put and append over string keys; what a get saw is in its `:ok`.
 *
 * The format knows only invocations and successes. An operation that certainly failed is therefore not
 * written at all, one with an unknown outcome is written without completion, and the nemesis is left out.
 */
import { UsageError } from '../errors.ts';
import { isJsonObject, type Json } from '../json.ts';
import type { HistoryBuilder } from './builder.ts';
import { EdnEntries } from './edn-entries.ts';
import { writeEdn } from './edn-writer.ts';
import type { HistoryFormat, HistoryParser } from './format.ts';
import { pairCalls, type History, type Operation } from './operation.ts';

const FUNCTIONS: readonly (Json | undefined)[] = ['get', 'put', 'append'];

function add(entry: Json, line: number, builder: HistoryBuilder): void {
  if (isJsonObject(entry) && !FUNCTIONS.includes(entry.f)) {
    throw builder.source.malformedField(line, 'f', 'one of get, put, append', entry.f);
  }
  if (isJsonObject(entry) && typeof entry.key !== 'string') {
    throw builder.source.malformedField(line, 'key', 'a string', entry.key);
  }
  builder.add(entry, line);
}

function writeLine({ index, process, type, f, key, value }: Operation): string {
  const plain = typeof key === 'string' && (value === null || typeof value === 'string');
  if (!FUNCTIONS.includes(f) || !plain) {
    throw new UsageError(
      `porcupine-kv holds get, put and append of strings by string keys; operation ${index} is ${f} of key ${JSON.stringify(key)} and value ${JSON.stringify(value)}: write jepsen-edn instead`,
    );
  }
  return `{:process ${process}, :type :${type}, :f :${f}, :key ${writeEdn(key)}, :value ${writeEdn(value)}}\n`;
}

function write(history: History): string {
  const written = pairCalls(history).flatMap(({ invoke, completion }) => {
    if (completion?.type === 'fail') return [];
    return completion?.type === 'ok' ? [invoke, completion] : [invoke];
  });
  return written
    .sort((a, b) => a.index - b.index)
    .map(writeLine)
    .join('');
}

/** Porcupine's key-value logs. */
export const porcupineKv = {
  name: 'porcupine-kv',
  summary: "logs of Porcupine's key-value test: get, put, append, one EDN map a line",
  dialect: 'foreign',
  detect: (head) => /^\s*\{:process \d+, :type :\w+, :f :(get|put|append), :key /.test(head),
  parser: (builder): HistoryParser =>
    new EdnEntries(builder.source, (entry, line) => add(entry, line, builder)),
  write,
} as const satisfies HistoryFormat;
