/**
 * A map from pairs of small integers: the steps already asked of a model, (state, class) → next state, and whatever else a
 * search looks up for every operation that it tries. An open-addressing hash table in typed arrays, because a history
 * with unique values has far too many pairs for a dense table.
 */

/** What `get` answers for a pair that was never set. */
export const UNASKED = -2;

const EMPTY = -1;
const INITIAL_SLOTS = 64;
const BYTES_A_SLOT = 12;

/** A map from pairs of small non-negative integers to an integer. */
export class StepTable {
  #states = new Int32Array(INITIAL_SLOTS).fill(EMPTY);
  #classes = new Int32Array(INITIAL_SLOTS);
  #next = new Int32Array(INITIAL_SLOTS);
  #size = 0;
  readonly #slotsMax: number;

  /** With at most so many slots: a table that would need more forgets everything instead. For what can be had again. */
  constructor(slotsMax = Infinity) {
    this.#slotsMax = slotsMax;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#states.length * BYTES_A_SLOT;
  }

  /** The value of the pair, or UNASKED. */
  get(state: number, operationClass: number): number {
    const slot = this.#slotOf(state, operationClass);
    return this.#states[slot] === EMPTY ? UNASKED : (this.#next[slot] ?? UNASKED);
  }

  /** Sets the value of a pair. */
  set(state: number, operationClass: number, next: number): void {
    if (2 * (this.#size + 1) > this.#states.length) this.#makeRoom();
    const slot = this.#slotOf(state, operationClass);
    if (this.#states[slot] === EMPTY) this.#size++;
    this.#states[slot] = state;
    this.#classes[slot] = operationClass;
    this.#next[slot] = next;
  }

  /** Visits every pair with its value. */
  each(visit: (state: number, operationClass: number, next: number) => void): void {
    for (let slot = 0; slot < this.#states.length; slot++) {
      const state = this.#states[slot] ?? EMPTY;
      if (state !== EMPTY) visit(state, this.#classes[slot] ?? 0, this.#next[slot] ?? 0);
    }
  }

  /** Forgets all pairs, and gives their memory back. */
  clear(): void {
    this.#states = new Int32Array(INITIAL_SLOTS).fill(EMPTY);
    this.#classes = new Int32Array(INITIAL_SLOTS);
    this.#next = new Int32Array(INITIAL_SLOTS);
    this.#size = 0;
  }

  /** The pair's slot, or the empty slot where it belongs. */
  #slotOf(state: number, operationClass: number): number {
    const last = this.#states.length - 1;
    let slot = (Math.imul(state, 0x9e3779b1) ^ Math.imul(operationClass, 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & last;
    while (
      this.#states[slot] !== EMPTY &&
      (this.#states[slot] !== state || this.#classes[slot] !== operationClass)
    ) {
      slot = (slot + 1) & last;
    }
    return slot;
  }

  #makeRoom(): void {
    if (2 * this.#states.length > this.#slotsMax) this.clear();
    else this.#grow();
  }

  #grow(): void {
    const [states, classes, next] = [this.#states, this.#classes, this.#next];
    this.#states = new Int32Array(2 * states.length).fill(EMPTY);
    this.#classes = new Int32Array(2 * states.length);
    this.#next = new Int32Array(2 * states.length);
    this.#size = 0;
    for (let slot = 0; slot < states.length; slot++) {
      const state = states[slot];
      if (state === undefined || state === EMPTY) continue;
      this.set(state, classes[slot] ?? 0, next[slot] ?? 0);
    }
  }
}
