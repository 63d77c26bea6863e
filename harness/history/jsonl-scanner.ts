/**
 * Reads a line of history.jsonl as the recorder writes it: fields in their order, no blanks, values that are null,
 * booleans, whole numbers, plain strings, or lists of these. It reads bytes, which need not be decoded first, and is
 * several times as fast as JSON.parse; a history of millions of operations consists of little else. Whatever else a
 * line holds, right or wrong, is not for the scanner: it answers undefined, and JSON.parse has the say.
 */
import type { Json } from '../json.ts';
import type { Operation, OperationType, ProcessId } from './operation.ts';

type Draft = { -readonly [name in keyof Operation]: Operation[name] };

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE = 0x5d;
const SPACE = 0x20;
const NEWLINE = 0x0a;

/** Lists within lists, beyond which recursion is not for the scanner. */
const DEPTH_MAX = 16;
/** Digits that a number surely holds. */
const DIGITS_MAX = 15;
/** Strings that were met before, by their hashes: functions, nodes and keys come again and again. */
const CACHED = 1 << 12;

const ASCII_MAX = 0x7f;

/** What the scanner answers where it does not know. */
const UNKNOWN = Symbol('not for the scanner');

/** What stands before a field's value, and other fixed pieces of a line. */
const PIECES = {
  index: Buffer.from('{"index":'),
  time: Buffer.from(',"time":'),
  process: Buffer.from(',"process":'),
  type: Buffer.from(',"type":'),
  f: Buffer.from(',"f":'),
  value: Buffer.from(',"value":'),
  key: Buffer.from(',"key":'),
  error: Buffer.from(',"error":'),
  node: Buffer.from(',"node":'),
  end: Buffer.from('}'),
  close: Buffer.from(']'),
  nemesis: Buffer.from('"nemesis"'),
  null: Buffer.from('null'),
  true: Buffer.from('true'),
  false: Buffer.from('false'),
};

const TYPES: readonly (readonly [Buffer, OperationType])[] = [
  [Buffer.from('"invoke"'), 'invoke'],
  [Buffer.from('"ok"'), 'ok'],
  [Buffer.from('"fail"'), 'fail'],
  [Buffer.from('"info"'), 'info'],
];

/** Reads lines of one block after another. */
export class LineScanner {
  #bytes: Buffer = Buffer.alloc(0);
  #position = 0;
  readonly #cache: string[] = new Array<string>(CACHED).fill('');

  /** The text whose lines are read from now on, as UTF-8. */
  begin(bytes: Buffer): void {
    this.#bytes = bytes;
  }

  /** Where the line that was read last ends: the position of its newline, or the end of the text. */
  get lineEnd(): number {
    return this.#position;
  }

  /** The operation in the line that begins there. */
  scan(start: number): Operation | undefined {
    this.#position = start;
    const index = this.#skip(PIECES.index) ? this.#number() : UNKNOWN;
    const time = this.#skip(PIECES.time) ? this.#number() : UNKNOWN;
    const process = this.#skip(PIECES.process) ? this.#process() : UNKNOWN;
    const type = this.#skip(PIECES.type) ? this.#type() : UNKNOWN;
    const f = this.#skip(PIECES.f) ? this.#string() : UNKNOWN;
    const value = this.#skip(PIECES.value) ? this.#value() : UNKNOWN;
    if (index === UNKNOWN || time === UNKNOWN || process === UNKNOWN) return undefined;
    if (type === UNKNOWN || f === UNKNOWN || f === '' || value === UNKNOWN) return undefined;
    const operation: Draft = { index, time, process, type, f, value };
    return this.#rest(operation) ? operation : undefined;
  }

  /** Reads the fields that may be absent, and the end of the line. */
  #rest(operation: Draft): boolean {
    if (this.#skip(PIECES.key)) {
      const key = this.#value();
      if (key === UNKNOWN) return false;
      operation.key = key;
    }
    if (this.#skip(PIECES.error)) {
      const error = this.#value();
      if (error === UNKNOWN || error === null) return false;
      operation.error = error;
    }
    if (this.#skip(PIECES.node)) {
      const node = this.#string();
      if (node === UNKNOWN) return false;
      operation.node = node;
    }
    if (!this.#skip(PIECES.end)) return false;
    return this.#position === this.#bytes.length || this.#bytes[this.#position] === NEWLINE;
  }

