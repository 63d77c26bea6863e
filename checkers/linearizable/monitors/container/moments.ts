/**
 * Real time in as few moments as matter. Positions fall into runs: some invocations, then some returns, then invocations
 * again. At the end of a run of invocations as much is open as at any other point of the run, and nothing has returned since;
 * so an order of operations that exists at all also exists with every operation at one of these ends, here called moments.
 * Operations share moments, and may take place in any order within one.
 *
 * A call covers the moments `first` to `last`; one precedes another if and only if its last moment is before the other's first.
 */
import { type Calls, NEVER } from '../../calls.ts';
import { orderBy } from '../order.ts';

/** The moments of calls. */
export interface Moments {
  readonly first: Int32Array;
  /** `end` for a call that crashed. */
  readonly last: Int32Array;
  /** The moment after all calls, when what never happened in the history may happen. */
  readonly end: number;
}

/** Positions are looked up in a table if they are spread over no more than so many times the number of calls. */
const SPREAD_MAX = 8;

/** The moments of the calls, from `start` on: those before are left free for what happened before the history. */
export function momentsOf(calls: Calls, start: number): Moments {
  const { invoked, returned } = calls.columns;
  const first = new Int32Array(calls.length);
  const last = new Int32Array(calls.length);
  let moment = start;
  let opened = 0;
  let hasReturns = false;
  const openUntil = (position: number): void => {
    while (opened < calls.length && (invoked[opened] ?? 0) < position) {
      if (hasReturns) moment++;
      hasReturns = false;
      first[opened++] = moment;
    }
  };
  for (const call of byReturn(calls)) {
    openUntil(returned[call] ?? 0);
    hasReturns = true;
    last[call] = moment;
  }
  openUntil(NEVER);
  for (let call = 0; call < calls.length; call++) {
    if (returned[call] === NEVER) last[call] = moment + 1;
  }
  return { first, last, end: moment + 1 };
}

/** The calls that returned, by their returns. */
function byReturn({ columns, length }: Calls): Int32Array {
  const { invoked, returned } = columns;
  const start = invoked[0] ?? 0;
  let end = start;
  let count = 0;
  for (let call = 0; call < length; call++) {
    const position = returned[call] ?? 0;
    if (position === NEVER) continue;
    count++;
    if (position > end) end = position;
  }
  if (end - start > SPREAD_MAX * length) return orderBy(returned).subarray(0, count);
  const calls = new Int32Array(end - start + 1);
  for (let call = 0; call < length; call++) {
    const position = returned[call] ?? 0;
    if (position !== NEVER) calls[position - start] = call + 1;
  }
  let kept = 0;
  for (let position = 0; position < calls.length; position++) {
    const call = calls[position] ?? 0;
    if (call > 0) calls[kept++] = call - 1;
  }
  return calls.subarray(0, kept);
}

/** The indices of the moments, by ascending moment; equal ones stay in order of index. The moments are at most `end`. */
export function orderByMoment(moments: ArrayLike<number>, end: number): Int32Array {
  const starts = new Int32Array(end + 2);
  for (let index = 0; index < moments.length; index++) {
    const after = (moments[index] ?? 0) + 1;
    starts[after] = (starts[after] ?? 0) + 1;
  }
  for (let moment = 1; moment <= end; moment++)
    starts[moment] = (starts[moment] ?? 0) + (starts[moment - 1] ?? 0);
  const order = new Int32Array(moments.length);
  for (let index = 0; index < moments.length; index++) {
    const moment = moments[index] ?? 0;
    const place = starts[moment] ?? 0;
    order[place] = index;
    starts[moment] = place + 1;
  }
  return order;
}
