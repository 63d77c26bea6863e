/**
 * Tuples of small numbers that are known by one number each, so that a set of very many of them that differ
 * in a few places takes little memory, and changing one place takes a few look-ups. A tuple is a binary tree
 * whose inner nodes are interned pairs (hash-consing): equal tuples have equal roots, and tuples share what
 * they have in common.
 */

const EMPTY = -1;
const INITIAL_SLOTS = 1 << 10;
const BYTES_A_SLOT = 4;
const BYTES_A_PAIR = 8;

/** Numbers for pairs of non-negative integers, counted from 0. */
export class Pairs {
  #slots = new Int32Array(INITIAL_SLOTS).fill(EMPTY);
  #left = new Int32Array(INITIAL_SLOTS / 2);
  #right = new Int32Array(INITIAL_SLOTS / 2);
  #size = 0;

  /** How many different pairs there were. */
  get size(): number {
    return this.#size;
  }

  /** Bytes held. */
  get bytes(): number {
    return BYTES_A_SLOT * this.#slots.length + BYTES_A_PAIR * this.#left.length;
  }

  /** The pair's number; a new one, the former size, for a pair that was never asked for. */
  idOf(left: number, right: number): number {
    const last = this.#slots.length - 1;
    let slot = hashOf(left, right) & last;
    for (let id = this.#slots[slot] ?? EMPTY; id !== EMPTY; id = this.#slots[slot] ?? EMPTY) {
      if (this.#left[id] === left && this.#right[id] === right) return id;
      slot = (slot + 1) & last;
    }
    if (2 * (this.#size + 1) > this.#slots.length) {
      this.#grow();
      return this.idOf(left, right);
    }
    this.#left[this.#size] = left;
    this.#right[this.#size] = right;
    this.#slots[slot] = this.#size;
    return this.#size++;
  }

  #grow(): void {
    const [left, right] = [this.#left, this.#right];
    this.#slots = new Int32Array(2 * this.#slots.length).fill(EMPTY);
    this.#left = new Int32Array(2 * left.length);
    this.#right = new Int32Array(2 * right.length);
    this.#left.set(left);
    this.#right.set(right);
    const last = this.#slots.length - 1;
    for (let id = 0; id < this.#size; id++) {
      let slot = hashOf(left[id] ?? 0, right[id] ?? 0) & last;
      while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & last;
      this.#slots[slot] = id;
    }
  }
}

function hashOf(left: number, right: number): number {
  let hash = Math.imul(left + 1, 0x9e3779b1) ^ Math.imul(right + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return hash ^ (hash >>> 13);
}

/** A tuple that changes, and the number of its present content. */
export class InternedTuple {
  readonly #pairs: Pairs;
  /** A complete binary tree: the children of node n are 2n and 2n + 1, the leaves come last. */
  readonly #nodes: Int32Array;
  readonly #leaves: number;

  /** The pairs may be shared by several tuples. */
  constructor(values: ArrayLike<number>, pairs: Pairs) {
    this.#pairs = pairs;
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, values.length)));
    this.#nodes = new Int32Array(2 * this.#leaves);
    this.#nodes.set(values, this.#leaves);
    for (let node = this.#leaves - 1; node > 0; node--) this.#intern(node);
  }

  /** Equal for equal content of this tuple, and only for it. */
  get id(): number {
    return this.#nodes[1] ?? 0;
  }

  get(place: number): number {
    return this.#nodes[this.#leaves + place] ?? 0;
  }

  set(place: number, value: number): void {
    this.#nodes[this.#leaves + place] = value;
    for (let node = (this.#leaves + place) >> 1; node > 0; node >>= 1) this.#intern(node);
  }

  #intern(node: number): void {
    this.#nodes[node] = this.#pairs.idOf(this.#nodes[2 * node] ?? 0, this.#nodes[2 * node + 1] ?? 0);
  }
}
