/**
 * Small numbers for the values of one part of a history. All parts share one table of values, which may hold millions
 * of them, while a part may have a hundred calls; so a monitor that keeps something for each value numbers its own first.
 */
import type { Json } from '../../../../harness/json.ts';
import type { Values } from '../../values.ts';

/** For each number of a value its small number plus one, or 0. Kept, because making it anew costs more than a small part. */
let scratch = new Int32Array(1024);

/** What numbers the values that it meets 0, 1, 2, … One at a time; `release` ends it. */
export class SmallNumbers {
  readonly #values: Values;
  #ids: Int32Array;
  #count = 0;

  /** For some `capacity` different values; more make it grow. */
  constructor(values: Values, capacity: number) {
    this.#values = values;
    this.#ids = new Int32Array(Math.max(1, capacity));
  }

  /** How many values it met. */
  get count(): number {
    return this.#count;
  }

  /** The small number of the value with this number. */
  of(id: number): number {
    if (id >= scratch.length) scratch = extended(scratch, 2 ** Math.ceil(Math.log2(id + 1)));
    const known = scratch[id] ?? 0;
    if (known !== 0) return known - 1;
    if (this.#count === this.#ids.length) this.#ids = extended(this.#ids, 2 * this.#count);
    this.#ids[this.#count++] = id;
    scratch[id] = this.#count;
    return this.#count - 1;
  }

  /** The small number of a value. */
  ofValue(value: Json): number {
    return this.of(this.#values.idOf(value));
  }

  /** The value with this small number; also after the release. */
  at(small: number): Json {
    return this.#values.at(this.#ids[small] ?? 0);
  }

  /** Forgets the numbers, so that another may begin. */
  release(): void {
    for (let small = 0; small < this.#count; small++) scratch[this.#ids[small] ?? 0] = 0;
  }
}

function extended(numbers: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(length);
  longer.set(numbers);
  return longer;
}
