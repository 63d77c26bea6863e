/**
 * Reads histories, ours and others', whatever the format: recognised by content, gzip or not. The registry
 * of formats is here; one more is one file like its neighbours and one line below.
 */
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { messageOf, UsageError } from '../errors.ts';
import { etcdLog } from './etcd-log.ts';
import type { FormatOptions, HistoryFormat, ParsedHistory } from './format.ts';
import { jepsenEdn } from './jepsen-edn.ts';
import { jepsenJson } from './jepsen-json.ts';
import { jsonl } from './jsonl.ts';
import type { History } from './operation.ts';
import { porcupineKv } from './porcupine-kv.ts';
import { HistorySource } from './source.ts';

/** All formats, the most specific first: the first that recognises a file reads it. */
export const formats = [
  jsonl,
  porcupineKv,
  jepsenEdn,
  jepsenJson,
  etcdLog,
] as const satisfies HistoryFormat[];

/** A format's name. */
export type FormatName = (typeof formats)[number]['name'];

/** How to read a history. */
export interface ReadOptions extends FormatOptions {
  /** Recognised by content unless given. */
  readonly format?: FormatName;
}

/** A history with the format it was in. */
export interface ReadHistory extends ParsedHistory {
  readonly format: FormatName;
}

/** The format of that name. Throws a UsageError that lists them all if there is none. */
export function formatNamed(name: string): FormatName {
  return lookUp(name).name;
}

function lookUp(name: string): (typeof formats)[number] {
  const format = formats.find((candidate) => candidate.name === name);
  if (format !== undefined) return format;
  throw new UsageError(`unknown history format "${name}": expected one of ${names()}`);
}

/**
 * Reads the history in that file. Throws a UsageError if the file cannot be read, holds nothing, or is
 * malformed: with file, line, field and what was expected.
 */
export async function readHistory(path: string, options: ReadOptions = {}): Promise<ReadHistory> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${explain(error)}`, { cause: error });
  }
  return parseHistory(bytes, path, options);
}

/** Parses a history, text or bytes, gzip or not. `name` is what errors call it. Throws like readHistory. */
export function parseHistory(
  content: string | Uint8Array,
  name: string,
  options: ReadOptions = {},
): ReadHistory {
  const bytes = typeof content === 'string' ? Buffer.from(content) : gunzipped(content, name);
  const source = new HistorySource(name, bytes);
  const head = source.head();
  if (head.trim() === '') throw new UsageError(`${name}: the file is empty; expected a history (${names()})`);
  const format =
    options.format === undefined
      ? formats.find((candidate) => candidate.detect(head))
      : lookUp(options.format);
  if (format === undefined) {
    throw source.malformed(1, `not recognised as a history; expected one of ${names()}, or name the format`);
  }
  return { ...format.parse(source, options), format: format.name };
}

/** The text of a history file. Throws a UsageError for what the format cannot express. */
export function formatHistory(history: History, name: FormatName, options: FormatOptions = {}): string {
  return lookUp(name).write(history, options);
}

function names(): string {
  return formats.map(({ name }) => name).join(', ');
}

function gunzipped(bytes: Uint8Array, name: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new UsageError(`${name}: damaged gzip data: ${messageOf(error)}`, { cause: error });
  }
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory; name the history in it, such as history.jsonl',
  EACCES: 'permission denied',
};

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return EXPLANATIONS[code] ?? messageOf(error);
}
