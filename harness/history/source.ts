/**
 * The text of a history with its name: cut into blocks of whole lines, and errors that point into it. Blocks, because
 * a big history does not fit in one JavaScript string (about 512 MB) and, when it is streamed, not in memory either.
 */
import { constants } from 'node:buffer';
import { UsageError } from '../errors.ts';

const NEWLINE = 0x0a;
const GOT_LENGTH_MAX = 60;
/** Some thousand operations. Larger blocks are no faster, smaller ones cost more than they save. */
const BLOCK_BYTES = 1 << 19;

/** What errors call a history, and how they point into it. */
export class SourceName {
  /** The file's path. */
  readonly name: string;

  constructor(name: string) {
    this.name = name;
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

/** Whole lines, without the end of the last one. */
export class TextBlock {
  /** As UTF-8. */
  readonly bytes: Buffer;
  /** The last line lacks its end, as it does when its writer was killed. Only the last block can be torn. */
  readonly torn: boolean;

  constructor(bytes: Buffer, torn: boolean) {
    this.bytes = bytes;
    this.torn = torn;
  }

  /** The same decoded. */
  get text(): string {
    return this.bytes.toString();
  }
}

/** Cuts bytes, which come in pieces of any size, into blocks of text. */
export class BlockCutter {
  readonly #name: string;
  readonly #blockBytes: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #begun = false;

  /** `blockBytes`: how much is decoded at a time, at least; only tests ask for less than the default. */
  constructor(name: string, blockBytes = BLOCK_BYTES) {
    this.#name = name;
    this.#blockBytes = blockBytes;
  }

  /** Takes the next piece, which must not change afterwards, and gives the blocks that are complete. */
  *take(piece: Buffer): Generator<TextBlock, void> {
    let start = 0;
    for (;;) {
      const wanted = Math.max(0, this.#blockBytes - this.#heldBytes);
      const newline = piece.indexOf(NEWLINE, start + wanted);
      if (newline === -1) break;
      this.#hold(piece.subarray(start, newline + 1));
      start = newline + 1;
      yield this.#cut();
    }
    if (start < piece.length) this.#hold(piece.subarray(start));
  }

  /** What is left when there are no more pieces. */
  *rest(): Generator<TextBlock, void> {
    if (this.#heldBytes > 0) yield this.#cut();
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes <= constants.MAX_STRING_LENGTH) return;
    throw new UsageError(`${this.#name}: too large: only histories with line ends are read above 512 MB`);
  }

  #cut(): TextBlock {
    const [first] = this.#held;
    const bytes = this.#held.length === 1 && first !== undefined ? first : Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    // A byte order mark, which some editors set, is no part of the text.
    const marked = !this.#begun && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    this.#begun = true;
    const torn = bytes[bytes.length - 1] !== NEWLINE;
    return new TextBlock(bytes.subarray(marked ? 3 : 0, torn ? bytes.length : bytes.length - 1), torn);
  }
}

/** A text that is in memory as a whole. */
export class HistorySource extends SourceName {
  readonly #bytes: Buffer;
  readonly #blockBytes: number | undefined;

  /** `blockBytes`: see BlockCutter. */
  constructor(name: string, bytes: Uint8Array, blockBytes?: number) {
    super(name);
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#blockBytes = blockBytes;
  }

  /** Its text in blocks. */
  *blocks(): Generator<TextBlock, void> {
    const cutter = new BlockCutter(this.name, this.#blockBytes);
    yield* cutter.take(this.#bytes);
    yield* cutter.rest();
  }

  /** Its lines, without their ends. Text that ends in a newline has no empty last line. */
  *lines(): Generator<string, void> {
    for (const { text } of this.blocks()) yield* text.split('\n');
  }

  /** Whether the last line lacks its end, as it does when its writer was killed. */
  get torn(): boolean {
    return this.#bytes.length > 0 && this.#bytes[this.#bytes.length - 1] !== NEWLINE;
  }
}

/** A value as errors show it: as JSON, shortened. */
function abridged(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > GOT_LENGTH_MAX ? `${text.slice(0, GOT_LENGTH_MAX)}…` : text;
}
