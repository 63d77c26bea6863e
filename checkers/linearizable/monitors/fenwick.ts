/**
 * Sums that change: a number is added to a range, and the sum at one place is asked for, each in logarithmic time. Kept as a
 * Fenwick tree of differences.
 */

/** A row of numbers, all zero at first. */
export class Fenwick {
  readonly #sums: Float64Array;

  constructor(length: number) {
    this.#sums = new Float64Array(length + 2);
  }

  #addFrom(place: number, amount: number): void {
    for (let node = place + 1; node < this.#sums.length; node += node & -node) {
      this.#sums[node] = (this.#sums[node] ?? 0) + amount;
    }
  }

  /** Adds the amount to the numbers from `first` to `last`. */
  add(first: number, last: number, amount: number): void {
    if (first > last) return;
    this.#addFrom(first, amount);
    this.#addFrom(last + 1, -amount);
  }

  /** The number at the place. */
  at(place: number): number {
    let sum = 0;
    for (let node = place + 1; node > 0; node -= node & -node) sum += this.#sums[node] ?? 0;
    return sum;
  }
}
