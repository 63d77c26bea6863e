/**
 * Numbers for values, so that calls can be columns of integers and two values are compared by one comparison.
 *
 * Histories are full of small whole numbers, most of all those with millions of operations whose values are counted
 * up. These are looked up in an array, which stays fast where a hash map of that size would miss the processor's caches.
 */
import { canonical, type Json } from '../../harness/json.ts';

/** The number of `null`. */
export const NIL = 0;

const NONE = -1;
const DENSE_MIN = 1 << 10;
/** A whole number up to so many times the number of values known so far goes into the array. */
const DENSE_FACTOR = 8;

/** Some values with their numbers, as plain data. */
export interface ValueList {
  readonly ids: readonly number[];
  readonly values: readonly Json[];
}

/** Values by number, and numbers by value. Equal values (whatever the order of their properties) have one number. */
export class Values {
  readonly #values: Json[] = [null];
  #dense = new Int32Array(DENSE_MIN).fill(NONE);
  /** Numbers, texts and truth values by themselves. */
  readonly #primitives = new Map<Json, number>();
  /** Lists and objects by their canonical text. */
  readonly #composites = new Map<string, number>();

  /** How many there are; numbers are below this. */
  get size(): number {
    return this.#values.length;
  }

  /** The value of that number. */
  at(id: number): Json {
    return this.#values[id] ?? null;
  }

  /** Whether it has a number. */
  has(value: Json): boolean {
    if (value === null) return true;
    if (typeof value === 'object') return this.#composites.has(canonical(value));
    return (
      this.#primitives.has(value) || (typeof value === 'number' && (this.#dense[value] ?? NONE) !== NONE)
    );
  }

  /** The value's number; a new one if it was never seen. */
  idOf(value: Json): number {
    if (value === null) return NIL;
    if (typeof value === 'number' && value >= 0 && Number.isInteger(value)) {
      if (value < this.#dense.length) return this.#denseIdOf(value);
      if (value < DENSE_FACTOR * (this.#values.length + DENSE_MIN) && !this.#primitives.has(value)) {
        this.#growDense(value);
        return this.#denseIdOf(value);
      }
    }
    if (typeof value === 'object') return this.#idIn(this.#composites, canonical(value), value);
    return this.#idIn(this.#primitives, value, value);
  }

  /** The values that these columns name. Negative numbers name none. */
  list(columns: readonly Int32Array[]): ValueList {
    const ids = new Set<number>();
    for (const column of columns) for (const id of column) if (id >= 0) ids.add(id);
    return { ids: [...ids], values: [...ids].map((id) => this.at(id)) };
  }

  /** Values with the numbers that they have in the list; others get new numbers. */
  static from({ ids, values }: ValueList): Values {
    const made = new Values();
    for (const [place, id] of ids.entries()) made.#place(values[place] ?? null, id);
    return made;
  }

  #place(value: Json, id: number): void {
    while (this.#values.length <= id) this.#values.push(null);
    this.#values[id] = value;
    if (value === null) return;
    if (typeof value === 'object') this.#composites.set(canonical(value), id);
    else if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < this.#dense.length)
      this.#dense[value] = id;
    else this.#primitives.set(value, id);
  }

  #denseIdOf(value: number): number {
    const known = this.#dense[value] ?? NONE;
    if (known !== NONE) return known;
    const id = this.#values.push(value) - 1;
    this.#dense[value] = id;
    return id;
  }

  /** Whole numbers that were too large for the array so far move into it. */
  #growDense(value: number): void {
    const grown = new Int32Array(2 ** Math.ceil(Math.log2(value + 1))).fill(NONE);
    grown.set(this.#dense);
    for (const [primitive, id] of this.#primitives) {
      const fits = typeof primitive === 'number' && Number.isInteger(primitive) && primitive >= 0;
      if (!fits || primitive >= grown.length) continue;
      grown[primitive] = id;
      this.#primitives.delete(primitive);
    }
    this.#dense = grown;
  }

  #idIn<Key>(ids: Map<Key, number>, key: Key, value: Json): number {
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = this.#values.push(value) - 1;
    ids.set(key, id);
    return id;
  }
}
