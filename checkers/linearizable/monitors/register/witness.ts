/**
 * From the order of a register's blocks to an order of its calls.
 */
import type { Blocks } from './blocks.ts';
import { NONE } from './periods.ts';

/** The calls block by block and period by period: first the producer, then the others by invocation. Misses are not among them. */
export function orderCalls({ steps, periods, following }: Blocks, blocks: Int32Array): Int32Array {
  const { periodOf, producer } = periods;
  const next = countCalls(periodOf, periods.count);
  let total = 0;
  for (const block of blocks) {
    for (let period = block; period !== NONE; period = following?.[period] ?? NONE) {
      const size = next[period] ?? 0;
      next[period] = total;
      total += size;
    }
  }
  const order = new Int32Array(total);
  for (const block of blocks) {
    for (let period = block; period !== NONE; period = following?.[period] ?? NONE) {
      const by = producer[period] ?? NONE;
      if (by < 0 || periodOf[by] !== period) continue;
      order[next[period] ?? 0] = by;
      next[period] = (next[period] ?? 0) + 1;
    }
  }
  for (let call = 0; call < steps.calls.length; call++) {
    const period = periodOf[call] ?? NONE;
    if (period === NONE || producer[period] === call) continue;
    order[next[period] ?? 0] = call;
    next[period] = (next[period] ?? 0) + 1;
  }
  return order;
}

function countCalls(periodOf: Int32Array, periods: number): Int32Array {
  const counts = new Int32Array(periods);
  for (const period of periodOf) if (period !== NONE) counts[period] = (counts[period] ?? 0) + 1;
  return counts;
}