  #skip(expected: Uint8Array): boolean {
    const bytes = this.#bytes;
    const start = this.#position;
    const length = expected.length;
    for (let at = 0; at < length; at++) {
      if (bytes[start + at] !== expected[at]) return false;
    }
    this.#position = start + length;
    return true;
  }

  /** A whole number, as JSON allows it. */
  #number(): number | typeof UNKNOWN {
    const bytes = this.#bytes;
    const negative = bytes[this.#position] === MINUS;
    const start = negative ? this.#position + 1 : this.#position;
    let at = start;
    let number = 0;
    for (let code = bytes[at] ?? 0; code >= ZERO && code <= NINE; code = bytes[++at] ?? 0) {
      number = 10 * number + (code - ZERO);
    }
    const digits = at - start;
    const leadingZero = bytes[start] === ZERO && (digits > 1 || negative);
    if (digits === 0 || digits > DIGITS_MAX || leadingZero) return UNKNOWN;
    this.#position = at;
    return negative ? -number : number;
  }

  #process(): ProcessId | typeof UNKNOWN {
    if (this.#skip(PIECES.nemesis)) return 'nemesis';
    const number = this.#number();
    return number === UNKNOWN || number < 0 ? UNKNOWN : number;
  }

  #type(): OperationType | typeof UNKNOWN {
    for (const [written, type] of TYPES) if (this.#skip(written)) return type;
    return UNKNOWN;
  }

  #value(depth = 0): Json | typeof UNKNOWN {
    const code = this.#bytes[this.#position] ?? 0;
    if (code === QUOTE) return this.#string();
    if (code === OPEN) return depth < DEPTH_MAX ? this.#list(depth + 1) : UNKNOWN;
    if (code === MINUS || (code >= ZERO && code <= NINE)) return this.#number();
    if (this.#skip(PIECES.null)) return null;
    if (this.#skip(PIECES.true)) return true;
    return this.#skip(PIECES.false) ? false : UNKNOWN;
  }

  #list(depth: number): Json | typeof UNKNOWN {
    this.#position += 1;
    const items: Json[] = [];
    if (this.#skip(PIECES.close)) return items;
    for (;;) {
      const item = this.#value(depth);
      if (item === UNKNOWN) return UNKNOWN;
      items.push(item);
      const code = this.#bytes[this.#position] ?? 0;
      if (code !== COMMA && code !== CLOSE) return UNKNOWN;
      this.#position += 1;
      if (code === CLOSE) return items;
    }
  }

  /** A string without escapes. */
  #string(): string | typeof UNKNOWN {
    const bytes = this.#bytes;
    if (bytes[this.#position] !== QUOTE) return UNKNOWN;
    const start = this.#position + 1;
    let at = start;
    let hash = 0;
    let all = 0;
    for (let code = bytes[at] ?? 0; code !== QUOTE; code = bytes[++at] ?? 0) {
      // Also the text's end fails here.
      if (code < SPACE || code === BACKSLASH) return UNKNOWN;
      hash = (Math.imul(hash, 31) + code) | 0;
      all |= code;
    }
    this.#position = at + 1;
    if (all > ASCII_MAX) return bytes.toString('utf8', start, at);
    const slot = (hash ^ (hash >>> 12)) & (CACHED - 1);
    const cached = this.#cache[slot] ?? '';
    if (cached.length === at - start && this.#holds(cached, start)) return cached;
    const met = bytes.toString('latin1', start, at);
    this.#cache[slot] = met;
    return met;
  }

  #holds(expected: string, start: number): boolean {
    for (let at = 0; at < expected.length; at++) {
      if (this.#bytes[start + at] !== expected.charCodeAt(at)) return false;
    }
    return true;
  }
}
