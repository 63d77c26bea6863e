/**
 * The configurations that a search has reached: which calls took effect, and the state they led to. Reaching one
 * a second time is pointless (Lowe 2017, section 3), and remembering them is what a search's memory goes to.
 *
 * The set of calls is a bitset. Completed calls take effect roughly in the order of their invocations, so it is
 * all ones, a short mixed stretch, all zeros: only the stretch is stored. Crashed calls, which may stay out for
 * ever, have words of their own at the end. Its hash changes with each bit (Zobrist), so it costs nothing to keep.
 */
import { mix } from '../class-table.ts';

const INITIAL_SLOTS = 1 << 10;
const INITIAL_WORDS = 1 << 13;
const FULL = 0xffffffff;
/** Words of an entry before its bits: hash, state, first stored word, end of the stored words. */
const HEADER = 4;

/** The current set of calls that took effect, and all pairs of such a set and a state that were added. */
export class Configurations {
  readonly #bits: Uint32Array;
  /** Number of words for completed calls; those of crashed calls follow. */
  readonly #completedWords: number;
  /** Words below are full, words from `#high` on are empty, as far as completed calls go. */
  #low = 0;
  #high = 0;
  #hash = 0;
  #slots = new Uint32Array(INITIAL_SLOTS);
  #entries = new Uint32Array(INITIAL_WORDS);
  /** Word 0 is spared, so that 0 means an empty slot. */
  #end = 1;
  #size = 0;

  /** Calls are numbered from 0, the completed ones first. */
  constructor(completed: number, crashed: number) {
    this.#completedWords = Math.ceil(completed / 32);
    this.#bits = new Uint32Array(this.#completedWords + Math.ceil(crashed / 32));
    this.#completed = completed;
  }

  readonly #completed: number;

  /** Number of configurations. */
  get size(): number {
    return this.#size;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#slots.byteLength + this.#entries.byteLength;
  }

  /** The call takes effect. */
  mark(call: number): void {
    const word = this.#flip(call);
    if (word >= this.#completedWords) return;
    if (word >= this.#high) this.#high = word + 1;
    while (this.#low < this.#high && this.#bits[this.#low] === FULL) this.#low++;
  }

  /** The call no longer takes effect. */
  unmark(call: number): void {
    const word = this.#flip(call);
    if (word >= this.#completedWords) return;
    if (word < this.#low) this.#low = word;
    while (this.#high > this.#low && this.#bits[this.#high - 1] === 0) this.#high--;
  }

  /** Adds the current set with this state; false if it was there already. */
  add(state: number): boolean {
    const hash = mix(this.#hash ^ Math.imul(state + 1, 0x9e3779b1));
    const last = this.#slots.length - 1;
    let slot = hash & last;
    for (let entry = this.#slots[slot] ?? 0; entry !== 0; entry = this.#slots[slot] ?? 0) {
      if (this.#isAt(entry, hash, state)) return false;
      slot = (slot + 1) & last;
    }
    this.#slots[slot] = this.#store(hash, state);
    this.#size++;
    if (2 * this.#size > this.#slots.length) this.#rehash();
    return true;
  }

  /** Flips the call's bit; the answer is its word. */
  #flip(call: number): number {
    const crashed = call - this.#completed;
    const word = crashed < 0 ? call >>> 5 : this.#completedWords + (crashed >>> 5);
    const bit = (crashed < 0 ? call : crashed) & 31;
    this.#bits[word] = (this.#bits[word] ?? 0) ^ (1 << bit);
    this.#hash ^= mix(call + 1);
    return word;
  }

  #isAt(entry: number, hash: number, state: number): boolean {
    const [entries, bits] = [this.#entries, this.#bits];
    if (entries[entry] !== hash || entries[entry + 1] !== state) return false;
    if (entries[entry + 2] !== this.#low || entries[entry + 3] !== this.#high) return false;
    let stored = entry + HEADER;
    for (let word = this.#low; word < this.#high; word++) {
      if (entries[stored++] !== bits[word]) return false;
    }
    for (let word = this.#completedWords; word < bits.length; word++) {
      if (entries[stored++] !== bits[word]) return false;
    }
    return true;
  }

  #store(hash: number, state: number): number {
    const entry = this.#end;
    if (entry + HEADER + this.#bits.length > this.#entries.length) this.#grow();
    const [entries, bits] = [this.#entries, this.#bits];
    entries[entry] = hash;
    entries[entry + 1] = state;
    entries[entry + 2] = this.#low;
    entries[entry + 3] = this.#high;
    let stored = entry + HEADER;
    for (let word = this.#low; word < this.#high; word++) entries[stored++] = bits[word] ?? 0;
    for (let word = this.#completedWords; word < bits.length; word++) entries[stored++] = bits[word] ?? 0;
    this.#end = stored;
    return entry;
  }

  #grow(): void {
    const grown = new Uint32Array(2 * this.#entries.length + this.#bits.length);
    grown.set(this.#entries);
    this.#entries = grown;
  }

  #rehash(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(2 * old.length);
    const last = this.#slots.length - 1;
    for (const entry of old) {
      if (entry === 0) continue;
      let slot = (this.#entries[entry] ?? 0) & last;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & last;
      this.#slots[slot] = entry;
    }
  }
}
