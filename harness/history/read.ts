/**
 * Reads histories, ours and others', whatever the format: recognised by content, gzip or not. The registry
 * of formats is here; one more is one file like its neighbours and one line below.
 */
import { UsageError, didYouMean } from '../errors.ts';
import { HistoryBuilder } from './builder.ts';
import { etcdLog } from './etcd-log.ts';
import type { HistoryFormat, HistoryParser } from './format.ts';
import type { FormatOptions } from './independent.ts';
import { gunzipped, headOf, readBlocks, readHead, STANDARD_INPUT } from './input.ts';
import { jepsenEdn } from './jepsen-edn.ts';
import { jepsenJson } from './jepsen-json.ts';
import { jsonl } from './jsonl.ts';
import type { History, Operation } from './operation.ts';
import { plume } from './plume.ts';
import { porcupineKv } from './porcupine-kv.ts';
import { HistorySource, SourceName, TextBlock } from './source.ts';

/** All formats, the most specific first: the first that recognises a file reads it. */
export const formats = [
  jsonl,
  porcupineKv,
  jepsenEdn,
  jepsenJson,
  etcdLog,
  plume,
] as const satisfies HistoryFormat[];

type Format = (typeof formats)[number];

/** A format's name. */
export type FormatName = Format['name'];

/** Enough to recognise a format by. */
const HEAD_LENGTH = 1 << 16;

/** How to read a history. */
export interface ReadOptions extends FormatOptions {
  /** Recognised by content unless given. */
  readonly format?: FormatName;
}

/** A history with the format it was in. */
export interface ReadHistory {
  readonly history: Operation[];
  readonly format: FormatName;
  /** What a reader should know: a torn last line, times that were made up, … One sentence each. */
  readonly notes: readonly string[];
  /** The format says nothing about real time; absent where it does. */
  readonly timeless?: true;
}

/** The format of that name. Throws a UsageError that lists them all if there is none. */
export function formatNamed(name: string): FormatName {
  return lookUp(name).name;
}

function lookUp(name: string): Format {
  const format = formats.find((candidate) => candidate.name === name);
  if (format !== undefined) return format;
  const hint = didYouMean(
    name,
    formats.map((known) => known.name),
  );
  throw new UsageError(`unknown history format "${name}"${hint}: expected one of ${names()}`);
}

/** A history as it is read. */
export interface HistoryStream {
  readonly format: FormatName;
  /** The format says nothing about real time: what the entries' order means is up to each process alone. */
  readonly timeless: boolean;
  /** What a reader should know; complete when the operations have come to their end. One sentence each. */
  readonly notes: readonly string[];
  /**
   * All operations in order, some thousand at a time, once. Where the file is malformed, throws a UsageError with file,
   * line, field and what was expected. Only what is being read is in memory, except for an entry that spreads over
   * many lines.
   */
  readonly operations: AsyncIterable<readonly Operation[]>;
  /** Closes the file, which the end of the operations does too. */
  close(): Promise<void>;
}

/**
 * Begins to read the history in that file, gzip or not; `-` is standard input. Throws a UsageError if the file
 * cannot be read, holds nothing, or is not recognised.
 */
export async function openHistory(path: string, options: ReadOptions = {}): Promise<HistoryStream> {
  const name = path === STANDARD_INPUT ? 'standard input' : path;
  const blocks = readBlocks(path, name);
  const first = await blocks.next();
  const close = async (): Promise<void> => {
    await blocks.return();
  };
  const { format, builder, parser } = await orClose(close, () => {
    return beginParsing(first.done === true ? '' : first.value.text, new SourceName(name), options);
  });
  async function* operations(): AsyncGenerator<readonly Operation[], void> {
    try {
      if (first.done !== true) parser.take(first.value);
      yield builder.take();
      for await (const block of blocks) {
        parser.take(block);
        yield builder.take();
      }
      parser.end();
      builder.end();
      yield builder.take();
    } finally {
      await close();
    }
  }
  return {
    format: format.name,
    timeless: isTimeless(format),
    get notes() {
      return builder.notes;
    },
    operations: operations(),
    close,
  };
}

