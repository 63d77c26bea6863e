/**
 * Writes the trace of a simulated run as it happens. Entries are turned into text at once, for the messages in
 * them are the run's own and go on living; what cannot be written is told at the end, because an onlooker must not
 * throw into what it looks at.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { HarnessError, messageOf } from '../errors.ts';
import type { SimEntry, SimObserver } from '../cluster/sim/observer.ts';
import type { TraceSink } from '../run/trace.ts';

/** Characters that are written at a time. */
const CHUNK = 1 << 16;

/** Writes `trace.jsonl` at this path. */
export class TraceWriter implements SimObserver, TraceSink {
  readonly #path: string;
  readonly #file: number;
  /** Entries from before the test: when it begins, and so how much earlier they are, is not known yet. */
  #early: SimEntry[] | undefined = [];
  #zero = 0;
  #text = '';
  #failure: string | undefined;

  /** Throws a HarnessError when there can be no file of that name. */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = openSync(path, 'w');
    } catch (error) {
      throw new HarnessError(`cannot write ${path}: ${messageOf(error)}`, { cause: error });
    }
  }

  note(entry: SimEntry): void {
    if (this.#early === undefined) this.#append(entry);
    else this.#early.push(structuredClone(entry));
  }

  begin(now: number): void {
    this.#zero = now;
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const entry of early) this.#append(entry);
  }

  close(): void {
    if (this.#early !== undefined) this.begin(0);
    this.#flush();
    closeSync(this.#file);
    if (this.#failure !== undefined) throw new HarnessError(`cannot write ${this.#path}: ${this.#failure}`);
  }

  #append({ time, ...entry }: SimEntry): void {
    this.#text += `${JSON.stringify({ time: time - this.#zero, ...entry })}\n`;
    if (this.#text.length >= CHUNK) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text);
    this.#text = '';
    if (this.#failure !== undefined) return;
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
    } catch (error) {
      this.#failure = messageOf(error);
    }
  }
}
