/**
 * Damage to the files of a disk, worked out from what they hold: which bits, lengths and blocks change. How the files
 * are read and changed is each runtime's own affair - real ones, those in a container, simulated ones - so this answers
 * edits, and a file that is being written to needs no more than those few bytes changed beneath it.
 *
 * Places are numbers in [0, 1) that run over all bytes of all files, in the order in which these are given.
 */
import type { BlockPlace, FlippedBit, SwappedBlocks, TruncatedFile } from './cluster.ts';

/** What the files hold, by name. */
export type Contents = ReadonlyMap<string, Uint8Array>;

/** A change to one file: bytes that are overwritten in place, or a new, shorter length. */
export type Edit =
  | { readonly file: string; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly file: string; readonly length: number };

/** What is to be done, and what that comes to. */
export interface Damage<T> {
  readonly edits: readonly Edit[];
  readonly done: readonly T[];
}

/** Bytes of a block, on disks that have many of those; the sector of old. */
const BLOCK_BYTES = 512;
/** Blocks that a small disk is divided into. */
const BLOCKS_MIN = 8;

/** Flips a bit at each of these places, which run over all bits. */
export function flipBits(contents: Contents, places: readonly number[]): Damage<FlippedBit> {
  const files = new Files(contents);
  const done = places.flatMap((place): FlippedBit[] => {
    const at = files.locate(place, 8);
    if (at === undefined) return [];
    const offset = Math.floor(at.offset / 8);
    const was = files.byte(at.file, offset);
    const is = was ^ (1 << (at.offset % 8));
    files.write(at.file, offset, Uint8Array.of(is));
    return [{ file: at.file, offset, was, is }];
  });
  return { edits: files.edits, done };
}

/** Flips back those of these bits that are as `flipBits` left them. Whether it is still the same file only the caller knows. */
export function unflipBits(contents: Contents, bits: readonly FlippedBit[]): readonly Edit[] {
  const files = new Files(contents);
  // The last first: where bits of one byte were flipped one after the other, the last left it as it is.
  for (const { file, offset, was, is } of bits.toReversed()) {
    const bit = was ^ is;
    const now = files.has(file, offset) ? files.byte(file, offset) : undefined;
    if (now !== undefined && (now & bit) === (is & bit)) files.write(file, offset, Uint8Array.of(now ^ bit));
  }
  return files.edits;
}

/** Cuts the end off a file at each of these places, one after the other. */
export function truncateFiles(contents: Contents, places: readonly number[]): Damage<TruncatedFile> {
  const files = new Files(contents);
  const done = places.flatMap((place): TruncatedFile[] => {
    const at = files.locate(place);
    if (at === undefined) return [];
    const was = files.size(at.file);
    files.truncate(at.file, at.offset);
    return [{ file: at.file, was, is: at.offset }];
  });
  return { edits: files.edits, done };
}

/**
 * Exchanges the blocks at each pair of places, one after the other. A block that ends with its file makes both as short.
 * Nothing is done where both are the same block, or hold the same.
 */
export function swapBlocks(
  contents: Contents,
  pairs: readonly (readonly [number, number])[],
): Damage<SwappedBlocks> {
  const files = new Files(contents);
  const size = blockBytes(files.total);
  const done = pairs.flatMap(([one, other]): SwappedBlocks[] => {
    const a = files.blockAt(one, size);
    const b = files.blockAt(other, size);
    if (a === undefined || b === undefined) return [];
    const bytes = Math.min(size, files.size(a.file) - a.offset, files.size(b.file) - b.offset);
    const [inA, inB] = [files.slice(a, bytes), files.slice(b, bytes)];
    if (Buffer.compare(inA, inB) === 0) return [];
    files.write(a.file, a.offset, inB);
    files.write(b.file, b.offset, inA);
    return [{ bytes, blocks: [a, b] }];
  });
  return { edits: files.edits, done };
}

/** A power of two, so that a small disk has some blocks as well. */
function blockBytes(total: number): number {
  return Math.min(BLOCK_BYTES, 2 ** Math.floor(Math.log2(Math.max(1, total / BLOCKS_MIN))));
}

/** The files as the edits so far leave them. */
class Files {
  readonly edits: Edit[] = [];
  readonly #contents: Map<string, Uint8Array>;

  constructor(contents: Contents) {
    this.#contents = new Map(contents);
  }

  get total(): number {
    return [...this.#contents.values()].reduce((sum, { length }) => sum + length, 0);
  }

  size(file: string): number {
    return this.#contents.get(file)?.length ?? 0;
  }

  has(file: string, offset: number): boolean {
    return offset < this.size(file);
  }

  byte(file: string, offset: number): number {
    return this.#contents.get(file)?.[offset] ?? 0;
  }

  slice({ file, offset }: BlockPlace, bytes: number): Uint8Array {
    return new Uint8Array(this.#contents.get(file)?.slice(offset, offset + bytes) ?? []);
  }

  /** Where this place lies, in parts of which there are so many to a byte. */
  locate(place: number, parts = 1): BlockPlace | undefined {
    let offset = Math.floor(place * this.total * parts);
    for (const [file, { length }] of this.#contents) {
      if (offset < length * parts) return { file, offset };
      offset -= length * parts;
    }
    return undefined;
  }

  /** Where the block begins that this place lies in. */
  blockAt(place: number, size: number): BlockPlace | undefined {
    const at = this.locate(place);
    return at === undefined ? undefined : { file: at.file, offset: at.offset - (at.offset % size) };
  }

  write(file: string, offset: number, bytes: Uint8Array): void {
    const changed = new Uint8Array(this.#contents.get(file) ?? []);
    changed.set(bytes, offset);
    this.#contents.set(file, changed);
    this.edits.push({ file, offset, bytes });
  }

  truncate(file: string, length: number): void {
    this.#contents.set(file, new Uint8Array(this.#contents.get(file)?.slice(0, length) ?? []));
    this.edits.push({ file, length });
  }
}

/** A file's bytes after this edit. */
export function applyEdit(bytes: Uint8Array, edit: Edit): Uint8Array {
  if ('length' in edit) return bytes.slice(0, edit.length);
  const changed = new Uint8Array(bytes);
  changed.set(edit.bytes, edit.offset);
  return changed;
}
