/**
 * What a Fast Paxos node keeps on its disk: the acceptor's promise and its votes, which must be durable before they are told,
 * and what the learner knows to be chosen, which need not be: it goes along with the next vote, and what a crash
 * forgets of it is learned again.
 */
import { isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';
import type { NodeDisk } from '../../harness/node/program.ts';
import { NO_BALLOT, type Ballot } from '../multi-paxos/ballots.ts';
import { Journal, readJournal, type JournalContents } from '../replicated-log/journal.ts';
import { natural } from '../replicated-log/messages.ts';
import { CorruptFileError } from '../replicated-log/record.ts';
import { isEntry, type Entry } from './entry.ts';
import { isVote, textOfEntry, type Vote } from './votes.ts';

/** Name of the journal. */
export const JOURNAL_FILE = 'fast-paxos.log';
/** The log is not compacted, so there are no snapshots. */
const FILES = { log: JOURNAL_FILE, snapshot: 'fast-paxos.snapshot' };

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
  /** What is known to be chosen, by slot. */
  readonly #chosen = new Map<number, Entry>();
  /** What the file does not know yet to be chosen. */
  #unrecorded: Choice[] = [];

  private constructor(disk: NodeDisk, { records, tornBytes }: JournalContents) {
    this.tornBytes = tornBytes;
    this.#journal = new Journal(disk, FILES, () => this.#image());
    for (const record of records) this.#replay(record);
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
    const isOwn = own !== undefined && textOfEntry(own.entry) === textOfEntry(entry);
    this.#unrecorded.push([slot, isOwn ? null : entry]);
  }

  /** This slot and all before are known to be chosen, so its vote is of no use any more. */
  release(slot: number): void {
    this.#votes.delete(slot);
  }

  /** Runs this when every promise and vote so far is durable: at once if it is. */
  whenDurable(run: () => void): void {
    this.#journal.whenDurable(run);
  }

  *#image(): Iterable<Json> {
    yield promiseRecord(this.#promised);
    if (this.#chosen.size > 0) yield { type: 'chosen', choices: [...this.#chosen] };
    for (const vote of this.#votes.values()) yield { type: 'vote', vote };
  }

  /** Takes up one record of an earlier life. */
  #replay(record: Json): void {
    if (isJsonObject(record)) {
      const { type, ballot, vote, choices } = record;
      if (type === 'promise' && natural(ballot)) {
        this.#promised = Number(ballot);
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
