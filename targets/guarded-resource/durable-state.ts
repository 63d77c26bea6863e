/**
 * State of a node that is small and must not be forgotten: every change is a record in a journal, and the journal is written anew, as
 * short as it can be, each time the node starts.
 */
import type { Json } from '../../harness/json.ts';
import type { NodeDisk } from '../../harness/node/program.ts';
import { Journal, readJournal, type JournalFiles } from '../replicated-log/journal.ts';

/** The durable side of a node's state. */
export class DurableState {
  readonly #disk: NodeDisk;
  readonly #files: JournalFiles;
  readonly #journal: Journal;

  /** @param image the records of which the state as it is now can be made */
  constructor(disk: NodeDisk, file: string, image: () => Iterable<Json>) {
    this.#disk = disk;
    this.#files = { log: file, snapshot: `${file}.snapshot` };
    this.#journal = new Journal(disk, this.#files, image);
  }

  /** Shows what earlier lives recorded, in order, and shortens it. Throws a CorruptFileError for damage that no crash explains. */
  async recover(apply: (record: Json) => void): Promise<void> {
    const { records } = await readJournal(this.#disk, this.#files);
    for (const record of records) apply(record);
    await this.#journal.rewrite();
  }

  record(record: Json): void {
    this.#journal.record(record);
  }

  /** Resolves when everything recorded so far is durable. Never does, if it cannot be: then the node ends. */
  durable(): Promise<void> {
    return new Promise((resolve) => this.#journal.whenDurable(resolve));
  }
}
