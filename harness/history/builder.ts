/**
 * From the entries of a file to a history: every format brings its entries down to one shape, and here they
 * are checked field by field, completed where others leave fields out, and held to the rules of processes.
 *
 * Two dialects. `own` is what the recorder writes: nothing is missing, nothing is bent. `foreign` is what
 * others write (Jepsen, its checkers' tests, Porcupine), where index, time, value and - in histories that
 * are sequential - even the process may be absent, and a process may go on after an `info`.
 */
import { UsageError } from '../errors.ts';
import { isJsonObject, type Json } from '../json.ts';
import type { FormatOptions } from './independent.ts';
import type { Operation, OperationType, ProcessId } from './operation.ts';
import { Processes } from './processes.ts';
import type { SourceName } from './source.ts';

type Draft = { -readonly [name in keyof Operation]: Operation[name] };
type Entry = Readonly<Record<string, Json | undefined>>;

/** Collects the entries of one history, and hands its operations on. */
export class HistoryBuilder {
  /** What errors call the history. */
  readonly source: SourceName;
  readonly #own: boolean;
  readonly #independent: boolean;
  readonly #processes = new Processes('line');
  readonly #notes = new Set<string>();
  /** Operations that were not handed on yet. */
  #ready: Operation[] = [];
  #count = 0;
  #processless = false;
  /** The first entry has no time, so that positions stand for times. */
  #timeless = false;
  #latest = 0;

  constructor(source: SourceName, dialect: 'own' | 'foreign', options: FormatOptions) {
    this.source = source;
    this.#own = dialect === 'own';
    this.#independent = options.independent === true;
  }

  /** What a reader should know: a torn last line, times that were made up, … One sentence each. */
  get notes(): string[] {
    return [...this.#notes];
  }

  /** Whether values are to be split into key and value. */
  get independent(): boolean {
    return this.#independent;
  }

  /** Says something about the whole history, once however often it is said. */
  note(sentence: string): void {
    this.#notes.add(sentence);
  }

  /** Adds the entry of that line. Throws a UsageError if something is wrong with it. */
  add(entry: Json, line: number): void {
    if (!isJsonObject(entry)) {
      throw this.source.malformed(
        line,
        `expected an operation as a map, got ${JSON.stringify(entry).slice(0, 60)}`,
      );
    }
    const operation: Draft = {
      index: this.#index(entry, line),
      time: this.#time(entry, line),
      process: this.#process(entry, line),
      type: this.#type(entry, line),
      f: this.#function(entry, line),
      value: null,
    };
    this.#object(operation, entry, line);
    const { error, node } = entry;
    if (error !== undefined && error !== null) operation.error = error;
    if (node !== undefined && node !== null) operation.node = this.#node(node, line);
    this.addWhole(operation, line);
  }

  /** Adds an operation whose fields are known to be right, each for itself. */
  addWhole(operation: Operation, line: number): void {
    if (operation.index !== this.#count) this.#index({ index: operation.index }, line);
    const violation = this.#processes.take(operation, line);
    if (violation !== undefined) {
      if (this.#own || !violation.reused) throw this.source.malformed(line, violation.message);
      this.note('processes go on after an info; each info stays open all the same');
    }
    this.#latest = operation.time;
    this.#count += 1;
    this.#ready.push(operation);
  }

  /** The operations that were added since it was last asked. */
  take(): Operation[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  /** There are no more entries. Throws a UsageError if there was none at all. */
  end(): void {
    if (this.#count > 0) return;
    const torn = [...this.#notes].map((note) => ` (${note})`).join('');
    throw new UsageError(`${this.source.name}: holds no operations${torn}; expected at least one`);
  }

  #index({ index }: Entry, line: number): number {
    const position = this.#count;
    if (index === position) return position;
    if (this.#own) throw this.source.malformedField(line, 'index', `${position}, the next in order`, index);
    if (index !== undefined) this.note('indices do not count from 0: entries were numbered by position');
    return position;
  }

  #time({ time }: Entry, line: number): number {
    if (this.#timeless) return this.#count;
    if (Number.isSafeInteger(time)) return time as number;
    if (time !== undefined || this.#own) {
      throw this.source.malformedField(line, 'time', 'whole nanoseconds since the start of the test', time);
    }
    if (this.#count > 0) {
      this.note('some entries have no time: they were given that of the entry before');
      return this.#latest;
    }
    this.#timeless = true;
    this.note('not every entry has a time: positions stand for nanoseconds');
    return 0;
  }

  #process({ process }: Entry, line: number): ProcessId {
    if (process === undefined && !this.#own && (this.#processless || this.#count === 0)) {
      this.#processless = true;
      this.note('no entry has a process: all are taken as of one, process 0');
      return 0;
    }
    if (process === 'nemesis') return process;
    // Processes of others by any other name are no clients either.
    if (typeof process === 'string' && process !== '' && !this.#own) return 'nemesis';
    const none = this.#processless;
    if (!none && typeof process === 'number' && Number.isSafeInteger(process) && process >= 0) return process;
    const expected = none ? 'none, as in the entries before' : 'a whole number from 0, or nemesis';
    throw this.source.malformedField(line, 'process', expected, process);
  }

  #type({ type }: Entry, line: number): OperationType {
    if (type === 'invoke' || type === 'ok' || type === 'fail' || type === 'info') return type;
    throw this.source.malformedField(line, 'type', 'one of invoke, ok, fail, info', type);
  }

  #function({ f, value }: Entry, line: number): string {
    if (typeof f === 'string' && f !== '') return f;
    if (f === undefined && !this.#own && isTransaction(value)) {
      this.note('entries without a function whose value is a list of micro-operations were taken as txn');
      return 'txn';
    }
    throw this.source.malformedField(line, 'f', "the function's name", f);
  }

  /** Sets value and key: as given, split from a tuple, or taken over from the invocation. */
  #object(operation: Draft, { key, value }: Entry, line: number): void {
    const client = operation.process !== 'nemesis';
    if (key !== undefined) operation.key = key;
    if (value === undefined) {
      if (this.#own) throw this.source.malformedField(line, 'value', 'a value (null for none)', value);
      this.#inherit(operation);
    } else if (this.#independent && client && key === undefined) {
      if (!Array.isArray(value) || value.length !== 2) {
        throw this.source.malformedField(line, 'value', 'an independent tuple [key value]', value);
      }
      [operation.key, operation.value] = value as [Json, Json];
    } else {
      operation.value = value;
    }
  }

  /** Jepsen's completions repeat what was asked unless they say what came of it; some writers leave it out. */
  #inherit(operation: Draft): void {
    const { process, type } = operation;
    const invocation = process === 'nemesis' ? undefined : this.#processes.open(process);
    if (invocation === undefined || type === 'invoke') return;
    if (invocation.key !== undefined) operation.key = invocation.key;
    if (type !== 'ok') operation.value = invocation.value;
  }

  #node(node: Json, line: number): string {
    if (typeof node === 'string') return node;
    throw this.source.malformedField(line, 'node', "a node's name", node);
  }
}

/** Whether it looks like a transaction's micro-operations: `[["append", 4, 2], ["r", 5, null]]`. */
function isTransaction(value: Json | undefined): boolean {
  return (
    Array.isArray(value) && value.every((item: Json) => Array.isArray(item) && typeof item[0] === 'string')
  );
}
