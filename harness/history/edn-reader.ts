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
const CHARACTER = /\\([A-Za-z0-9]+|[^])/y;
const SMALL_INTEGER = /^-?\d{1,15}$/;
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
const PROPERTY = { configurable: true, enumerable: true, writable: true };
const CONSTANTS = new Map<string, Json>([
  ['nil', null],
  ['true', true],
  ['false', false],
]);

/** Codes of characters: what stands between forms, and what ends a token. Beyond them, see isBlank. */
const BLANK = 1;
const ENDS_TOKEN = 2;
const KINDS = new Uint8Array(128);
for (const character of ' \t\n\r\v\f,') KINDS[character.charCodeAt(0)] = BLANK | ENDS_TOKEN;
for (const character of ';"()[]{}\\') KINDS[character.charCodeAt(0)] = ENDS_TOKEN;

function kindOf(code: number): number {
  if (code < 128) return KINDS[code] ?? 0;
  return /\s/.test(String.fromCharCode(code)) ? BLANK | ENDS_TOKEN : 0;
}

/** Reads all forms of a text. What `malformed` makes of a line and a message is thrown where it is not EDN. */
export function readEdn(text: string, malformed: (line: number, message: string) => Error): readonly Json[] {
  const reader = new EdnReader(text, malformed);
  const forms: Json[] = [];
  while (reader.skip() < text.length) forms.push(reader.form());
  return forms;
}

/** Reads a text form by form. */
export class EdnReader {
  readonly #text: string;
  readonly #malformed: (line: number, message: string) => Error;
  #position = 0;
  #depth = 0;
  #unfinished = false;

  constructor(text: string, malformed: (line: number, message: string) => Error) {
    this.#text = text;
    this.#malformed = malformed;
  }

  /** After an error: whether the text ended within a form, so that more text might mend it. */
  get unfinished(): boolean {
    return this.#unfinished;
  }

  /** Where it stands. */
  get position(): number {
    return this.#position;
  }

  /** Steps over the next character, if it is that. */
  accept(character: string): boolean {
    if (!this.#text.startsWith(character, this.#position)) return false;
    this.#position += character.length;
    return true;
  }

  /** Steps into a vector or list, tagged or not, if one comes next. Answers the bracket that closes it. */
  enter(): ']' | ')' | undefined {
    const start = this.skip();
    if (this.#text[start] === '#') {
      if (this.#token(start + 1) === '') this.#position = start;
      else if (this.skip() >= this.#text.length) throw this.#ends('expected a value after a tag', start);
    }
    if (this.accept('[')) return ']';
    if (this.accept('(')) return ')';
    this.#position = start;
    return undefined;
  }

  #fail(message: string, position = this.#position): Error {
    const line = this.#text.slice(0, position).split('\n').length;
    return this.#malformed(line, message);
  }

  /** An error because the text ends too early. */
  #ends(message: string, position = this.#position): Error {
    this.#unfinished = true;
    return this.#fail(message, position);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#position += match[0].length;
    return match;
  }

  /** The token that begins there, perhaps an empty one; the reader stands behind it then. */
  #token(start: number): string {
    const text = this.#text;
    let end = start;
    while (end < text.length && (kindOf(text.charCodeAt(end)) & ENDS_TOKEN) === 0) end += 1;
    this.#position = end;
    return text.slice(start, end);
  }

  /** Skips blanks, commas, comments and discarded forms; answers where it stands then. */
  skip(): number {
    const text = this.#text;
    for (;;) {
      while (this.#position < text.length && (kindOf(text.charCodeAt(this.#position)) & BLANK) !== 0)
        this.#position += 1;
      if (text.startsWith(';', this.#position)) {
        const end = text.indexOf('\n', this.#position);
        this.#position = end === -1 ? text.length : end;
      } else if (text.startsWith('#_', this.#position)) {
        this.#position += 2;
        this.form();
      } else return this.#position;
    }
  }

  /** The next form. */
  form(): Json {
    this.skip();
    switch (this.#text[this.#position]) {
      case undefined:
        throw this.#ends('the text ends where a value was expected');
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
    while (this.#text[this.skip()] !== close) {
      if (this.#position >= this.#text.length)
        throw this.#ends(`expected a closing ${close}: it is never closed`, start);
      items.push(this.form());
    }
    this.#position += 1;
    this.#depth -= 1;
    return items;
  }

  #map(namespace: string): Json {
    const start = this.#position;
    const items = this.#sequence('}');
    if (items.length % 2 !== 0) throw this.#fail('a map has a key without a value', start);
    const map: Record<string, Json> = {};
    for (let index = 0; index < items.length; index += 2) {
      const key = items[index] ?? null;
      const name = typeof key === 'string' ? key : canonical(key);
      const full = namespace === '' || name.includes('/') ? name : `${namespace}/${name}`;
      const value = items[index + 1] ?? null;
      // To assign a property of that name would set the map's prototype.
      if (full === '__proto__') Object.defineProperty(map, full, { ...PROPERTY, value });
      else map[full] = value;
    }
    return map;
  }

  #string(): string {
    const start = this.#position;
    let end = start;
    let slashes: number;
    do {
      end = this.#text.indexOf('"', end + 1);
      if (end === -1) throw this.#ends('expected a closing ": the string is never closed', start);
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
    const tag = this.#token(this.#position);
    if (tag === '') throw this.#fail('expected a tag after #', start);
    if (tag.startsWith('#')) return tag.slice(1);
    if (!tag.startsWith(':')) return this.form();
    this.skip();
    if (this.#position >= this.#text.length) throw this.#ends(`expected a map after #${tag}`, start);
    if (this.#text[this.#position] !== '{') throw this.#fail(`expected a map after #${tag}`, start);
    return this.#map(tag.slice(1));
  }

  #atom(): Json {
    const start = this.#position;
    const token = this.#token(start);
    if (token === '') throw this.#fail(`unexpected ${this.#text[start] ?? ''}`, start);
    if (token.startsWith(':') && token.length > 1) return token.slice(1);
    if (SMALL_INTEGER.test(token)) return Number(token);
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
