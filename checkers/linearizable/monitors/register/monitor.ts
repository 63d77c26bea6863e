/**
 * The monitor of a register that is read, written, and compared-and-set. It decides where each value that was found was
 * produced by one call.
 */
import type { Json } from '../../../../harness/json.ts';
import { ABSENT, type Calls, NEVER } from '../../calls.ts';
import type { Monitor, MonitorVerdict } from '../monitor.ts';
import { decideRegister } from './decide.ts';
import { SmallNumbers } from './numbers.ts';
import { MISS, NOTHING, OBSERVE, SET, type Steps, SWAP } from './steps.ts';

/** A model's names for the functions of a register. */
export interface RegisterFunctions {
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Takes `[expected, next]`; the result false means that it did not match. */
  readonly cas?: readonly string[];
}

const READ = 1;
const WRITE = 2;
const CAS = 3;
const UNKNOWN = 0;

/** A monitor for models whose state is the register's value. */
export function registerMonitor(names: RegisterFunctions): Monitor {
  return {
    name: 'register-zones',
    check(calls, initial) {
      if (!isJson(initial)) return { valid: 'inapplicable', why: 'the state is no JSON value' };
      const steps = new RegisterReader(calls, names).read(initial);
      return 'valid' in steps ? steps : decideRegister(steps);
    },
  };
}

function isJson(value: unknown): value is Json {
  return value === null || ['boolean', 'number', 'string', 'object'].includes(typeof value);
}

/** Reads what the calls do. */
class RegisterReader {
  readonly #calls: Calls;
  /** READ, WRITE, CAS or UNKNOWN, for each function of the history. */
  readonly #functions: Uint8Array;
  readonly #hasCas: boolean;
  readonly #numbers: SmallNumbers;
  readonly #role: Uint8Array;
  readonly #value: Int32Array;
  readonly #next: Int32Array;
  readonly #misses: number[] = [];
  /** Number of the result of a compare-and-set that did not match. */
  readonly #no: number;

  constructor(calls: Calls, { read, write, cas = [] }: RegisterFunctions) {
    this.#calls = calls;
    const kinds = calls.functions.map((f) =>
      read.includes(f) ? READ : write.includes(f) ? WRITE : cas.includes(f) ? CAS : UNKNOWN,
    );
    this.#functions = Uint8Array.from(kinds);
    this.#hasCas = kinds.includes(CAS);
    this.#no = this.#hasCas ? calls.values.idOf(false) : ABSENT;
    this.#numbers = new SmallNumbers(calls.values, 1 + calls.length);
    this.#role = new Uint8Array(calls.length);
    this.#value = new Int32Array(calls.length);
    this.#next = new Int32Array(this.#hasCas ? calls.length : 0);
  }

  /** What they do, or a call that does something else. */
  read(initial: Json): Steps | MonitorVerdict {
    try {
      this.#numbers.ofValue(initial);
      const wrong = this.#readCalls();
      if (wrong !== undefined) return { valid: 'inapplicable', why: wrong };
    } finally {
      this.#numbers.release();
    }
    const numbers = this.#numbers;
    return {
      calls: this.#calls,
      role: this.#role,
      value: this.#value,
      next: this.#next,
      values: numbers.count,
      hasSwaps: this.#role.includes(SWAP),
      misses: this.#misses,
      swapName: 'compare-and-set',
      readsShowSwaps: false,
      valueAt: (value) => numbers.at(value),
    };
  }

  #readCalls(): string | undefined {
    const { f, argument, result, returned } = this.#calls.columns;
    for (let call = 0; call < this.#calls.length; call++) {
      const kind = this.#functions[f[call] ?? 0];
      if (kind === READ) {
        if (returned[call] === NEVER) continue;
        this.#role[call] = OBSERVE;
        this.#value[call] = this.#numbers.of(result[call] ?? 0);
      } else if (kind === WRITE) {
        this.#role[call] = SET;
        this.#value[call] = this.#numbers.of(argument[call] ?? 0);
      } else if (kind === CAS) {
        if (!this.#readCas(call)) return 'a compare-and-set does not take a pair';
      } else {
        return `a register does not know ${this.#calls.functions[f[call] ?? 0] ?? ''}`;
      }
    }
    return undefined;
  }

  /** False if its argument is not a pair. */
  #readCas(call: number): boolean {
    const { argument, result, returned } = this.#calls.columns;
    const pair = this.#calls.values.at(argument[call] ?? 0);
    if (!Array.isArray(pair) || pair.length !== 2) return false;
    const [expected, next] = (pair as readonly Json[]).map((value) => this.#numbers.ofValue(value));
    this.#value[call] = expected ?? 0;
    this.#next[call] = next ?? 0;
    if (result[call] === this.#no) {
      this.#role[call] = MISS;
      this.#misses.push(call);
    } else if (expected !== next) {
      this.#role[call] = SWAP;
    } else {
      this.#role[call] = returned[call] === NEVER ? NOTHING : OBSERVE;
    }
    return true;
  }
}
