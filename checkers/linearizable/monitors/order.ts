/**
 * Sorting by position in linear time: a radix sort, because the positions of calls are whole numbers below 2^31 and monitors
 * sort millions of them, where comparing would be most of their work.
 */

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
const PASSES = 3;
/** Below this many, inserting each at its place is faster. */
const SMALL = 48;

/** The indices of `keys`, ordered by ascending key; equal keys stay in order of index. Keys are not negative. */
export function orderBy(keys: Int32Array): Int32Array {
  let order: Int32Array = new Int32Array(keys.length);
  for (let index = 0; index < keys.length; index++) order[index] = index;
  if (keys.length < SMALL) return insertionSorted(order, keys);
  let next: Int32Array = new Int32Array(keys.length);
  const starts = new Int32Array(DIGITS);
  for (let pass = 0; pass < PASSES; pass++) {
    const shift = pass * DIGIT_BITS;
    starts.fill(0);
    for (const key of keys) {
      const digit = (key >>> shift) & (DIGITS - 1);
      starts[digit] = (starts[digit] ?? 0) + 1;
    }
    let start = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const count = starts[digit] ?? 0;
      starts[digit] = start;
      start += count;
    }
    for (const index of order) {
      const digit = ((keys[index] ?? 0) >>> shift) & (DIGITS - 1);
      const place = starts[digit] ?? 0;
      next[place] = index;
      starts[digit] = place + 1;
    }
    [order, next] = [next, order];
  }
  return order;
}

function insertionSorted(order: Int32Array, keys: Int32Array): Int32Array {
  for (let end = 1; end < order.length; end++) {
    const index = order[end] ?? 0;
    const key = keys[index] ?? 0;
    let place = end;
    for (; place > 0 && (keys[order[place - 1] ?? 0] ?? 0) > key; place--)
      order[place] = order[place - 1] ?? 0;
    order[place] = index;
  }
  return order;
}