async function orClose<T>(close: () => Promise<void>, begin: () => T): Promise<T> {
  try {
    return begin();
  } catch (error) {
    await close();
    throw error;
  }
}

/** Reads the history in that file whole. Throws a UsageError like openHistory, and where the file is malformed. */
export async function readHistory(path: string, options: ReadOptions = {}): Promise<ReadHistory> {
  const stream = await openHistory(path, options);
  const history: Operation[] = [];
  for await (const batch of stream.operations) {
    for (const operation of batch) history.push(operation);
  }
  const { format, notes, timeless } = stream;
  return { history, notes, format, ...(timeless && { timeless }) };
}

/** Parses a history, text or bytes, gzip or not. `name` is what errors call it. Throws like readHistory. */
export function parseHistory(
  content: string | Uint8Array,
  name: string,
  options: ReadOptions = {},
): ReadHistory {
  const bytes = typeof content === 'string' ? Buffer.from(content) : gunzipped(content, name);
  const source = new HistorySource(name, bytes);
  const head = headOf(bytes, HEAD_LENGTH);
  const { format, builder, parser } = beginParsing(head, source, options);
  const history: Operation[] = [];
  for (const block of source.blocks()) {
    parser.take(block);
    for (const operation of builder.take()) history.push(operation);
  }
  parser.end();
  for (const operation of builder.take()) history.push(operation);
  builder.end();
  const timeless = isTimeless(format);
  return { history, notes: builder.notes, format: format.name, ...(timeless && { timeless }) };
}

/** Recognises the format, unless it is given, and makes what parses it. */
function beginParsing(
  text: string,
  source: SourceName,
  options: ReadOptions,
): { format: Format; builder: HistoryBuilder; parser: HistoryParser } {
  const head = text.slice(0, HEAD_LENGTH);
  if (head.trim() === '') {
    throw new UsageError(`${source.name}: the file is empty; expected a history (${names()})`);
  }
  const format = options.format === undefined ? detect(head) : lookUp(options.format);
  if (format === undefined) {
    throw source.malformed(1, `not recognised as a history; expected one of ${names()}, or name the format`);
  }
  const builder = new HistoryBuilder(source, format.dialect, options);
  return { format, builder, parser: format.parser(builder) };
}

function detect(head: string): Format | undefined {
  return formats.find((candidate) => candidate.detect(head));
}

/** The text of a history file. Throws a UsageError for what the format cannot express. */
export function formatHistory(history: History, name: FormatName, options: FormatOptions = {}): string {
  return lookUp(name).write(history, options);
}

/** Not every format has the property; one that lacks it has times, or at least an order. */
function isTimeless(format: HistoryFormat): boolean {
  return format.timeless === true;
}

function names(): string {
  return formats.map(({ name }) => name).join(', ');
}

/** What begins like one of these is meant to be one, right or wrong. */
const CERTAIN: readonly HistoryFormat[] = [jsonl, porcupineKv, plume];

/**
 * Whether that file holds a history, as far as its beginning shows. Any JSON or EDN might be one by its notation, any
 * log may quote Jepsen's, and most that lies around is none: there the first entry must be an operation. Throws a
 * UsageError if the file cannot be read.
 */
export async function holdsHistory(path: string): Promise<boolean> {
  const head = await readHead(path, HEAD_LENGTH);
  const format = detect(head);
  if (format === undefined || CERTAIN.includes(format)) return format !== undefined;
  const builder = new HistoryBuilder(new SourceName(path), format.dialect, {});
  try {
    format.parser(builder).take(new TextBlock(Buffer.from(head), true));
  } catch {
    // What came before may have been an operation all the same: then the file is a history, and malformed.
  }
  return builder.take().length > 0;
}
