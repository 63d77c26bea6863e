/**
 * One durable file: appends wait in this process's memory and reach the file only with a sync, so that they
 * die with the process as they would with a machine's power. Syncs that overlap share one fsync (group
 * commit).
 *
 * A failed write or fsync poisons the file until the node restarts. After a failed fsync the kernel may have
 * thrown the dirty pages away and call the next fsync a success, so trying again would acknowledge what is
 * lost (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
 */
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs';
import { open, readFile, rename, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Random } from '../random.ts';
import type { DiskGate } from './disk-gate.ts';

/** Bytes that a disk writes as one. */
const SECTOR_BYTES = 512;
/** How often the last sector of a torn write is there and holds nothing: the file grew, and its data never came. */
const EMPTY_SECTOR_PROBABILITY = 0.25;

/** Appends that reach the file together. */
interface Batch {
  readonly pieces: Uint8Array[];
  /** Once it was asked for; until it begins, later appends and syncs join. */
  commit: Promise<void> | undefined;
}

const emptyBatch = (): Batch => ({ pieces: [], commit: undefined });

/** A file of the node's disk. Operations take effect one after another, in the order in which they were asked for. */
export class DurableFile {
  readonly #path: string;
  readonly #temporaryPath: string;
  readonly #gate: DiskGate;
  /** Takes the appends of now. */
  #batch = emptyBatch();
  #handle: FileHandle | undefined;
  /** Bytes that are durable, where a handle is open. */
  #size = 0;
  /** What a sync is making durable. */
  #committing: readonly Uint8Array[] = [];
  /** Ends when the system has done what the last sync gave it. */
  #writing: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** Operations that were asked for and are not over. */
  #pending = 0;

  constructor(directory: string, name: string, gate: DiskGate) {
    this.#gate = gate;
    this.#path = join(directory, name);
    // No name that a program may use begins with a dot.
    this.#temporaryPath = join(directory, `.${name}.new`);
  }

  /** The synced and the unsynced bytes; undefined if there is no file. */
  read(): Promise<Uint8Array | undefined> {
    return this.#inTurn(async () => {
      await this.#gate.enter('read', this.#path);
      const synced = await unlessAbsent(readFile(this.#path));
      const { pieces } = this.#batch;
      if (synced === undefined && pieces.length === 0) return undefined;
      return Buffer.concat([synced ?? new Uint8Array(), ...pieces]);
    });
  }

  append(bytes: Uint8Array): void {
    this.#batch.pieces.push(Buffer.from(bytes));
  }

  sync(): Promise<void> {
    const batch = this.#batch;
    batch.commit ??= this.#inTurn(() => {
      if (this.#batch === batch) this.#batch = emptyBatch();
      return this.#orPoison(() => this.#write(batch.pieces));
    });
    return batch.commit;
  }

  async replace(bytes: Uint8Array): Promise<void> {
    const { pieces, commit } = this.#batch;
    if (pieces.length > 0 && commit === undefined)
      throw new Error(`replace of ${this.#path} with appends unsynced: sync first`);
    // What is appended from now on follows the new bytes.
    this.#batch = emptyBatch();
    await this.#inTurn(() =>
      this.#orPoison(async () => {
        await this.#gate.enter('replace', this.#path);
        await this.#close();
        await withFile(this.#temporaryPath, 'w', async (file) => {
          await file.writeFile(bytes);
          await file.sync();
        });
        await rename(this.#temporaryPath, this.#path);
        await this.#syncDirectory();
      }),
    );
  }

  remove(): Promise<void> {
    this.#batch = emptyBatch();
    return this.#inTurn(() =>
      this.#orPoison(async () => {
        await this.#gate.enter('remove', this.#path);
        await this.#close();
        await unlessAbsent(unlink(this.#path));
        await this.#syncDirectory();
      }),
    );
  }

  /**
   * Leaves the file as a power failure does, once the gate is cut: of what was not synced a prefix of any length is there,
   * whose last sector may be empty. Resolves when it is; nothing else may come afterwards.
   */
  async tear(random: Random): Promise<void> {
    // What the system is writing it goes on writing, until this process is gone: only then is it known what is there.
    await this.#writing.catch(() => undefined);
    this.#leaveTorn(random);
    await this.#handle?.close();
  }

  #leaveTorn(random: Random): void {
    const unsynced = Buffer.concat(this.#pending === 0 ? this.#batch.pieces : this.#committing);
    if (unsynced.length === 0 || this.#failure !== undefined || this.#gate.isFull) return;
    const torn = unsynced.subarray(0, random.int(unsynced.length + 1));
    const size = this.#handle === undefined ? sizeOf(this.#path) : this.#size;
    const lastSector = Math.floor((size + torn.length - 1) / SECTOR_BYTES) * SECTOR_BYTES;
    if (random.chance(EMPTY_SECTOR_PROBABILITY)) torn.fill(0, Math.max(0, lastSector - size));
    writeAt(this.#path, torn, size);
  }

  /** Lets go of the file after what was asked for, and loses what was not synced. */
  async close(): Promise<void> {
    await this.#last;
    await this.#close();
  }

  async #write(pieces: readonly Uint8Array[]): Promise<void> {
    if (pieces.length === 0) return;
    this.#committing = pieces;
    await this.#gate.enter('sync', this.#path);
    this.#writing = this.#append(Buffer.concat(pieces));
    await this.#writing;
  }

  async #append(bytes: Buffer): Promise<void> {
    const handle = await this.#openForAppend();
    // The system only copies it now, which takes less time than to have another thread ask for that.
    for (let written = 0; written < bytes.length;) written += writeSync(handle.fd, bytes, written);
    await handle.datasync();
    // Not durable after all, if the power was cut meanwhile.
    if (this.#gate.isCut) return;
    this.#size += bytes.length;
    this.#committing = [];
  }

  async #openForAppend(): Promise<FileHandle> {
    if (this.#handle !== undefined) return this.#handle;
    this.#handle = await open(this.#path, 'a');
    this.#size = (await this.#handle.stat()).size;
    // The name of a new file is durable only with its directory.
    await this.#syncDirectory();
    return this.#handle;
  }

  async #close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #syncDirectory(): Promise<void> {
    await withFile(dirname(this.#path), 'r', (directory) => directory.sync());
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    this.#pending++;
    const result = this.#last.then(() => {
      if (this.#failure !== undefined) throw this.#failure;
      return task();
    });
    this.#last = result.catch(() => undefined).then(() => this.#pending--);
    return result.finally(() => this.#gate.leave());
  }

  async #orPoison(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.#failure = new Error(`${this.#path} is out of use until a restart: ${String(error)}`, {
        cause: error,
      });
      throw this.#failure;
    }
  }
}

async function withFile(
  path: string,
  flags: string,
  use: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

/** What the file operation answers, or undefined when there is no such file. */
async function unlessAbsent<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Has the file hold these bytes from there on, and nothing behind them; makes none to hold nothing. */
function writeAt(path: string, bytes: Uint8Array, offset: number): void {
  if (bytes.length === 0 && sizeOf(path) === offset) return;
  // Not `a`, which would write at the end, wherever that is now.
  const file = openSync(path, existsSync(path) ? 'r+' : 'w');
  ftruncateSync(file, offset);
  writeSync(file, bytes, 0, bytes.length, offset);
  fsyncSync(file);
  closeSync(file);
}
