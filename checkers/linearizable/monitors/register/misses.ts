/**
 * Calls that found something other than a value (a compare-and-set that did not match). They are not part of the algorithm:
 * "not u" divides the order of everything else into the places where the register does not hold u, and to find an order that
 * suits all of them is a search. So they are placed into the order that the others have. If that succeeds the history is
 * linearizable. If it does not, another order might do, or a crashed write that nothing found; nothing is decided then.
 */
import { NEVER } from '../../calls.ts';
import { contradictMiss } from './conflict.ts';
import type { MonitorVerdict } from '../monitor.ts';
import { orderBy } from '../order.ts';
import { begunAt, type Blocks } from './blocks.ts';
import { NONE } from './periods.ts';

/** A contradiction, if a miss was open only while the register certainly held the value that it did not find. */
export function refuteMisses(blocks: Blocks): MonitorVerdict | undefined {
  const { steps, periods, following } = blocks;
  const { invoked, returned } = steps.calls.columns;
  for (const miss of steps.misses) {
    const value = steps.value[miss] ?? 0;
    if ((periods.first[value] ?? 0) > (invoked[miss] ?? 0)) continue;
    const next = following?.[value] ?? NONE;
    // The swap that ended the period found the value still there.
    const until = Math.max(periods.last[value] ?? 0, next === NONE ? NONE : begunAt(blocks, next));
    if (until > (returned[miss] ?? 0)) return contradictMiss(blocks, miss);
  }
  return undefined;
}

/** The order with the misses in it; undefined if they do not all have a place. */
export function placeMisses(blocks: Blocks, order: Int32Array): Int32Array | undefined {
  const gaps = findGaps(blocks, order);
  return gaps === undefined ? undefined : insert(order, blocks.steps.misses, gaps);
}

/**
 * For each miss the first gap that will do: gap g is before the call at place g of the order. Real time says which gaps are
 * possible; misses that follow each other take theirs in that order. To take the first never hinders a later one, so
 * if this fails for the order, everything does.
 */
function findGaps(blocks: Blocks, order: Int32Array): Int32Array | undefined {
  const { steps } = blocks;
  const { calls, misses, value } = steps;
  const { invoked, returned } = calls.columns;
  const { valueAt, next } = valuesInGaps(blocks, order);
  /** For each call the first gap after it: of a call in the order, or of a miss that has its place. */
  const after = new Int32Array(calls.length);
  order.forEach((call, place) => (after[call] = place + 1));
  const latest = latestGaps(calls.length, order);
  const byReturn = orderBy(returned);
  const gaps = new Int32Array(misses.length);
  let [ended, gap] = [0, 0];
  for (const [at, miss] of misses.entries()) {
    for (; (returned[byReturn[ended] ?? 0] ?? NEVER) < (invoked[miss] ?? 0); ended++) {
      gap = Math.max(gap, after[byReturn[ended] ?? 0] ?? 0);
    }
    let place = gap;
    while (place <= order.length && valueAt[place] === value[miss]) place = next[place] ?? 0;
    if (place > (latest[firstAfter(invoked, returned[miss] ?? 0)] ?? 0)) return undefined;
    gaps[at] = place;
    after[miss] = place;
  }
  return gaps;
}

/** What the register holds in each gap, and the next gap in which it holds something else (one past the last if none). */
function valuesInGaps({ periods }: Blocks, order: Int32Array): { valueAt: Int32Array; next: Int32Array } {
  const valueAt = new Int32Array(order.length + 1);
  order.forEach((call, place) => (valueAt[place + 1] = periods.valueOf(periods.periodOf[call] ?? 0)));
  const next = new Int32Array(order.length + 1);
  for (let gap = order.length; gap >= 0; gap--) {
    const last = gap === order.length || valueAt[gap + 1] !== valueAt[gap];
    next[gap] = last ? gap + 1 : (next[gap + 1] ?? 0);
  }
  return { valueAt, next };
}

/** For each call the last gap that is before it and before all calls invoked later; and one for after them all. */
function latestGaps(calls: number, order: Int32Array): Int32Array {
  const latest = new Int32Array(calls + 1).fill(order.length);
  order.forEach((call, place) => (latest[call] = place));
  for (let call = calls - 1; call >= 0; call--) {
    latest[call] = Math.min(latest[call] ?? 0, latest[call + 1] ?? 0);
  }
  return latest;
}

/** The first call that was invoked after the position. */
function firstAfter(invoked: Int32Array, position: number): number {
  let [low, high] = [0, invoked.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((invoked[middle] ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The order with each miss in its gap; in one gap they stay in order of invocation. */
function insert(order: Int32Array, misses: readonly number[], gaps: Int32Array): Int32Array {
  const whole = new Int32Array(order.length + misses.length);
  let placed = 0;
  const byGap = orderBy(gaps);
  for (let gap = 0, at = 0; gap <= order.length; gap++) {
    for (; at < byGap.length && gaps[byGap[at] ?? 0] === gap; at++)
      whole[placed++] = misses[byGap[at] ?? 0] ?? 0;
    if (gap < order.length) whole[placed++] = order[gap] ?? 0;
  }
  return whole;
}
