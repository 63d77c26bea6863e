/**
 * A reader of EDN, the notation of Clojure's data, into JSON. What JSON lacks is brought down to it as the
 * rest of the world does with Jepsen's histories:
 *
 *   keyword `:a/b`, symbol `b`, character `\c`   the strings "a/b", "b", "c"
 *   vector, list                                 array
 *   set                                          {"$set": […]}
 *   map                                          object; keys become strings, composite ones as JSON text
 *   tagged `#tag form`, `#ns{…}`                 the form; the tag is dropped
 *   integer that a number would round            its text, for it would equal its neighbour
 *   ratio, ##Inf, ##NaN                          their text
 *
 * Comments and `#_` discards are skipped. https://github.com/edn-format/edn
 */
import { canonical, type Json } from '../json.ts';

const DEPTH_MAX = 500;
const BLANK = /[\s,]*/y;
const TOKEN = /[^\s,;"()[\]{}\\]+/y;
const CHARACTER = /\\([A-Za-z0-9]+|[^])/y;
const INTEGER = /^[+-]?\d+N?$/;
const DECIMAL = /^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?M?$/;
const RATIO = /^[+-]?\d+\/\d+$/;
const ESCAPE = /\\(u[0-9a-fA-F]{4}|[^])/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
};
const CHARACTERS: Readonly<Record<string, string>> = {
  newline: '\n',
  return: '\r',
  space: ' ',
  tab: '\t',
  backspace: '\b',
  formfeed: '\f',
};
const CONSTANTS = new Map<string, Json>([
  ['nil', null],
  ['true', true],
  ['false', false],
]);

/** Forms with the lines, counted from 1, on which they begin. */
export interface EdnForms {
  readonly forms: readonly Json[];
  readonly lines: readonly number[];
  /** Lines of the elements of the last form, if that is a collection. */
  readonly elementLines: readonly number[];
}

/** Reads all forms of a text. What `malformed` makes of a line and a message is thrown where it is not EDN. */
export function readEdn(text: string, malformed: (line: number, message: string) => Error): EdnForms {
  return new EdnReader(text, malformed).readAll();
}

class EdnReader {
  readonly #text: string;
  readonly #malformed: (line: number, message: string) => Error;
  #position = 0;
  #depth = 0;
  /** Lines of the elements of the outermost collection. */
  #elementLines: number[] = [];
  /** Lines are counted only as far as they were asked for, always forward. */
  #line = 1;
  #lineEnd: number;

  constructor(text: string, malformed: (line: number, message: string) => Error) {
    this.#text = text;
    this.#malformed = malformed;
    this.#lineEnd = text.indexOf('\n');
  }

  readAll(): EdnForms {
    const forms: Json[] = [];
    const lines: number[] = [];
    while (this.#skip() < this.#text.length) {
      lines.push(this.#lineAt(this.#position));
      this.#elementLines = [];
      forms.push(this.#form());
    }
    return { forms, lines, elementLines: this.#elementLines };
  }

  #lineAt(position: number): number {
    while (this.#lineEnd !== -1 && this.#lineEnd < position) {
      this.#line += 1;
      this.#lineEnd = this.#text.indexOf('\n', this.#lineEnd + 1);
    }
    return this.#line;
  }

  #fail(message: string, position = this.#position): Error {
    const line = this.#text.slice(0, position).split('\n').length;
    return this.#malformed(line, message);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#position += match[0].length;
    return match;
  }

  /** Skips blanks, commas, comments and discarded forms; answers where it stands then. */
  #skip(): number {
    for (;;) {
      this.#match(BLANK);
      if (this.#text.startsWith(';', this.#position)) {
        const end = this.#text.indexOf('\n', this.#position);
        this.#position = end === -1 ? this.#text.length : end;
      } else if (this.#text.startsWith('#_', this.#position)) {
        this.#position += 2;
        // One level down, for what is discarded is no outermost collection.
        this.#depth += 1;
        this.#form();
        this.#depth -= 1;
      } else return this.#position;
    }
  }

