/**
 * What a node can tell of its own disk, for the probes of the harness: whether a small file is written durably and
 * how long that takes, and which byte a read finds at some place.
 */
import { messageOf } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { NodeClock, NodeDisk } from './program.ts';

/** The probes of one life of a node. */
export class DiskProbe {
  readonly #disk: NodeDisk;
  readonly #clock: NodeClock;
  #written = 0;

  constructor(disk: NodeDisk, clock: NodeClock) {
    this.#disk = disk;
    this.#clock = clock;
  }

  /** Writes a file, reads it and removes it; answers what came of it, and how many milliseconds it took. */
  async write(): Promise<JsonObject> {
    // Another file each time: one that failed once is out of use for good (durable-file.ts).
    const name = `disk-probe-${this.#written++}`;
    const begun = this.#clock.monotonic();
    let error: string | undefined;
    try {
      await this.#disk.replace(name, new TextEncoder().encode('probe'));
      await this.#disk.read(name);
      await this.#disk.remove(name);
    } catch (caught) {
      error = messageOf(caught);
    }
    const ms = this.#clock.monotonic() - begun;
    return error === undefined ? { written: true, ms } : { written: false, ms, error };
  }

  /** The byte at this place of the file, as a read finds it; null where there is none. */
  async byteAt(file: string, offset: number): Promise<JsonObject> {
    const bytes = await this.#disk.read(file);
    return { byte: bytes?.[offset] ?? null };
  }
}
