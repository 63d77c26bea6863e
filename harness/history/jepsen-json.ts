/**
 * Jepsen's histories as JSON: an array of operations, or operations one after another, laid out over lines
 * in any way. EDN's keywords are strings, its sets {"$set": […]}.
 *
 * The text is cut into entries first and each is parsed by itself, so that an error names its line, and so that a
 * history can be streamed. Where each line holds one entry, as most writers have it, nothing needs to be searched for.
 */
import { messageOf } from '../errors.ts';
import type { Json } from '../json.ts';
import type { HistoryBuilder } from './builder.ts';
import type { HistoryFormat, HistoryParser } from './format.ts';
import { writtenValue } from './independent.ts';
import { ordered } from './jsonl.ts';
import type { SourceName, TextBlock } from './source.ts';

const LONG = /\d{16}/;
const LONG_INTEGER = /^-?\d{16,}$/;

/** Strings, braces and line ends: all that matters for finding where an entry begins and ends. */
const MARK = /"[^"\\]*(?:\\[^][^"\\]*)*"?|[{}\n]/g;
/** Between entries: blanks and commas. */
const BETWEEN = /^[\s,]*$/;
const BLANKS = /[\s,]*/y;
const AT_LINE_END = ' \t\r,';

class JepsenJsonParser implements HistoryParser {
  readonly #builder: HistoryBuilder;
  readonly #source: SourceName;
  /** Text behind the last entry, and how much there must be to look for the next. */
  #held = '';
  #wanted = 0;
  /** Lines before the text. */
  #linesBefore = 0;
  #begun = false;
  #inArray = false;
  /** Entries are still found by line. */
  #byLine = true;

  constructor(builder: HistoryBuilder) {
    this.#builder = builder;
    this.#source = builder.source;
  }

  take({ text, torn }: TextBlock): void {
    this.#held += torn ? text : `${text}\n`;
    // To begin an entry anew with each block would take quadratic time where it spreads over many.
    if (this.#held.length < this.#wanted) return;
    this.#read();
    this.#wanted = 2 * this.#held.length;
  }

  end(): void {
    const openLine = this.#read();
    if (openLine !== undefined) {
      throw this.#source.malformed(openLine, 'expected a closing }: this operation is never closed');
    }
    const rest = this.#held.trimEnd();
    const closed = this.#inArray && rest.endsWith(']') ? rest.slice(0, -1) : rest;
    this.#expectNothing(closed, this.#linesBefore + rest.split('\n').length);
  }

  /** Adds the entries that the text holds whole. Answers on which line another begins, if one does. */
  #read(): number | undefined {
    if (!this.#begun) this.#begin();
    if (this.#byLine) this.#readLines();
    return this.#search();
  }

  #begin(): void {
    const start = this.#held.search(/\S/);
    if (start === -1) return;
    this.#begun = true;
    if (this.#held[start] !== '[') return;
    this.#inArray = true;
    this.#drop(start + 1, 0);
  }

  /** Parses lines as entries, as long as they are. */
  #readLines(): void {
    const text = this.#held;
    let [end, line] = [0, 1];
    for (;;) {
      BLANKS.lastIndex = end;
      const blanks = BLANKS.exec(text)?.[0] ?? '';
      const start = end + blanks.length;
      if (text[start] !== '{') break;
      const newline = text.indexOf('\n', start);
      let entryEnd = newline === -1 ? text.length : newline;
      while (AT_LINE_END.includes(text.charAt(entryEnd - 1))) entryEnd -= 1;
      const entry = text.slice(start, entryEnd);
      const parsed = entry.endsWith('}') ? parseWhole(entry) : undefined;
      this.#byLine = parsed !== undefined;
      if (parsed === undefined) break;
      line += blanks.split('\n').length - 1;
      this.#builder.add(parsed, this.#linesBefore + line);
      end = start + entry.length;
    }
    this.#drop(end, line - 1);
  }

  /** Finds entries by their braces. */
  #search(): number | undefined {
    const text = this.#held;
    const firstLine = this.#linesBefore + 1;
    let [end, endLine, start, startLine, depth, line] = [0, firstLine, 0, firstLine, 0, firstLine];
    for (const { 0: mark, index } of text.matchAll(MARK)) {
      if (mark === '\n') line += 1;
      else if (mark.startsWith('"')) line += mark.split('\n').length - 1;
      if (mark === '{' && depth++ === 0) {
        this.#expectNothing(text.slice(end, index), line);
        [start, startLine] = [index, line];
      }
      if (mark === '}' && depth > 0 && --depth === 0) {
        [end, endLine] = [index + 1, line];
        this.#builder.add(parseEntry(text.slice(start, end), startLine, this.#source), startLine);
      }
    }
    this.#drop(end, endLine - firstLine);
    return depth > 0 ? startLine : undefined;
  }

  /** The text up to there is done with. */
  #drop(end: number, lines: number): void {
    this.#held = this.#held.slice(end);
    this.#linesBefore += lines;
  }

  #expectNothing(between: string, line: number): void {
    if (BETWEEN.test(between)) return;
    const got = between.trim().slice(0, 60);
    throw this.#source.malformed(line, `expected an operation as a JSON object, got ${got}`);
  }
}

/** Integers that a JavaScript number would round stay text: rounded, two of them might be equal. */
function exact(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source ?? '';
  return typeof value === 'number' && LONG_INTEGER.test(source) && String(value) !== source ? source : value;
}

function parseExact(text: string): Json {
  return (LONG.test(text) ? JSON.parse(text, exact) : JSON.parse(text)) as Json;
}

/** The entry; undefined if the text is none, or more than one. */
function parseWhole(text: string): Json | undefined {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}

function parseEntry(text: string, line: number, source: SourceName): Json {
  try {
    return parseExact(text);
  } catch (error) {
    throw source.malformed(line, `expected an operation as a JSON object: ${messageOf(error)}`);
  }
}

/** Jepsen's JSON. */
export const jepsenJson = {
  name: 'jepsen-json',
  summary: "Jepsen's operations as JSON: an array, or one after another",
  dialect: 'foreign',
  detect: (head) => /^\s*(\[\s*)?(\{\s*["}]|\])/.test(head),
  parser: (builder): HistoryParser => new JepsenJsonParser(builder),
  write(history, options) {
    const lines = history.map((operation, index) => {
      const { key, ...rest } = ordered(operation, index);
      const joined = { ...rest, value: writtenValue(operation, options) };
      return JSON.stringify(key === undefined || options.independent === true ? joined : { ...joined, key });
    });
    return `[\n${lines.join(',\n')}\n]\n`;
  },
} as const satisfies HistoryFormat;
