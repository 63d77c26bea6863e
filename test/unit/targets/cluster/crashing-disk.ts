/**
 * A node's disk in tests: writes take a little virtual time, and a crash loses what was not synced, but for a
 * piece of it if asked, as a torn write leaves behind.
 */
import type { NodeDisk } from '../../../../harness/node/program.ts';
import type { Random } from '../../../../harness/random.ts';

const WRITE_MS = 1;

/** A file: what survives a crash, and what was appended since the last sync. */
interface File {
  synced: Uint8Array;
  unsynced: Uint8Array[];
}

/** What a disk must know of the life of the node that uses it. */
export interface LifeOfNode {
  isAlive(): boolean;
  /** Runs this later, unless the node dies before. */
  after(ms: number, run: () => void): void;
}

/** The files of one node, which outlive it. */
export class CrashingDisk {
  readonly #files = new Map<string, File>();

  /** The bytes of a file that would survive a crash now. */
  get(name: string): Uint8Array | undefined {
    return this.#files.get(name)?.synced;
  }

  /** Puts durable bytes in a file. */
  set(name: string, bytes: Uint8Array): void {
    this.#files.set(name, { synced: bytes, unsynced: [] });
  }

  /** Loses what was not synced; with a source of draws, all but a piece of it. */
  crash(tear: Random | undefined): void {
    for (const file of this.#files.values()) {
      const unsynced = Buffer.concat(file.unsynced);
      const kept = tear?.int(unsynced.length + 1) ?? 0;
      file.synced = Buffer.concat([file.synced, unsynced.subarray(0, kept)]);
      file.unsynced = [];
    }
  }

  /** The disk as one life of the node sees it: nothing that it began takes effect after its death. */
  forLife(life: LifeOfNode): NodeDisk {
    const write = (run: () => void): Promise<void> =>
      new Promise((resolve) => {
        life.after(WRITE_MS, () => {
          run();
          resolve();
        });
      });
    return {
      read: (name) => {
        const file = this.#files.get(name);
        return Promise.resolve(file && Buffer.concat([file.synced, ...file.unsynced]));
      },
      append: (name, bytes) => {
        if (life.isAlive()) this.#file(name).unsynced.push(Buffer.from(bytes));
      },
      sync: (name) => {
        const file = this.#file(name);
        const count = file.unsynced.length;
        return write(() => {
          file.synced = Buffer.concat([file.synced, ...file.unsynced.splice(0, count)]);
        });
      },
      replace: (name, bytes) => {
        if ((this.#files.get(name)?.unsynced.length ?? 0) > 0)
          throw new Error(`${name} has unsynced appends`);
        return write(() => this.set(name, bytes));
      },
      remove: (name) => write(() => this.#files.delete(name)),
    };
  }

  #file(name: string): File {
    const file = this.#files.get(name) ?? { synced: new Uint8Array(), unsynced: [] };
    this.#files.set(name, file);
    return file;
  }
}
