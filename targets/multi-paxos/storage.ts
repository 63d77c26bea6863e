/**
 * What a Multi-Paxos node keeps on its disk: the acceptor's promise and what it accepted ("an acceptor must remember
 * them in stable storage", "Paxos Made Simple", section 2.5), and the newest snapshot.
 *
 * Changes take effect in memory at once and are written behind (replicated-log/journal.ts). The journal's records
 * are a promise, a base (everything up to it is in the snapshot), or accepted values together with the first of
 * their slots.
 */
import { isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';
import type { NodeDisk } from '../../harness/node/program.ts';
import { NO_BALLOT, type Ballot } from '../replicated-log/ballots.ts';
import { Journal, readJournal, type JournalContents } from '../replicated-log/journal.ts';
import { CorruptFileError } from '../replicated-log/record.ts';
import { snapshotIn, type Snapshot } from '../replicated-log/snapshots.ts';
import { SlotLog, type Accepted } from './log.ts';
import { areEntries } from './messages.ts';

/** Names of the files. */
export const LOG_FILE = 'paxos.log';
export const SNAPSHOT_FILE = 'paxos.snapshot';
const FILES = { log: LOG_FILE, snapshot: SNAPSHOT_FILE };

/** What was read from the disk at the start. */
interface Recovered {
  readonly log: SlotLog;
  readonly promised: Ballot;
  readonly snapshot: Snapshot | null;
  readonly tornBytes: number;
}

/** The disk of one node. */
export class Storage {
  readonly log: SlotLog;
  /** Bytes of a torn write that recovery dropped. */
  readonly tornBytes: number;
  readonly #journal: Journal;
  #promised: Ballot;
  #snapshot: Snapshot | null;

  private constructor(disk: NodeDisk, recovered: Recovered) {
    this.#journal = new Journal(disk, FILES, () => this.#image());
    this.log = recovered.log;
    this.tornBytes = recovered.tornBytes;
    this.#promised = recovered.promised;
    this.#snapshot = recovered.snapshot;
  }

  /** Reads what is there. Throws a CorruptFileError for damage that no crash explains. */
  static async open(disk: NodeDisk): Promise<Storage> {
    const storage = new Storage(disk, recover(await readJournal(disk, FILES)));
    await storage.#journal.rewrite();
    return storage;
  }

  /** The promise as last recorded. */
  get promised(): Ballot {
    return this.#promised;
  }

  /** The newest snapshot, null when there is none. */
  get snapshot(): Snapshot | null {
    return this.#snapshot;
  }

  savePromise(ballot: Ballot): void {
    this.#promised = ballot;
    this.#journal.record(promiseRecord(ballot));
  }

  /** Writes what was accepted, or is known to be chosen, in successive slots. */
  saveEntries(from: number, entries: readonly Accepted[]): void {
    this.log.write(from, entries);
    this.#journal.record(entriesRecord(from, entries));
  }

  /** Keeps this snapshot as the newest, and forgets the slots up to `base`, which it covers. */
  saveSnapshot(snapshot: Snapshot, base: number): void {
    this.#snapshot = snapshot;
    this.log.compact(base);
    this.#journal.compact(snapshot);
  }

  /** Runs this when everything recorded so far is durable: at once if it is. */
  whenDurable(run: () => void): void {
    this.#journal.whenDurable(run);
  }

  /** The records of the whole log file as it should be now: one for each run of slots without a gap. */
  *#image(): Iterable<Json> {
    yield promiseRecord(this.#promised);
    yield { type: 'base', slot: this.log.base };
    let next = this.log.base + 1;
    while (next <= this.log.last) {
      const run = this.log.run(next, this.log.last);
      if (run.length > 0) yield entriesRecord(next, run);
      next += Math.max(1, run.length);
    }
  }
}

function promiseRecord(ballot: Ballot): JsonObject {
  return { type: 'promise', ballot };
}

function entriesRecord(from: number, entries: readonly Accepted[]): JsonObject {
  return { type: 'entries', from, entries };
}

function recover({ records, snapshot: saved, tornBytes }: JournalContents): Recovered {
  const log = new SlotLog();
  let promised = NO_BALLOT;
  for (const record of records) promised = replay(record, log) ?? promised;
  const snapshot = snapshotIn(SNAPSHOT_FILE, saved);
  if (log.base > (snapshot?.index ?? 0)) {
    throw new CorruptFileError(
      SNAPSHOT_FILE,
      `no snapshot reaches slot ${log.base}, after which the log begins`,
    );
  }
  // A crash may have come between the snapshot and the log; then what the log has of these slots need not be what was chosen.
  log.compact(snapshot?.index ?? 0);
  return { log, promised, snapshot, tornBytes };
}

/** Replays one record onto the log, or answers the promise that it holds. */
function replay(record: Json, log: SlotLog): Ballot | undefined {
  if (isJsonObject(record)) {
    const { type, ballot, slot, from, entries } = record;
    if (type === 'promise' && typeof ballot === 'number') return ballot;
    if (type === 'base' && typeof slot === 'number') {
      log.compact(slot);
      return undefined;
    }
    if (type === 'entries' && typeof from === 'number' && areEntries(entries)) {
      log.write(from, entries);
      return undefined;
    }
  }
  throw new CorruptFileError(LOG_FILE, `unknown record ${JSON.stringify(record).slice(0, 80)}`);
}
