/**
 * What a replica keeps on its disk: a journal of records, and the newest snapshot, which stands for the
 * records before it. What the records mean is the replica's business.
 *
 * Records are written behind, in order, by a single writer; what must not be said before they are durable is
 * passed to `whenDurable`. So the protocol above stays synchronous - no state can change between a decision
 * and the message that tells of it - and everything recorded while one fsync runs shares the next (group commit).
 *
 * Compaction writes the snapshot first and the journal second, each atomically; a crash in between leaves a
 * journal that overlaps the snapshot, which recovery must understand.
 *
 * A failed write is not handled: after a failed fsync nobody knows what the disk holds (Rebello et al., "Can
 * Applications Recover from fsync Failures?", ATC 2020), so the rejection goes up unhandled and ends the process.
 */
import type { Json } from '../../harness/json.ts';
import type { NodeDisk } from '../../harness/node/program.ts';
import { CorruptFileError, decodeRecords, encodeRecord, RecordWriter } from './record.ts';

/** Names of the two files. */
export interface JournalFiles {
  readonly log: string;
  readonly snapshot: string;
}

/** What was read from the disk at the start. */
export interface JournalContents {
  readonly records: readonly Json[];
  /** The record in the snapshot's file; null when there is none. */
  readonly snapshot: Json;
  /** Bytes of a torn write that recovery drops. */
  readonly tornBytes: number;
}

/** Reads what is there. Throws a CorruptFileError for damage that no crash explains. */
export async function readJournal(disk: NodeDisk, files: JournalFiles): Promise<JournalContents> {
  const [log, saved] = [await disk.read(files.log), await disk.read(files.snapshot)];
  const { records, tornBytes } = decodeRecords(files.log, log ?? new Uint8Array());
  const snapshot = saved === undefined ? null : onlyRecord(files.snapshot, saved);
  if (snapshot !== null && log === undefined) {
    throw new CorruptFileError(files.log, 'it is missing, though there is a snapshot');
  }
  return { records, snapshot, tornBytes };
}

function onlyRecord(file: string, bytes: Uint8Array): Json {
  const { records, tornBytes } = decodeRecords(file, bytes);
  const [record] = records;
  if (tornBytes > 0 || record === undefined) {
    throw new CorruptFileError(file, 'it ends before its record does');
  }
  return record;
}

/** The writer of one node's journal. */
export class Journal {
  readonly #disk: NodeDisk;
  readonly #files: JournalFiles;
  /** The records of a journal that holds what the replica holds now. */
  readonly #image: () => Iterable<Json>;
  /** Records that were not yet handed to the disk. */
  readonly #unwritten = new RecordWriter();
  #snapshot: Json = null;
  /** To run when everything recorded before is durable. */
  #waiting: (() => void)[] = [];
  #writing = false;

  constructor(disk: NodeDisk, files: JournalFiles, image: () => Iterable<Json>) {
    this.#disk = disk;
    this.#files = files;
    this.#image = image;
  }

  /** Writes the whole file anew: drops a torn tail, and makes durable what was read but perhaps never synced. */
  rewrite(): Promise<void> {
    this.#unwritten.clear();
    const image = new RecordWriter();
    for (const record of this.#image()) image.add(record);
    return this.#disk.replace(this.#files.log, image.bytes);
  }

  /** Adds a record. */
  record(record: Json): void {
    this.#unwritten.add(record);
    void this.#write();
  }

  /** Replaces the snapshot, and the journal by what it should hold now. */
  compact(snapshot: Json): void {
    this.#snapshot = snapshot;
    void this.#write();
  }

  /** Runs this when everything recorded so far is durable: at once if it is. */
  whenDurable(run: () => void): void {
    if (this.#writing) this.#waiting.push(run);
    else run();
  }

  /** The single writer. */
  async #write(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    // Lets the caller finish, so that all it records shares one fsync.
    await Promise.resolve();
    while (this.#snapshot !== null || this.#unwritten.bytes.length > 0 || this.#waiting.length > 0) {
      const compacted = this.#snapshot !== null;
      // Another snapshot may be saved meanwhile; the journal must never be newer than the snapshot before it.
      while (this.#snapshot !== null) await this.#writeSnapshot(this.#snapshot);
      const durable = this.#waiting;
      this.#waiting = [];
      if (compacted) await this.rewrite();
      else if (this.#unwritten.bytes.length > 0) await this.#append();
      for (const run of durable) run();
    }
    this.#writing = false;
  }

  #writeSnapshot(snapshot: Json): Promise<void> {
    this.#snapshot = null;
    return this.#disk.replace(this.#files.snapshot, encodeRecord(snapshot));
  }

  #append(): Promise<void> {
    this.#disk.append(this.#files.log, this.#unwritten.bytes);
    this.#unwritten.clear();
    return this.#disk.sync(this.#files.log);
  }
}
