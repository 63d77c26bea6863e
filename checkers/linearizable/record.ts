/**
 * From the entries of a history to calls: invocations paired with their completions, as the entries come, so that a history
 * need not be in memory as a whole.
 */
import { isClient, type Operation } from '../../harness/history/operation.ts';
import { ABSENT, Calls, copyCall, newColumns, NEVER, type CallColumns } from './calls.ts';
import { Values } from './values.ts';

const INITIAL_CAPACITY = 256;
/** `returned` while nobody knows whether the call failed: at the end it means the same as a crash. */
const OPEN = NEVER;
/** `returned` of a call that failed: it did not happen. */
const FAILED = -1;

/** Columns that grow. */
class GrowingColumns {
  columns = newColumns(INITIAL_CAPACITY);
  length = 0;

  /** Room for one more call; the answer is its place. */
  add(): number {
    if (this.length === this.columns.invoked.length) this.#grow();
    return this.length++;
  }

  #grow(): void {
    const grown = newColumns(2 * this.columns.invoked.length);
    for (const name of Object.keys(grown) as (keyof CallColumns)[]) grown[name].set(this.columns[name]);
    this.columns = grown;
  }
}

/** Collects the calls of a history from its entries. */
export class CallRecorder {
  readonly #values = new Values();
  readonly #functions: string[] = [];
  readonly #growing = new GrowingColumns();
  /** The open call of each process. */
  readonly #open = new Map<number, number>();

  /** Takes the next entry. */
  add(entry: Operation): void {
    if (!isClient(entry)) return;
    if (entry.type === 'invoke') this.#invoke(entry, entry.process);
    else this.#complete(entry, entry.process);
  }

  /** The calls, without those that failed. They share the recorder's memory, so this ends the recording. */
  calls(): Calls {
    const { columns, length } = this.#growing;
    let count = 0;
    for (let call = 0; call < length; call++) {
      if (columns.returned[call] === FAILED) continue;
      if (count < call) copyCall(columns, call, columns, count);
      count++;
    }
    return new Calls(columns, this.#functions, this.#values).range(0, count);
  }

  #invoke({ index, time, f, value, key }: Operation, process: number): void {
    const call = this.#growing.add();
    const { columns } = this.#growing;
    columns.invoked[call] = index;
    columns.returned[call] = OPEN;
    columns.f[call] = this.#functionId(f);
    columns.argument[call] = this.#values.idOf(value);
    columns.result[call] = ABSENT;
    columns.key[call] = key === undefined ? ABSENT : this.#values.idOf(key);
    columns.process[call] = process;
    columns.invokedAt[call] = time;
    this.#open.set(process, call);
  }

  #complete({ index, time, type, value, key }: Operation, process: number): void {
    const call = this.#open.get(process);
    if (call === undefined) return;
    this.#open.delete(process);
    const { columns } = this.#growing;
    if (type === 'fail') columns.returned[call] = FAILED;
    if (type !== 'ok') return;
    columns.returned[call] = index;
    columns.returnedAt[call] = time;
    columns.result[call] = this.#values.idOf(value);
    if (key !== undefined && columns.key[call] === ABSENT) columns.key[call] = this.#values.idOf(key);
  }

  #functionId(name: string): number {
    const known = this.#functions.indexOf(name);
    return known === -1 ? this.#functions.push(name) - 1 : known;
  }
}

/** The calls of a history that comes in batches, without those that failed; only a batch is in memory. */
export async function recordBatches(batches: AsyncIterable<readonly Operation[]>): Promise<Calls> {
  const recorder = new CallRecorder();
  for await (const batch of batches) for (const entry of batch) recorder.add(entry);
  return recorder.calls();
}

/** The calls of a history, without those that failed. */
export function recordCalls(history: Iterable<Operation>): Calls {
  const recorder = new CallRecorder();
  for (const entry of history) recorder.add(entry);
  return recorder.calls();
}
