/**
 * Records a history as it happens. Every entry is handed to the operating system before `record` returns,
 * so no request can leave before its invocation is in the file, and a kill of the harness costs at worst
 * the end of the last line. Nothing is batched: a write costs about 2 µs, less than it would take to reason
 * about what a batch may lose; and without timers the recorder is the same in the simulator.
 */
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { HarnessError, messageOf } from '../errors.ts';
import { formatLine, ordered } from './jsonl.ts';
import type { Operation } from './operation.ts';
import { Processes } from './processes.ts';

/** Where a recorder's lines go. */
export interface RecorderSink {
  /** Hands the bytes over; answers how many were taken, at least one, or throws. */
  write(bytes: Buffer): number;
  close(): void;
}

/** A history in the making. */
export interface Recorder extends Disposable {
  /** All entries so far, in order. Complete even when the file could not be written. */
  readonly operations: readonly Operation[];
  /**
   * Appends an entry, giving it the next index, and answers it once it is in the file. Throws a HarnessError
   * if the file cannot take it (the entry is kept in memory, and written first as soon as writing works
   * again), and an Error if a process breaks the rules (see processes.ts), which is a bug of the caller.
   */
  record(entry: Omit<Operation, 'index'>): Operation;
  /** Writes what is left and closes the file. Throws a HarnessError if something stays unwritten. */
  close(): void;
}

/** Keeps its history in memory, which is all that a simulated run needs. */
class MemoryRecorder implements Recorder {
  readonly operations: Operation[] = [];
  protected readonly name: string;
  readonly #processes = new Processes('entry');
  #closed = false;

  constructor(name: string) {
    this.name = name;
  }

  record(entry: Omit<Operation, 'index'>): Operation {
    if (this.#closed) throw new Error(`${this.name}: recorded ${entry.f} after the recorder was closed`);
    const operation = ordered(entry, this.operations.length);
    const violation = this.#processes.take(operation, operation.index);
    if (violation !== undefined)
      throw new Error(`${this.name}: entry ${operation.index}: ${violation.message}`);
    this.operations.push(operation);
    return operation;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.finish();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  protected finish(): void {
    // Nothing is left to do.
  }
}

/** Writes each entry as well. */
class SinkRecorder extends MemoryRecorder {
  readonly #sink: RecorderSink;
  #unwritten: Buffer = Buffer.alloc(0);

  constructor(name: string, sink: RecorderSink) {
    super(name);
    this.#sink = sink;
  }

  override record(entry: Omit<Operation, 'index'>): Operation {
    const operation = super.record(entry);
    const line = Buffer.from(formatLine(operation));
    this.#unwritten = this.#unwritten.length === 0 ? line : Buffer.concat([this.#unwritten, line]);
    this.#drain();
    return operation;
  }

  protected override finish(): void {
    try {
      this.#drain();
    } finally {
      this.#sink.close();
    }
  }

  #drain(): void {
    try {
      while (this.#unwritten.length > 0) {
        this.#unwritten = this.#unwritten.subarray(this.#sink.write(this.#unwritten));
      }
    } catch (error) {
      throw new HarnessError(`cannot write ${this.name}: ${explain(error)}`, { cause: error });
    }
  }
}

/**
 * Opens a recorder on a new or empty file. Throws a HarnessError if it cannot be opened or already holds
 * something: two runs in one file would be neither.
 */
export function openRecorder(path: string): Recorder {
  let file: number;
  try {
    file = openSync(path, 'a');
  } catch (error) {
    throw new HarnessError(`cannot open ${path}: ${explain(error)}`, { cause: error });
  }
  if (fstatSync(file).size > 0) {
    closeSync(file);
    throw new HarnessError(`cannot record to ${path}: it already holds a history; name a new file`);
  }
  return recordTo(path, { write: (bytes) => writeSync(file, bytes), close: () => closeSync(file) });
}

/** A recorder on a sink; `name` is what errors call it. */
export function recordTo(name: string, sink: RecorderSink): Recorder {
  return new SinkRecorder(name, sink);
}

/** A recorder that keeps its history in memory only. */
export function memoryRecorder(): Recorder {
  return new MemoryRecorder('history in memory');
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space, or record to another disk',
  EDQUOT: 'the disk quota is used up; free some space, or record to another disk',
  ENOENT: 'its directory does not exist; create it first',
  EACCES: 'permission denied; record to a place that this user may write',
  EISDIR: 'it is a directory; name a file',
};

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const advice = ADVICE[code];
  return advice === undefined ? messageOf(error) : `${advice} (${code})`;
}
