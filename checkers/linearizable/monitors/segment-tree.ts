/**
 * A row of numbers to which a range can be added at once, and in which the leftmost small one is found at once: a
 * binary tree over the row, whose nodes hold the least number below them and what was added to all below them. Logarithmic
 * time an operation. It lies in two arrays, children of node n at 2n and 2n + 1, so that nothing is allocated on the way.
 */

/** A row of whole numbers. */
export class SegmentTree {
  readonly #leaves: number;
  readonly #least: Int32Array;
  readonly #added: Int32Array;

  constructor(row: Int32Array) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(2, row.length)));
    this.#least = new Int32Array(2 * this.#leaves).fill(SegmentTree.NEVER_SMALL);
    this.#added = new Int32Array(this.#leaves);
    this.#least.set(row, this.#leaves);
    for (let node = this.#leaves - 1; node > 0; node--) this.#update(node);
  }

  /** A number that is never small. Adding to it, or to its neighbours, keeps it so. */
  static readonly NEVER_SMALL = 2 ** 30;

  #update(node: number): void {
    const left = this.#least[2 * node] ?? 0;
    const right = this.#least[2 * node + 1] ?? 0;
    this.#least[node] = (left < right ? left : right) + (this.#added[node] ?? 0);
  }

  #addTo(node: number, amount: number): void {
    this.#least[node] = (this.#least[node] ?? 0) + amount;
    if (node < this.#leaves) this.#added[node] = (this.#added[node] ?? 0) + amount;
  }

  #updateAbove(leaf: number): void {
    for (let node = leaf >> 1; node > 0; node >>= 1) this.#update(node);
  }

  /** Adds the amount to the numbers from `first` to `last`. */
  add(first: number, last: number, amount: number): void {
    if (first > last) return;
    let left = first + this.#leaves;
    let right = last + this.#leaves + 1;
    while (left < right) {
      if ((left & 1) === 1) this.#addTo(left++, amount);
      if ((right & 1) === 1) this.#addTo(--right, amount);
      left >>= 1;
      right >>= 1;
    }
    this.#updateAbove(first + this.#leaves);
    this.#updateAbove(last + this.#leaves);
  }

  /** From now on the number there is not small. */
  remove(place: number): void {
    this.add(place, place, SegmentTree.NEVER_SMALL);
  }

  /** The place of the leftmost number that is at most `limit`; -1 if there is none. */
  leftmost(limit: number): number {
    return (this.#least[1] ?? 0) > limit ? -1 : this.#leftmostBelow(1, limit);
  }

  /** The same, not left of `from`. */
  leftmostFrom(from: number, limit: number): number {
    if (from >= this.#leaves) return -1;
    let node = from + this.#leaves;
    let above = 0;
    for (let over = node >> 1; over > 0; over >>= 1) above += this.#added[over] ?? 0;
    while ((this.#least[node] ?? 0) + above > limit) {
      // On to the subtree to the right, whose root is the sibling of the first node above that has one there.
      while ((node & 1) === 1) {
        if (node === 1) return -1;
        node >>= 1;
        above -= this.#added[node] ?? 0;
      }
      node++;
    }
    return this.#leftmostBelow(node, limit - above);
  }

  /** The place of the leftmost small number below a node that has one. */
  #leftmostBelow(root: number, limit: number): number {
    let node = root;
    let below = limit;
    while (node < this.#leaves) {
      below -= this.#added[node] ?? 0;
      node *= 2;
      if ((this.#least[node] ?? 0) > below) node++;
    }
    return node - this.#leaves;
  }
}
