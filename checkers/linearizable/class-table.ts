/**
 * Which calls are the same to a model: those with the same function, argument, result and key. A hash table over columns of
 * integers, because every call of a history is looked up here once.
 */
import type { CallColumns, Calls } from './calls.ts';

const EMPTY = -1;
const SLOTS_MIN = 64;

/** The finalizer of MurmurHash3: every bit of the number decides about every bit of the answer. */
export function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The classes of some calls; what a new class is called its maker says. */
export class ClassTable {
  readonly #columns: CallColumns;
  readonly #newClass: (call: number) => number;
  /** For each slot a call of the class, and the class. */
  readonly #calls: Int32Array;
  readonly #classes: Int32Array;

  constructor(calls: Calls, newClass: (call: number) => number) {
    this.#columns = calls.columns;
    this.#newClass = newClass;
    const slots = 2 ** Math.ceil(Math.log2(Math.max(SLOTS_MIN, 2 * calls.length)));
    this.#calls = new Int32Array(slots).fill(EMPTY);
    this.#classes = new Int32Array(slots);
  }

  /** The class of that call. */
  classOf(call: number): number {
    const last = this.#calls.length - 1;
    let slot = this.#hash(call) & last;
    for (let known = this.#calls[slot] ?? EMPTY; known !== EMPTY; known = this.#calls[slot] ?? EMPTY) {
      if (this.#isSame(known, call)) return this.#classes[slot] ?? 0;
      slot = (slot + 1) & last;
    }
    const made = this.#newClass(call);
    this.#calls[slot] = call;
    this.#classes[slot] = made;
    return made;
  }

  #hash(call: number): number {
    const { f, argument, result } = this.#columns;
    return mix(((argument[call] ?? 0) * 31 + (result[call] ?? 0)) * 31 + (f[call] ?? 0));
  }

  #isSame(a: number, b: number): boolean {
    const { f, argument, result, key } = this.#columns;
    return argument[a] === argument[b] && result[a] === result[b] && f[a] === f[b] && key[a] === key[b];
  }
}
