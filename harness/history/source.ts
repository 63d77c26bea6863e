/**
 * The bytes of a history with their name, by whole or by line, and errors that point into them. Lines are
 * decoded block by block, because a big history does not fit in one JavaScript string (about 512 MB).
 */
import { constants } from 'node:buffer';
import { UsageError } from '../errors.ts';

const NEWLINE = 0x0a;
const GOT_LENGTH_MAX = 60;

/** A history before it is parsed. */
export class HistorySource {
  /** What errors call it: the file's path. */
  readonly name: string;
  readonly #bytes: Buffer;
  readonly #blockBytes: number;

  /** `blockBytes`: how much is decoded at a time; only tests ask for less than the default. */
  constructor(name: string, bytes: Uint8Array, blockBytes = 1 << 24) {
    this.name = name;
    const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset + mark, bytes.byteLength - mark);
    this.#blockBytes = blockBytes;
  }

  /** The first 64 KiB, enough to recognise a format by. */
  head(): string {
    return this.#bytes.toString('utf8', 0, 1 << 16);
  }

  /** All of it. Throws a UsageError if that is more than one string can hold. */
  text(): string {
    if (this.#bytes.length > constants.MAX_STRING_LENGTH) {
      throw new UsageError(
        `${this.name}: too large for this format; above 512 MB only formats of one entry a line are read`,
      );
    }
    return this.#bytes.toString('utf8');
  }

  /** Its lines, without their ends. Text that ends in a newline has no empty last line. */
  *lines(): Generator<string, void> {
    const bytes = this.#bytes;
    for (let start = 0; start < bytes.length;) {
      const wanted = bytes.indexOf(NEWLINE, start + this.#blockBytes);
      const end = wanted === -1 ? bytes.length : wanted + 1;
      const complete = bytes[end - 1] === NEWLINE;
      yield* bytes.toString('utf8', start, complete ? end - 1 : end).split('\n');
      start = end;
    }
  }

  /** Whether the last line lacks its end, as it does when its writer was killed. */
  get torn(): boolean {
    return this.#bytes.length > 0 && this.#bytes[this.#bytes.length - 1] !== NEWLINE;
  }

  /** An error at that line, counted from 1. */
  malformed(line: number, message: string): UsageError {
    return new UsageError(`${this.name}:${line}: ${message}`);
  }

  /** An error in a field of the entry at that line. */
  malformedField(line: number, field: string, expected: string, got: unknown): UsageError {
    return this.malformed(line, `field "${field}": expected ${expected}, got ${abridged(got)}`);
  }
}

/** A value as errors show it: as JSON, shortened. */
function abridged(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > GOT_LENGTH_MAX ? `${text.slice(0, GOT_LENGTH_MAX)}…` : text;
}