  #form(): Json {
    this.#skip();
    switch (this.#text[this.#position]) {
      case undefined:
        throw this.#fail('the text ends where a value was expected');
      case '{':
        return this.#map('');
      case '[':
        return this.#sequence(']');
      case '(':
        return this.#sequence(')');
      case '"':
        return this.#string();
      case '\\':
        return this.#character();
      case '#':
        return this.#dispatch();
      default:
        return this.#atom();
    }
  }

  #sequence(close: string): Json[] {
    const start = this.#position;
    if (++this.#depth > DEPTH_MAX) throw this.#fail(`collections are nested more than ${DEPTH_MAX} deep`);
    this.#position += 1;
    const items: Json[] = [];
    while (this.#text[this.#skip()] !== close) {
      if (this.#position >= this.#text.length)
        throw this.#fail(`expected a closing ${close}: it is never closed`, start);
      if (this.#depth === 1) this.#elementLines.push(this.#lineAt(this.#position));
      items.push(this.#form());
    }
    this.#position += 1;
    this.#depth -= 1;
    return items;
  }

  #map(namespace: string): Json {
    const start = this.#position;
    const items = this.#sequence('}');
    if (items.length % 2 !== 0) throw this.#fail('a map has a key without a value', start);
    const entries: [string, Json][] = [];
    for (let index = 0; index < items.length; index += 2) {
      const key = items[index] ?? null;
      const name = typeof key === 'string' ? key : canonical(key);
      entries.push([
        namespace === '' || name.includes('/') ? name : `${namespace}/${name}`,
        items[index + 1] ?? null,
      ]);
    }
    return Object.fromEntries(entries);
  }

  #string(): string {
    const start = this.#position;
    let end = start;
    let slashes: number;
    do {
      end = this.#text.indexOf('"', end + 1);
      if (end === -1) throw this.#fail('expected a closing ": the string is never closed', start);
      slashes = 0;
      while (this.#text[end - 1 - slashes] === '\\') slashes += 1;
    } while (slashes % 2 === 1);
    this.#position = end + 1;
    const raw = this.#text.slice(start + 1, end);
    return raw.includes('\\') ? raw.replaceAll(ESCAPE, (_, code: string) => this.#escape(code, start)) : raw;
  }

  #escape(code: string, start: number): string {
    if (code.length === 5) return String.fromCharCode(parseInt(code.slice(1), 16));
    const character = ESCAPES[code];
    if (character === undefined) throw this.#fail(`a string has the unknown escape \\${code}`, start);
    return character;
  }

  #character(): string {
    const start = this.#position;
    const name = this.#match(CHARACTER)?.[1] ?? '';
    if (name.length === 1) return name;
    if (/^u[0-9a-fA-F]{4}$/.test(name)) return String.fromCharCode(parseInt(name.slice(1), 16));
    const character = CHARACTERS[name];
    if (character === undefined) throw this.#fail(`unknown character \\${name}`, start);
    return character;
  }

  /** What begins with `#`. */
  #dispatch(): Json {
    const start = this.#position;
    this.#position += 1;
    const next = this.#text[this.#position];
    if (next === '{') return { $set: this.#sequence('}') };
    if (next === '"') return this.#string();
    const tag = this.#match(TOKEN)?.[0];
    if (tag === undefined) throw this.#fail('expected a tag after #', start);
    if (tag.startsWith('#')) return tag.slice(1);
    if (!tag.startsWith(':')) return this.#form();
    this.#skip();
    if (this.#text[this.#position] !== '{') throw this.#fail(`expected a map after #${tag}`, start);
    return this.#map(tag.slice(1));
  }

  #atom(): Json {
    const start = this.#position;
    const token = this.#match(TOKEN)?.[0];
    if (token === undefined) throw this.#fail(`unexpected ${this.#text[start] ?? ''}`, start);
    if (token.startsWith(':') && token.length > 1) return token.slice(1);
    if (/^[+-]?\d/.test(token)) return this.#number(token, start);
    const constant = CONSTANTS.get(token);
    return constant === undefined ? token : constant;
  }

  #number(token: string, start: number): Json {
    if (INTEGER.test(token)) {
      const digits = token.replace(/N$/, '').replace(/^\+/, '');
      const value = Number(digits);
      return Number.isSafeInteger(value) || String(value) === digits ? value : digits;
    }
    if (DECIMAL.test(token)) return Number(token.replace(/M$/, ''));
    if (RATIO.test(token)) return token;
    throw this.#fail(`expected a number, got ${token}`, start);
  }
}
