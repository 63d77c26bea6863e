/**
 * What a Raft node keeps on its disk: term and vote, the log, the newest snapshot (figure 3.1, "persistent
 * state on all servers").
 *
 * Changes take effect in memory at once and are written behind (replicated-log/journal.ts). The journal's records
 * are a hard state, a base (the log begins anew after it), or entries together with the index of the first,
 * which replace whatever the log had from there on.
 */
import { isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';
import type { NodeDisk, NodeId } from '../../harness/node/program.ts';
import { Journal, readJournal, type JournalContents } from '../replicated-log/journal.ts';
import { CorruptFileError } from '../replicated-log/record.ts';
import { RaftLog, type Entry } from './log.ts';
import { isMembers, type Members } from './members.ts';
import { isEntries } from './messages.ts';

/** Names of the files. */
export const LOG_FILE = 'raft.log';
export const SNAPSHOT_FILE = 'raft.snapshot';
const FILES = { log: LOG_FILE, snapshot: SNAPSHOT_FILE };

/** The latest term a node has seen, and whom it voted for in it. */
export type HardState = { readonly term: number; readonly vote: NodeId | null };

/** The state machine after the entry at `index`, which has this term. */
export type Snapshot = {
  readonly index: number;
  readonly term: number;
  readonly state: string;
  /** Who belonged to the cluster as of that entry. */
  readonly members: Members;
};

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
  readonly #journal: Journal;
  #hardState: HardState;
  #snapshot: Snapshot | null;

  private constructor(disk: NodeDisk, recovered: Recovered) {
    this.#journal = new Journal(disk, FILES, () => this.#image());
    this.log = recovered.log;
    this.tornBytes = recovered.tornBytes;
    this.#hardState = recovered.hardState;
    this.#snapshot = recovered.snapshot;
  }

  /**
   * Reads what is there; of a cluster that begins, with its first members. Throws a CorruptFileError for damage that no crash
   * explains.
   */
  static async open(disk: NodeDisk, firstMembers: Members): Promise<Storage> {
    const storage = new Storage(disk, recover(await readJournal(disk, FILES), firstMembers));
    await storage.#journal.rewrite();
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
    this.#journal.record(hardStateRecord(hardState));
  }

  /** Writes entries at this index, in place of whatever the log had from there on. */
  saveEntries(from: number, entries: readonly Entry[]): void {
    this.log.write(from, entries);
    this.#journal.record(entriesRecord(from, entries));
  }

  /**
   * Keeps this snapshot as the newest. A log that holds its last entry keeps what follows and `trailing`
   * entries before; any other log contradicts the snapshot or ends short of it, and begins anew.
   */
  saveSnapshot(snapshot: Snapshot, trailing: number): void {
    this.#snapshot = snapshot;
    if (this.log.termAt(snapshot.index) === snapshot.term) this.log.compact(snapshot.index - trailing);
    else this.log.reset(snapshot.index, snapshot.term, snapshot.members);
    this.#journal.compact(snapshot);
  }

  /** Runs this when everything recorded so far is durable: at once if it is. */
  whenDurable(run: () => void): void {
    this.#journal.whenDurable(run);
  }

  /** The records of the whole log file as it should be now. */
  *#image(): Iterable<Json> {
    const { baseIndex, baseTerm } = this.log;
    yield hardStateRecord(this.#hardState);
    yield { type: 'base', index: baseIndex, term: baseTerm, members: this.log.membersAt(baseIndex) };
    yield entriesRecord(baseIndex + 1, this.log.slice(baseIndex + 1));
  }
}

function hardStateRecord({ term, vote }: HardState): JsonObject {
  return { type: 'hard-state', term, vote };
}

function entriesRecord(from: number, entries: readonly Entry[]): JsonObject {
  return { type: 'entries', from, entries };
}

function recover({ records, snapshot: saved, tornBytes }: JournalContents, firstMembers: Members): Recovered {
  const log = new RaftLog(firstMembers);
  let hardState: HardState = { term: 0, vote: null };
  for (const record of records) hardState = replay(record, log) ?? hardState;
  const snapshot = saved === null ? null : snapshotOf(saved);
  if (log.baseIndex > (snapshot?.index ?? 0)) {
    throw new CorruptFileError(
      SNAPSHOT_FILE,
      `no snapshot reaches entry ${log.baseIndex}, after which the log begins`,
    );
  }
  if (snapshot !== null && log.termAt(snapshot.index) !== snapshot.term) {
    log.reset(snapshot.index, snapshot.term, snapshot.members);
  }
  return { log, hardState, snapshot, tornBytes };
}

/** Replays one record onto the log, or answers the hard state that it holds. */
function replay(record: Json, log: RaftLog): HardState | undefined {
  if (isJsonObject(record)) {
    const { type, term, vote, index, from, entries, members } = record;
    if (type === 'hard-state' && typeof term === 'number' && (vote === null || typeof vote === 'string')) {
      return { term, vote };
    }
    if (type === 'base' && typeof index === 'number' && typeof term === 'number' && isMembers(members)) {
      log.reset(index, term, members);
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

function snapshotOf(record: Json): Snapshot {
  const { index, term, state, members } = isJsonObject(record) ? record : {};
  const numbered = typeof index === 'number' && typeof term === 'number';
  if (!numbered || typeof state !== 'string' || !isMembers(members)) {
    throw new CorruptFileError(SNAPSHOT_FILE, 'its record is no snapshot');
  }
  return { index, term, state, members };
}
