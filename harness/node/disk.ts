/**
 * The disk of a real node: a flat directory of durable files (durable-file.ts).
 */
import { mkdir } from 'node:fs/promises';
import type { Random } from '../random.ts';
import type { DiskGate } from './disk-gate.ts';
import { DurableFile } from './durable-file.ts';
import type { NodeDisk } from './program.ts';

/** Names that a program may use: no folders, nothing hidden. */
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/;

/** Throws an Error unless this is a name that a program may give to a file. */
export function requireFlatName(name: string): void {
  if (NAME.test(name)) return;
  throw new Error(`file name '${name}': expected letters, digits and ._- without folders`);
}

/** A disk that can be let go. */
export interface OpenDisk extends NodeDisk {
  /**
   * Leaves the files as a power failure does: what was not synced is lost, or torn, as these draws have it. Resolves when
   * they are; the process must end then, and nothing that is asked of the disk is answered any more.
   */
  cutPower(random: Random): Promise<void>;
  /** Ends its use, as the end of the process does: what was not synced is lost. */
  close(): Promise<void>;
}

/** Opens the directory, making it if need be; every operation passes the gate. Every method throws or rejects on a name that is not flat. */
export async function openDisk(directory: string, gate: DiskGate): Promise<OpenDisk> {
  await mkdir(directory, { recursive: true });
  const files = new Map<string, DurableFile>();
  const file = (name: string): DurableFile => {
    const known = files.get(name);
    if (known !== undefined) return known;
    requireFlatName(name);
    const made = new DurableFile(directory, name, gate);
    files.set(name, made);
    return made;
  };
  return {
    read: async (name) => file(name).read(),
    append: (name, bytes) => file(name).append(bytes),
    sync: async (name) => file(name).sync(),
    replace: async (name, bytes) => file(name).replace(bytes),
    remove: async (name) => file(name).remove(),
    cutPower: async (random) => {
      gate.cut();
      // What had passed the gate by then has begun afterwards.
      await new Promise((resolve) => setImmediate(resolve));
      await Promise.all([...files.values()].map((opened) => opened.tear(random)));
    },
    close: async () => {
      await Promise.all([...files.values()].map((opened) => opened.close()));
    },
  };
}
