/**
 * What a Raft node keeps on its disk: term and vote, the log, the newest snapshot (figure 3.1, "persistent
 * state on all servers").
 *
 * Changes take effect in memory at once and are written behind, in order, by a single writer; what must not
 * be said before they are durable is passed to `whenDurable`. So the protocol above stays synchronous - no
 * state can change between a decision and the message that tells of it - and everything recorded while one
 * fsync runs shares the next (group commit).
 *
 * Two files. `raft.log` is a sequence of records: a hard state, a base (the log begins anew after it), or
 * entries together with the index of the first, which replace whatever the log had from there on.
 * `raft.snapshot` is one record. Compaction writes the snapshot first and the log second, each atomically;
 * a crash in between leaves a log that overlaps the snapshot, which recovery understands.
 *
 * A failed write is not handled: after a failed fsync nobody knows what the disk holds (Rebello et al., "Can
 * Applications Recover from fsync Failures?", ATC 2020), so the rejection goes up unhandled and ends the process.
 */
import { isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';
import type { NodeDisk, NodeId } from '../../harness/node/program.ts';
import { RaftLog, type Entry } from './log.ts';
import { isEntries } from './messages.ts';
import { CorruptFileError, decodeRecords, encodeRecord, RecordWriter } from './record.ts';

/** Names of the files. */
export const LOG_FILE = 'raft.log';
export const SNAPSHOT_FILE = 'raft.snapshot';

/** The latest term a node has seen, and whom it voted for in it. */
export type HardState = { readonly term: number; readonly vote: NodeId | null };

/** The state machine after the entry at `index`, which has this term. */
export type Snapshot = { readonly index: number; readonly term: number; readonly state: string };

/** What was read from the disk at the start. */
interface Recovered {
  readonly log: RaftLog;
  readonly hardState: HardState;
  readonly snapshot: Snapshot | null;
  readonly tornBytes: number;
}

/** The disk of one node. */
export class Storage {
  readonly log: RaftLog;
  /** Bytes of a torn write that recovery dropped. */
  readonly tornBytes: number;
  readonly #disk: NodeDisk;
  #hardState: HardState;
  #snapshot: Snapshot | null;
  /** Records that were not yet handed to the disk. */
  readonly #unwritten = new RecordWriter();
  #snapshotUnwritten = false;
  /** To run when everything recorded before is durable. */
  #waiting: (() => void)[] = [];
  #writing = false;

  private constructor(disk: NodeDisk, recovered: Recovered) {
    this.#disk = disk;
    this.log = recovered.log;
    this.tornBytes = recovered.tornBytes;
    this.#hardState = recovered.hardState;
    this.#snapshot = recovered.snapshot;
  }

  /** Reads what is there. Throws a CorruptFileError for damage that no crash explains. */
  static async open(disk: NodeDisk): Promise<Storage> {
    const [log, snapshot] = [await disk.read(LOG_FILE), await disk.read(SNAPSHOT_FILE)];
    const storage = new Storage(disk, recover(log, snapshot));
    // Drops the torn tail, and makes durable what was read but perhaps never synced.
    await disk.replace(LOG_FILE, storage.#image());
    return storage;
  }

  /** Term and vote as last recorded. */
  get hardState(): HardState {
    return this.#hardState;
  }

  /** The newest snapshot, null when there is none. */
  get snapshot(): Snapshot | null {
    return this.#snapshot;
  }

  saveHardState(hardState: HardState): void {
    this.#hardState = hardState;
    this.#record(hardStateRecord(hardState));
  }

  /** Writes entries at this index, in place of whatever the log had from there on. */
  saveEntries(from: number, entries: readonly Entry[]): void {
    this.log.write(from, entries);
    this.#record(entriesRecord(from, entries));
  }

  /**
   * Keeps this snapshot as the newest. A log that holds its last entry keeps what follows and `trailing`
   * entries before; any other log contradicts the snapshot or ends short of it, and begins anew.
   */
  saveSnapshot(snapshot: Snapshot, trailing: number): void {
    this.#snapshot = snapshot;
    if (this.log.termAt(snapshot.index) === snapshot.term) this.log.compact(snapshot.index - trailing);
    else this.log.reset(snapshot.index, snapshot.term);
    this.#snapshotUnwritten = true;
    void this.#write();
  }

  /** Runs this when everything recorded so far is durable: at once if it is. */
  whenDurable(run: () => void): void {
    if (this.#writing) this.#waiting.push(run);
    else run();
  }

  #record(record: Json): void {
    this.#unwritten.add(record);
    void this.#write();
  }

  /** The single writer. */
  async #write(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    // Lets the caller finish, so that all it records shares one fsync.
    await Promise.resolve();
    while (this.#snapshotUnwritten || this.#unwritten.bytes.length > 0 || this.#waiting.length > 0) {
      const rewrite = this.#snapshotUnwritten;
      // Another snapshot may be saved meanwhile; the log must never be newer than the snapshot before it.
      while (this.#snapshotUnwritten) await this.#writeSnapshot();
      const durable = this.#waiting;
      this.#waiting = [];
      if (rewrite) await this.#rewrite();
      else if (this.#unwritten.bytes.length > 0) await this.#append();
      for (const run of durable) run();
    }
    this.#writing = false;
  }

  async #writeSnapshot(): Promise<void> {
    this.#snapshotUnwritten = false;
    if (this.#snapshot !== null) await this.#disk.replace(SNAPSHOT_FILE, encodeRecord(this.#snapshot));
  }

  #append(): Promise<void> {
    this.#disk.append(LOG_FILE, this.#unwritten.bytes);
    this.#unwritten.clear();
    return this.#disk.sync(LOG_FILE);
  }

  /** The log file as it should be now, in which all records are that wait to be written. */
  #rewrite(): Promise<void> {
    this.#unwritten.clear();
    return this.#disk.replace(LOG_FILE, this.#image());
  }

  /** The whole log file as it should be now. */
  #image(): Uint8Array {
    const { baseIndex, baseTerm } = this.log;
    return new RecordWriter()
      .add(hardStateRecord(this.#hardState))
      .add({ type: 'base', index: baseIndex, term: baseTerm })
      .add(entriesRecord(baseIndex + 1, this.log.slice(baseIndex + 1))).bytes;
  }
}

function hardStateRecord({ term, vote }: HardState): JsonObject {
  return { type: 'hard-state', term, vote };
}

function entriesRecord(from: number, entries: readonly Entry[]): JsonObject {
  return { type: 'entries', from, entries };
}

function recover(logBytes: Uint8Array | undefined, snapshotBytes: Uint8Array | undefined): Recovered {
  const { records, tornBytes } = decodeRecords(LOG_FILE, logBytes ?? new Uint8Array());
  const log = new RaftLog();
  let hardState: HardState = { term: 0, vote: null };
  for (const record of records) hardState = replay(record, log) ?? hardState;
  const snapshot = snapshotBytes === undefined ? null : decodeSnapshot(snapshotBytes);
  if (snapshot !== null && logBytes === undefined) {
    throw new CorruptFileError(LOG_FILE, 'it is missing, though there is a snapshot');
  }
  if (log.baseIndex > (snapshot?.index ?? 0)) {
    throw new CorruptFileError(
      SNAPSHOT_FILE,
      `no snapshot reaches entry ${log.baseIndex}, after which the log begins`,
    );
  }
  if (snapshot !== null && log.termAt(snapshot.index) !== snapshot.term) {
    log.reset(snapshot.index, snapshot.term);
  }
  return { log, hardState, snapshot, tornBytes };
}

/** Replays one record onto the log, or answers the hard state that it holds. */
function replay(record: Json, log: RaftLog): HardState | undefined {
  if (isJsonObject(record)) {
    const { type, term, vote, index, from, entries } = record;
    if (type === 'hard-state' && typeof term === 'number' && (vote === null || typeof vote === 'string')) {
      return { term, vote };
    }
    if (type === 'base' && typeof index === 'number' && typeof term === 'number') {
      log.reset(index, term);
      return undefined;
    }
    if (type === 'entries' && typeof from === 'number' && isEntries(entries)) {
      if (from <= log.baseIndex || from > log.lastIndex + 1) {
        throw new CorruptFileError(LOG_FILE, `entry ${from} follows entry ${log.lastIndex}`);
      }
      log.write(from, entries);
      return undefined;
    }
  }
  throw new CorruptFileError(LOG_FILE, `unknown record ${JSON.stringify(record).slice(0, 80)}`);
}

function decodeSnapshot(bytes: Uint8Array): Snapshot {
  const { records, tornBytes } = decodeRecords(SNAPSHOT_FILE, bytes);
  const [record] = records;
  if (tornBytes > 0 || !isJsonObject(record)) {
    throw new CorruptFileError(SNAPSHOT_FILE, 'it ends before its record does');
  }
  const { index, term, state } = record;
  if (typeof index !== 'number' || typeof term !== 'number' || typeof state !== 'string') {
    throw new CorruptFileError(SNAPSHOT_FILE, 'its record is no snapshot');
  }
  return { index, term, state };
}
