/**
 * A heap of operations that are open, the one whose deadline comes first on top. Where any one of several operations would do,
 * the one that returns first is the one to take: whatever could be done with another in its place later can
 * be done with both exchanged. Crashed operations have no deadline and come last.
 */

/** Operations are whole numbers; `deadlines` tells when each must be done. Equal deadlines: the lower number first. */
export class DeadlineHeap {
  readonly #deadlines: Int32Array;
  readonly #items: Int32Array;
  #size = 0;

  constructor(deadlines: Int32Array) {
    this.#deadlines = deadlines;
    this.#items = new Int32Array(deadlines.length);
  }

  /** Adds an operation, each at most once. */
  push(operation: number): void {
    let place = this.#size++;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#items[parent] ?? 0;
      if (this.#isBefore(above, operation)) break;
      this.#items[place] = above;
      place = parent;
    }
    this.#items[place] = operation;
  }

  /** Takes the first one away; undefined of none. */
  pop(): number | undefined {
    if (this.#size === 0) return undefined;
    const first = this.#items[0];
    const last = this.#items[--this.#size] ?? 0;
    let place = 0;
    for (;;) {
      const child = this.#firstChild(place);
      if (child === undefined) break;
      const below = this.#items[child] ?? 0;
      if (this.#isBefore(last, below)) break;
      this.#items[place] = below;
      place = child;
    }
    this.#items[place] = last;
    return first;
  }

  #firstChild(place: number): number | undefined {
    const left = 2 * place + 1;
    if (left >= this.#size) return undefined;
    const right = left + 1;
    if (right >= this.#size) return left;
    return this.#isBefore(this.#items[left] ?? 0, this.#items[right] ?? 0) ? left : right;
  }

  #isBefore(a: number, b: number): boolean {
    const deadlineA = this.#deadlines[a] ?? 0;
    const deadlineB = this.#deadlines[b] ?? 0;
    return deadlineA === deadlineB ? a < b : deadlineA < deadlineB;
  }
}
