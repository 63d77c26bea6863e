/**
 * One durable file: appends wait in this process's memory and reach the file only with a sync, so that they
 * die with the process as they would with a machine's power. Syncs that overlap share one fsync (group
 * commit).
 *
 * A failed write or fsync poisons the file until the node restarts. After a failed fsync the kernel may have
 * thrown the dirty pages away and call the next fsync a success, so trying again would acknowledge what is
 * lost (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
 */
import { open, readFile, rename, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

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
  /** Takes the appends of now. */
  #batch = emptyBatch();
  #handle: FileHandle | undefined;
  #failure: Error | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(directory: string, name: string) {
    this.#path = join(directory, name);
    // No name that a program may use begins with a dot.
    this.#temporaryPath = join(directory, `.${name}.new`);
  }

  /** The synced and the unsynced bytes; undefined if there is no file. */
  read(): Promise<Uint8Array | undefined> {
    return this.#inTurn(async () => {
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
        await this.#close();
        await unlessAbsent(unlink(this.#path));
        await this.#syncDirectory();
      }),
    );
  }

  /** Lets go of the file after what was asked for, and loses what was not synced. */
  async close(): Promise<void> {
    await this.#last;
    await this.#close();
  }

  async #write(pieces: readonly Uint8Array[]): Promise<void> {
    if (pieces.length === 0) return;
    const bytes = Buffer.concat(pieces);
    const handle = await this.#openForAppend();
    await handle.appendFile(bytes);
    await handle.datasync();
  }

  async #openForAppend(): Promise<FileHandle> {
    if (this.#handle !== undefined) return this.#handle;
    this.#handle = await open(this.#path, 'a');
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
    const result = this.#last.then(() => {
      if (this.#failure !== undefined) throw this.#failure;
      return task();
    });
    this.#last = result.catch(() => undefined);
    return result;
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
