/**
 * What an acceptor keeps on its disk (Paxos Made Simple, section 2.5): of each instance the highest ballot it promised to
 * and the highest-numbered proposal it accepted. A proposer needs nothing of its own: each ballot that it uses it first
 * promises to itself.
 *
 * Changes take effect in memory at once and are written behind (replicated-log/journal.ts).
 */
import { isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';
import type { NodeDisk } from '../../harness/node/program.ts';
import { NO_BALLOT, type Ballot } from '../replicated-log/ballots.ts';
import { Journal, readJournal, type JournalContents } from '../replicated-log/journal.ts';
import { natural } from '../replicated-log/messages.ts';
import { CorruptFileError } from '../replicated-log/record.ts';
import { isProposal, type Proposal } from './messages.ts';

/** Name of the journal. */
export const JOURNAL_FILE = 'paxos.log';
/** There are no snapshots: an instance is small, and opening writes one record for each. */
const FILES = { log: JOURNAL_FILE, snapshot: 'paxos.snapshot' };

/** What an acceptor remembers of one instance. */
export interface Acceptance {
  /** The highest ballot it has promised to. */
  promised: Ballot;
  /** The highest-numbered proposal it has accepted. */
  accepted: Proposal | null;
}

/** The disk of one node. */
export class Storage {
  /** Bytes of a torn write that recovery dropped. */
  readonly tornBytes: number;
  readonly #acceptances = new Map<string, Acceptance>();
  readonly #journal: Journal;

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

  /** How many instances this acceptor has heard of. */
  get size(): number {
    return this.#acceptances.size;
  }

  /** What is remembered of an instance, to be changed by the acceptor, and saved. */
  at(instance: string): Acceptance {
    let acceptance = this.#acceptances.get(instance);
    if (acceptance === undefined) {
      acceptance = { promised: NO_BALLOT, accepted: null };
      this.#acceptances.set(instance, acceptance);
    }
    return acceptance;
  }

  /** Writes what is now remembered of an instance. */
  save(instance: string): void {
    this.#journal.record(recordOf(instance, this.at(instance)));
  }

  /** Runs this when everything saved so far is durable: at once if it is. */
  whenDurable(run: () => void): void {
    this.#journal.whenDurable(run);
  }

  *#image(): Iterable<Json> {
    for (const [instance, acceptance] of this.#acceptances) yield recordOf(instance, acceptance);
  }

  /** Takes up what an earlier life saved. */
  #replay(record: Json): void {
    if (isJsonObject(record) && typeof record.instance === 'string' && natural(record.promised)) {
      const { instance, promised, accepted } = record;
      if (accepted === null || isProposal(accepted)) {
        this.#acceptances.set(instance, { promised: Number(promised), accepted });
        return;
      }
    }
    throw new CorruptFileError(JOURNAL_FILE, `unknown record ${JSON.stringify(record).slice(0, 80)}`);
  }
}

function recordOf(instance: string, { promised, accepted }: Acceptance): JsonObject {
  return { instance, promised, accepted };
}
