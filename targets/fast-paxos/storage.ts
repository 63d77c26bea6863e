/**
 * What a Fast Paxos node keeps on its disk: the acceptor's promise and its votes, which must be durable before they are told;
 * what the learner knows to be chosen, which need not be: it goes along with the next vote, and what a crash
 * forgets of it is learned again; and the newest snapshot, which stands for the slots up to the base.
 */
import { isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';
import type { NodeDisk } from '../../harness/node/program.ts';
import { NO_BALLOT, type Ballot } from '../replicated-log/ballots.ts';
import { Journal, readJournal, type JournalContents } from '../replicated-log/journal.ts';
import { natural } from '../replicated-log/messages.ts';
import { CorruptFileError } from '../replicated-log/record.ts';
import { snapshotIn, type Snapshot } from '../replicated-log/snapshots.ts';
import { isEntry, type Entry } from './entry.ts';
import { isVote, sameEntry, type Vote } from './votes.ts';

/** Names of the files. */
export const JOURNAL_FILE = 'fast-paxos.log';
export const SNAPSHOT_FILE = 'fast-paxos.snapshot';
const FILES = { log: JOURNAL_FILE, snapshot: SNAPSHOT_FILE };

/** A slot and what was chosen in it; null stands for what this acceptor had voted for. */
type Choice = readonly [slot: number, entry: Entry | null];

/** The disk of one node. */
export class Storage {
  /** Bytes of a torn write that recovery dropped. */
  readonly tornBytes: number;
  readonly #journal: Journal;
  #promised: Ballot = NO_BALLOT;
  /** Votes in slots of which it is not known that they and all before are chosen. */
  readonly #votes = new Map<number, Vote>();
  /** What is known to be chosen, by slot, in slots after the base. */
  readonly #chosen = new Map<number, Entry>();
  /** What the file does not know yet to be chosen. */
  #unrecorded: Choice[] = [];
  #base = 0;
  #snapshot: Snapshot | null;

  private constructor(disk: NodeDisk, { records, snapshot, tornBytes }: JournalContents) {
    this.tornBytes = tornBytes;
    this.#journal = new Journal(disk, FILES, () => this.#image());
    for (const record of records) this.#replay(record);
    this.#snapshot = snapshotIn(SNAPSHOT_FILE, snapshot);
    const index = this.#snapshot?.index ?? 0;
    if (this.#base > index) {
      throw new CorruptFileError(
        SNAPSHOT_FILE,
        `no snapshot reaches slot ${this.#base}, after which the log begins`,
      );
    }
    // A crash may have come between the snapshot and the log, which then has gaps before it.
    this.#compact(index);
  }

  /** Reads what is there. Throws a CorruptFileError for damage that no crash explains. */
  static async open(disk: NodeDisk): Promise<Storage> {
    const storage = new Storage(disk, await readJournal(disk, FILES));
    await storage.#journal.rewrite();
    return storage;
  }

  /** The highest ballot promised. */
  get promised(): Ballot {
    return this.#promised;
  }

  /** The newest snapshot, null when there is none. */
  get snapshot(): Snapshot | null {
    return this.#snapshot;
  }

  /** The last slot that was compacted away; 0 when none was. */
  get base(): number {
    return this.#base;
  }

  /** All votes in slots that are not released. */
  get votes(): readonly Vote[] {
    return [...this.#votes.values()];
  }

  voteAt(slot: number): Vote | undefined {
    return this.#votes.get(slot);
  }

  chosenAt(slot: number): Entry | undefined {
    return this.#chosen.get(slot);
  }

  /** Promises to take part in nothing below this ballot. */
  promise(ballot: Ballot): void {
    this.#promised = ballot;
    this.#journal.record(promiseRecord(ballot));
  }

  /** Votes, which promises the vote's ballot as well. */
  vote(vote: Vote): void {
    this.#take(vote);
    if (this.#unrecorded.length > 0) this.#journal.record({ type: 'chosen', choices: this.#unrecorded });
    this.#unrecorded = [];
    this.#journal.record({ type: 'vote', vote });
  }

  #take(vote: Vote): void {
    this.#promised = Math.max(this.#promised, vote.round.ballot);
    this.#votes.set(vote.slot, vote);
  }

  /** Notes what is chosen. */
  choose(slot: number, entry: Entry): void {
    this.#chosen.set(slot, entry);
    const own = this.#votes.get(slot);
    const isOwn = own !== undefined && sameEntry(own.entry, entry);
    this.#unrecorded.push([slot, isOwn ? null : entry]);
  }

  /** This slot and all before are known to be chosen, so its vote is of no use any more. */
  release(slot: number): void {
    this.#votes.delete(slot);
  }

  /** Keeps this snapshot as the newest, and forgets what was chosen in the slots up to `base` and voted in those that it covers. */
  saveSnapshot(snapshot: Snapshot, base: number): void {
    this.#snapshot = snapshot;
    this.#compact(base);
    for (const slot of this.#votes.keys()) if (slot <= snapshot.index) this.release(slot);
    this.#journal.compact(snapshot);
  }

  #compact(base: number): void {
    this.#base = Math.max(this.#base, base);
    for (const known of [this.#chosen, this.#votes])
      for (const slot of known.keys()) if (slot <= this.#base) known.delete(slot);
  }

  /** Runs this when every promise and vote so far is durable: at once if it is. */
  whenDurable(run: () => void): void {
    this.#journal.whenDurable(run);
  }

  /** The records of the whole file as it should be now. */
  *#image(): Iterable<Json> {
    this.#unrecorded = [];
    yield promiseRecord(this.#promised);
    yield { type: 'base', slot: this.#base };
    if (this.#chosen.size > 0) yield { type: 'chosen', choices: [...this.#chosen] };
    for (const vote of this.#votes.values()) yield { type: 'vote', vote };
  }

  /** Takes up one record of an earlier life. */
  #replay(record: Json): void {
    if (isJsonObject(record)) {
      const { type, ballot, slot, vote, choices } = record;
      if (type === 'promise' && natural(ballot)) {
        this.#promised = Number(ballot);
        return;
      }
      if (type === 'base' && natural(slot)) {
        this.#base = Number(slot);
        return;
      }
      if (type === 'vote' && isVote(vote)) {
        this.#take(vote);
        return;
      }
      if (type === 'chosen' && Array.isArray(choices) && choices.every(isChoice)) {
        for (const choice of choices) this.#replayChoice(choice);
        return;
      }
    }
    throw new CorruptFileError(JOURNAL_FILE, `unknown record ${JSON.stringify(record).slice(0, 80)}`);
  }

  #replayChoice([slot, given]: Choice): void {
    const entry = given ?? this.#votes.get(slot)?.entry;
    if (entry === undefined) throw new CorruptFileError(JOURNAL_FILE, `no vote was cast in slot ${slot}`);
    this.#chosen.set(slot, entry);
  }
}

function promiseRecord(ballot: Ballot): JsonObject {
  return { type: 'promise', ballot };
}

function isChoice(value: Json): value is Choice {
  if (!Array.isArray(value)) return false;
  const [slot, entry] = value as readonly Json[];
  return natural(slot) && (entry === null || isEntry(entry));
}
