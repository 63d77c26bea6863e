/**
 * history.jsonl, splitbrain's own format: one operation a line as JSON, in order of index, written as things
 * happen. Whoever writes it may be killed at any moment, so a last line without its end may be torn; any
 * other line that cannot be read is an error.
 */
import { messageOf, type UsageError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { HistoryBuilder } from './builder.ts';
import type { HistoryFormat, HistoryParser } from './format.ts';
import { LineScanner } from './jsonl-scanner.ts';
import type { Operation } from './operation.ts';
import type { TextBlock } from './source.ts';

const NEWLINE = 0x0a;

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

/** Lines as we write them are scanned; all others go the way of JSON.parse, which also says what is wrong. */
class JsonlParser implements HistoryParser {
  readonly #builder: HistoryBuilder;
  readonly #scanner = new LineScanner();
  /** Lines so far. */
  #line = 0;
  /** The last line, if it could not be read: an error unless nothing follows and it is torn. */
  #unreadable: UsageError | undefined;
  #torn = false;

  constructor(builder: HistoryBuilder) {
    this.#builder = builder;
  }

  take({ bytes, torn }: TextBlock): void {
    this.#torn = torn;
    const scans = !this.#builder.independent;
    this.#scanner.begin(bytes);
    for (let start = 0; start <= bytes.length;) {
      this.#line += 1;
      const operation = scans ? this.#scanner.scan(start) : undefined;
      if (operation !== undefined && this.#unreadable === undefined) {
        this.#builder.addWhole(operation, this.#line);
        start = this.#scanner.lineEnd + 1;
      } else {
        const newline = bytes.indexOf(NEWLINE, start);
        const end = newline === -1 ? bytes.length : newline;
        this.#parseLine(bytes.toString('utf8', start, end));
        start = end + 1;
      }
    }
  }

  end(): void {
    if (this.#unreadable === undefined) return;
    if (!this.#torn) throw this.#unreadable;
    this.#builder.note(`line ${this.#line} is torn, as when a recording is killed, and was left out`);
  }

  #parseLine(line: string): void {
    if (this.#unreadable !== undefined) throw this.#unreadable;
    if (line === '') return;
    let entry: Json;
    try {
      entry = JSON.parse(line) as Json;
    } catch (error) {
      const message = `expected one operation as JSON: ${messageOf(error)}`;
      this.#unreadable = this.#builder.source.malformed(this.#line, message);
      return;
    }
    this.#builder.add(entry, this.#line);
  }
}

/** The format of `history.jsonl`. */
export const jsonl = {
  name: 'jsonl',
  summary: "splitbrain's own history.jsonl: one operation a line",
  dialect: 'own',
  detect: (head) => head.startsWith('{"index":'),
  parser: (builder): HistoryParser => new JsonlParser(builder),
  write: (history) => history.map((operation, index) => formatLine(ordered(operation, index))).join(''),
} as const satisfies HistoryFormat;
