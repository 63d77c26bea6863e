/**
 * Jepsen's histories as JSON: an array of operations, or operations one after another, laid out over lines
 * in any way. EDN's keywords are strings, its sets {"$set": […]}.
 *
 * The text is cut into entries first and each is parsed by itself, so that an error names its line.
 */
import { messageOf } from '../errors.ts';
import type { Json } from '../json.ts';
import { HistoryBuilder } from './builder.ts';
import { writtenValue, type FormatOptions, type HistoryFormat, type ParsedHistory } from './format.ts';
import { ordered } from './jsonl.ts';
import type { HistorySource } from './source.ts';

const LONG = /\d{16}/;
const LONG_INTEGER = /^-?\d{16,}$/;

/** Strings, braces and line ends: all that matters for finding where an entry begins and ends. */
const MARK = /"[^"\\]*(?:\\[^][^"\\]*)*"?|[{}\n]/g;
/** Between entries: blanks and commas. */
const BETWEEN = /^[\s,]*$/;

interface Slice {
  readonly text: string;
  readonly line: number;
}

/** Cuts a text into its outermost objects. */
function* slices(source: HistorySource): Generator<Slice, void> {
  const text = source.text();
  const [first, last] = arrayBounds(text);
  let [end, start, startLine, depth, line] = [first, 0, 1, 0, 1];
  for (const { 0: mark, index } of text.matchAll(MARK)) {
    if (mark === '\n') line += 1;
    if (mark === '{' && depth++ === 0) {
      expectNothing(text.slice(end, index), line, source);
      [start, startLine] = [index, line];
    }
    if (mark === '}' && depth > 0 && --depth === 0) {
      end = index + 1;
      yield { text: text.slice(start, end), line: startLine };
    }
  }
  if (depth > 0) throw source.malformed(startLine, 'expected a closing }: this operation is never closed');
  expectNothing(text.slice(end, last), line, source);
}

/** From behind the array's opening bracket to before its closing one, or the whole text. */
function arrayBounds(text: string): [number, number] {
  const start = text.search(/\S/);
  const end = text.trimEnd().length;
  if (text[start] !== '[') return [0, end];
  return [start + 1, text[end - 1] === ']' ? end - 1 : end];
}

function expectNothing(between: string, line: number, source: HistorySource): void {
  if (BETWEEN.test(between)) return;
  throw source.malformed(line, `expected an operation as a JSON object, got ${between.trim().slice(0, 60)}`);
}

/** Integers that a JavaScript number would round stay text: rounded, two of them might be equal. */
function exact(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source ?? '';
  return typeof value === 'number' && LONG_INTEGER.test(source) && String(value) !== source ? source : value;
}

function parseEntry({ text, line }: Slice, source: HistorySource): Json {
  try {
    return (LONG.test(text) ? JSON.parse(text, exact) : JSON.parse(text)) as Json;
  } catch (error) {
    throw source.malformed(line, `expected an operation as a JSON object: ${messageOf(error)}`);
  }
}

function parse(source: HistorySource, options: FormatOptions): ParsedHistory {
  const builder = new HistoryBuilder(source, 'foreign', options);
  for (const slice of slices(source)) builder.add(parseEntry(slice, source), slice.line);
  return builder.finish();
}

/** Jepsen's JSON. */
export const jepsenJson = {
  name: 'jepsen-json',
  summary: "Jepsen's operations as JSON: an array, or one after another",
  detect: (head) => /^\s*(\[\s*)?(\{\s*["}]|\])/.test(head),
  parse,
  write(history, options) {
    const lines = history.map((operation, index) => {
      const { key, ...rest } = ordered(operation, index);
      const joined = { ...rest, value: writtenValue(operation, options) };
      return JSON.stringify(key === undefined || options.independent === true ? joined : { ...joined, key });
    });
    return `[\n${lines.join(',\n')}\n]\n`;
  },
} as const satisfies HistoryFormat;
