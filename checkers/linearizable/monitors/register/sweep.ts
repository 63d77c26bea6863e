/**
 * The order of a register's blocks. One block must come before another if one of its calls returned before one of the
 * other's was invoked. There is an order iff no two blocks must each come before the other (Gibbons and Korach 1997; for
 * blocks of several periods the argument is the same). In terms of zones: a block whose calls were not all open at one
 * time, from its first return to its last invocation, holds the register all that while; two such zones must not overlap,
 * and no other block may lie within one.
 *
 * Calls come in order of invocation, so walking over them meets the blocks by their last invocations, and nothing
 * need be sorted: a block that holds the register is put before those that were met while it did. What it is
 * put before is never looked at again, because the next such zone begins later; so all this is linear.
 */
import { contradictBlocks } from './conflict.ts';
import type { MonitorVerdict } from '../monitor.ts';
import type { Blocks } from './blocks.ts';
import { NONE } from './periods.ts';

/** The blocks in an order that explains the calls, or why there is none. */
export function orderBlocks(blocks: Blocks): Int32Array | MonitorVerdict {
  const { steps, periods, blockOf, first, last } = blocks;
  const { periodOf } = periods;
  const { invoked } = steps.calls.columns;
  const order = new Int32Array(Math.min(periods.count, steps.calls.length));
  let count = 0;
  /** The last block that held the register. */
  let holder = NONE;
  for (let call = 0; call < periodOf.length; call++) {
    const period = periodOf[call] ?? NONE;
    if (period === NONE) continue;
    const block = blockOf === undefined ? period : (blockOf[period] ?? 0);
    const end = last[block] ?? 0;
    if (end !== invoked[call]) continue;
    const start = first[block] ?? 0;
    let place = count;
    if (start < end) {
      if (holder !== NONE && start < (last[holder] ?? 0)) return contradictBlocks(blocks, holder, block);
      holder = block;
      for (; place > 0; place--) {
        const before = order[place - 1] ?? 0;
        if ((last[before] ?? 0) < start) break;
        if ((first[before] ?? 0) < end) return contradictBlocks(blocks, before, block);
        order[place] = before;
      }
    }
    order[place] = block;
    count++;
  }
  return order.subarray(0, count);
}
