/**
 * Mutual exclusion of those who hold a lock: no two processes hold it at the same time, each by what it knows itself.
 *
 * An `acquire` (or a `renew`) gives `{ token, untilMs }`. Its process holds the lock for certain
 * - from when the operation returned;
 * - until `untilMs` milliseconds after it was invoked: up to then its client says that the lease is good. Counted from the
 *   invocation because the client counts from something later, and what is promised then is not said too long here. Without
 *   `untilMs` the lock is held until it is released;
 * - and not beyond the invocation of its next `release`.
 *
 * A holder that works on when its lease is over holds nothing any more. What it does then is for the resource to refuse: the
 * checks `fencing` and `lost-update` look there.
 */
import { isJsonObject } from '../harness/json.ts';
import type { Checker } from '../harness/history/checker.ts';
import type { Call } from '../harness/history/operation.ts';
import { findOverlaps, overlapVerdict } from './holds.ts';

const NANOS_PER_MS = 1e6;

/** When the lease is over by what its holder knows, in nanoseconds since the start of the test. */
function endOfLease({ invoke, completion }: Call): number {
  const value = completion?.value ?? null;
  const untilMs = isJsonObject(value) ? value['untilMs'] : undefined;
  return typeof untilMs === 'number' ? invoke.time + untilMs * NANOS_PER_MS : Infinity;
}

/** False if two processes must have held a lock at once; `unknown` if nobody was granted any. */
export const mutualExclusion: Checker = {
  name: 'mutual-exclusion',
  check: (history) => overlapVerdict('lock', findOverlaps(history, endOfLease)),
};
