/**
 * The disk of a node that is a process: the files in its data directory, which the harness may damage, copy and put back.
 * Everything happens at one go, so that nobody else in the harness sees it half done; that the node does not either is
 * its caller's affair.
 */
import {
  closeSync,
  cpSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { FlippedBit, SwappedBlocks, TruncatedFile } from '../cluster.ts';
import {
  flipBits,
  swapBlocks,
  truncateFiles,
  unflipBits,
  type Contents,
  type Damage,
  type Edit,
} from '../damage.ts';

/** The files of one node. */
export class NodeDirectory {
  readonly path: string;
  /** Which file each bit was flipped in: one that was replaced since then holds other bytes in the same place. */
  readonly #flipped = new WeakMap<FlippedBit, string>();

  constructor(path: string) {
    this.path = path;
  }

  /** See `Cluster.flip`. */
  flip(places: readonly number[]): readonly FlippedBit[] {
    const bits = this.#damage(flipBits(this.#contents(), places));
    for (const bit of bits) this.#flipped.set(bit, this.#identity(bit.file));
    return bits;
  }

  /** See `Cluster.unflip`. */
  unflip(bits: readonly FlippedBit[]): void {
    const here = bits.filter((bit) => this.#flipped.get(bit) === this.#identity(bit.file));
    for (const edit of unflipBits(this.#contents(), here)) this.#apply(edit);
    for (const bit of bits) this.#flipped.delete(bit);
  }

  /** See `Cluster.truncate`. */
  truncate(places: readonly number[]): readonly TruncatedFile[] {
    return this.#damage(truncateFiles(this.#contents(), places));
  }

  /** See `Cluster.swap`. */
  swap(pairs: readonly (readonly [number, number])[]): readonly SwappedBlocks[] {
    return this.#damage(swapBlocks(this.#contents(), pairs));
  }

  /** Copies all files to this directory, which is made. */
  copyTo(directory: string): void {
    cpSync(this.path, directory, { recursive: true });
  }

  /** Has the files of this directory and no others. */
  replaceBy(directory: string): void {
    this.wipe();
    cpSync(directory, this.path, { recursive: true });
  }

  /** Has no file. */
  wipe(): void {
    rmSync(this.path, { recursive: true, force: true });
    mkdirSync(this.path, { recursive: true });
  }

  /** What the program's own files hold; what begins with a dot is none (harness/node/durable-file.ts). */
  #contents(): Contents {
    const names = readdirSync(this.path)
      .filter((name) => !name.startsWith('.'))
      .sort();
    return new Map(names.map((name) => [name, readFileSync(join(this.path, name))]));
  }

  #damage<T>({ edits, done }: Damage<T>): readonly T[] {
    for (const edit of edits) this.#apply(edit);
    return done;
  }

  #apply(edit: Edit): void {
    const file = openSync(join(this.path, edit.file), 'r+');
    try {
      if ('length' in edit) ftruncateSync(file, edit.length);
      else writeSync(file, edit.bytes, 0, edit.bytes.length, edit.offset);
    } finally {
      closeSync(file);
    }
  }

  /** Tells a file from others of its name; numbers of inodes are used again, times of birth are not. */
  #identity(name: string): string {
    const found = statSync(join(this.path, name), { bigint: true, throwIfNoEntry: false });
    return found === undefined ? 'none' : `${found.ino} ${found.birthtimeNs}`;
  }
}
