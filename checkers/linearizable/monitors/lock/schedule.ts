/**
 * Decides for a counted lock (a mutex is one with a single permit) whether its acquires and releases can be put in an
 * order in which never more than `total` permits are held and never fewer than none.
 *
 * It goes through the operations' deadlines and does nothing before it must. An acquire that is due is done; if all permits are
 * held then, an open release is done just before it. A release that is due is done; if nothing is held then, an open acquire is
 * done just before it. Of several open ones the one with the earliest deadline helps, and crashed ones, which have no
 * deadline and may be left out, help last. Where none is open the history is not linearizable.
 *
 * Why this is exact. Take an order that is allowed, and the first moment at which it differs from this one.
 * - It did an operation x that was not yet needed. If x can be put off to its deadline, or to where it is needed to keep the
 *   number of held permits within its bounds, nothing changes but that fewer operations are used up. If it cannot be put off
 *   because another open one, y of the other kind, was done after it and would have been impossible without it, then put off
 *   both: together they leave the number of held permits as it is, and while both are open they can be done at any moment in
 *   one of the two orders, because total >= 1.
 * - It chose another operation z where this one chose x, which is due before z. Exchange them: x is open now, and where
 *   x was done (or left out, if it crashed, but then z crashed too) z is open still.
 * - So the order can be changed into this one step by step, and if this one finds no open operation to help, there was none.
 * Fuzzed against brute force as well.
 */
import { NEVER } from '../../calls.ts';
import { DeadlineHeap } from '../heap.ts';
import { orderBy } from '../order.ts';

/** The operations on a lock by number, and between which two positions each takes effect. */
export interface LockOperations {
  /** 1 for an acquire, 0 for a release. */
  readonly acquires: Uint8Array;
  readonly earliest: Int32Array;
  /** NEVER for one that crashed. */
  readonly latest: Int32Array;
}

/** How many permits are held at first, and how many there are. */
export interface Permits {
  readonly held: number;
  readonly total: number;
}

/** What was done, in this order; and where it went no further the operation that was due and could not be done. */
export interface LockSchedule {
  readonly done: readonly number[];
  readonly stuck?: number;
}

/** True of calls as they come, which are in order of invocation. */
function isAscending(positions: Int32Array): boolean {
  for (let at = 1; at < positions.length; at++) {
    if ((positions[at] ?? 0) < (positions[at - 1] ?? 0)) return false;
  }
  return true;
}

/** Schedules all operations that completed, and those crashed ones that they need. */
export function scheduleLock(operations: LockOperations, { held, total }: Permits): LockSchedule {
  const { acquires, earliest, latest } = operations;
  const isDone = new Uint8Array(acquires.length);
  const open = { acquires: new DeadlineHeap(latest), releases: new DeadlineHeap(latest) };
  const arriving = isAscending(earliest) ? undefined : orderBy(earliest);
  const done: number[] = [];
  let arrived = 0;
  let depth = held;

  const perform = (operation: number): void => {
    isDone[operation] = 1;
    done.push(operation);
    depth += acquires[operation] === 1 ? 1 : -1;
  };
  /** Does an open operation of one kind, if there is one. */
  const help = (heap: DeadlineHeap): boolean => {
    let helper = heap.pop();
    while (helper !== undefined && isDone[helper] === 1) helper = heap.pop();
    if (helper === undefined) return false;
    perform(helper);
    return true;
  };

  for (const due of orderBy(latest)) {
    const deadline = latest[due] ?? 0;
    if (deadline === NEVER) break;
    for (; arrived < earliest.length; arrived++) {
      const operation = arriving?.[arrived] ?? arrived;
      if ((earliest[operation] ?? 0) > deadline) break;
      (acquires[operation] === 1 ? open.acquires : open.releases).push(operation);
    }
    if (isDone[due] === 1) continue;
    const [bound, helpers] = acquires[due] === 1 ? [total, open.releases] : [0, open.acquires];
    if (depth === bound && !help(helpers)) return { done, stuck: due };
    perform(due);
  }
  return { done };
}
