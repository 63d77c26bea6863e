/**
 * The calls of a history, or of an independent part of it, as columns: one typed array a field instead of one object a
 * call. A million calls take some ten megabytes, threads share them without a copy, and an algorithm that walks over
 * them touches only the columns that it needs.
 *
 * Left out of them are operations that failed, since these did not happen; the nemesis's; and crashed operations that could never
 * change the state. Other crashed operations stay as calls without a return, which an order may use or not.
 */
import type { ModelOperation } from '../models/operation.ts';
import type { Values } from './values.ts';

/** `returned` of a call that crashed: after everything, so that it stays concurrent with all that follows. */
export const NEVER = 0x7fffffff;
/** `result` of a call that crashed, and `key` of a call that has none. */
export const ABSENT = -1;

/** The columns. Positions are indices in the history; values and keys are numbers of `values`. */
export interface CallColumns {
  /** Position of the invocation, ascending. */
  readonly invoked: Int32Array;
  /** Position of the return, or NEVER. */
  readonly returned: Int32Array;
  /** Which of `functions`. */
  readonly f: Uint16Array;
  readonly argument: Int32Array;
  /** ABSENT for a call that crashed. */
  readonly result: Int32Array;
  /** ABSENT where the history names none. */
  readonly key: Int32Array;
  readonly process: Int32Array;
  /** Nanoseconds since the start of the test; `returnedAt` means nothing for a call that crashed. */
  readonly invokedAt: Float64Array;
  readonly returnedAt: Float64Array;
}

/** Some calls, in order of invocation. */
export class Calls {
  readonly columns: CallColumns;
  readonly functions: readonly string[];
  readonly values: Values;
  readonly length: number;

  constructor(columns: CallColumns, functions: readonly string[], values: Values) {
    this.columns = columns;
    this.functions = functions;
    this.values = values;
    this.length = columns.invoked.length;
  }

  /** Whether the call has no return. */
  hasCrashed(call: number): boolean {
    return this.columns.returned[call] === NEVER;
  }

  /** How many calls completed. */
  get completed(): number {
    return this.columns.returned.reduce((count, returned) => (returned === NEVER ? count : count + 1), 0);
  }

  /** The call as a model sees it. */
  operation(call: number): ModelOperation {
    const { f, argument, result, key } = this.columns;
    const given = result[call] ?? ABSENT;
    const named = key[call] ?? ABSENT;
    const operation = {
      f: this.functions[f[call] ?? 0] ?? '',
      argument: this.values.at(argument[call] ?? 0),
      result: given === ABSENT ? undefined : this.values.at(given),
    };
    return named === ABSENT ? operation : { ...operation, key: this.values.at(named) };
  }

  /** All calls as a model sees them. */
  operations(): ModelOperation[] {
    return Array.from({ length: this.length }, (_, call) => this.operation(call));
  }

  /** The calls from `start` up to `end`, sharing memory with these. */
  range(start: number, end: number): Calls {
    const { columns } = this;
    const part: CallColumns = {
      invoked: columns.invoked.subarray(start, end),
      returned: columns.returned.subarray(start, end),
      f: columns.f.subarray(start, end),
      argument: columns.argument.subarray(start, end),
      result: columns.result.subarray(start, end),
      key: columns.key.subarray(start, end),
      process: columns.process.subarray(start, end),
      invokedAt: columns.invokedAt.subarray(start, end),
      returnedAt: columns.returnedAt.subarray(start, end),
    };
    return new Calls(part, this.functions, this.values);
  }

  /**
   * The calls of the history's first entries, up to and without position `end`: a call that had not returned by then is one
   * that crashed.
   */
  before(end: number): Calls {
    const { invoked } = this.columns;
    let count = 0;
    while (count < this.length && (invoked[count] ?? 0) < end) count++;
    const prefix = this.pick(Array.from({ length: count }, (_, call) => call));
    const { returned, result } = prefix.columns;
    for (let call = 0; call < count; call++) {
      if ((returned[call] ?? 0) < end) continue;
      returned[call] = NEVER;
      result[call] = ABSENT;
    }
    return prefix;
  }

  /** A copy of these calls alone, in this order. */
  pick(calls: ArrayLike<number>): Calls {
    const picked = newColumns(calls.length);
    for (let place = 0; place < calls.length; place++) {
      copyCall(this.columns, calls[place] ?? 0, picked, place);
    }
    return new Calls(picked, this.functions, this.values);
  }
}

/** Calls from which on columns are in memory that threads can share: to make it costs more than to copy a few. */
const SHARED_FROM = 1 << 12;

/** Bytes of one call in all columns: two floats, six whole numbers, and the function. */
const BYTES_A_CALL = 2 * 8 + 6 * 4 + 2;

/** Columns for so many calls, in one piece of memory. */
export function newColumns(length: number): CallColumns {
  const bytes = length * BYTES_A_CALL;
  const buffer = length < SHARED_FROM ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);
  const float64 = (place: number): Float64Array => new Float64Array(buffer, 8 * length * place, length);
  const int32 = (place: number): Int32Array =>
    new Int32Array(buffer, 16 * length + 4 * length * place, length);
  return {
    invokedAt: float64(0),
    returnedAt: float64(1),
    invoked: int32(0),
    returned: int32(1),
    argument: int32(2),
    result: int32(3),
    key: int32(4),
    process: int32(5),
    f: new Uint16Array(buffer, 40 * length, length),
  };
}

/** Copies one call from some columns to a place in others. */
export function copyCall(from: CallColumns, call: number, to: CallColumns, place: number): void {
  to.invoked[place] = from.invoked[call] ?? 0;
  to.returned[place] = from.returned[call] ?? 0;
  to.f[place] = from.f[call] ?? 0;
  to.argument[place] = from.argument[call] ?? 0;
  to.result[place] = from.result[call] ?? 0;
  to.key[place] = from.key[call] ?? 0;
  to.process[place] = from.process[call] ?? 0;
  to.invokedAt[place] = from.invokedAt[call] ?? 0;
  to.returnedAt[place] = from.returnedAt[call] ?? 0;
}
