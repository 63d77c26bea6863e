/**
 * Mutual exclusion of those who hold a lock: no two processes hold it at the same time, each by what it knows itself. Of a
 * read-write lock: unless both hold it as readers. Of an election: no two processes lead.
 *
 * An `acquire` (or a `campaign`, or a `renew`) gives `{ token, untilMs, mode? }`. Its process holds the lock for certain
 * - from when the operation returned;
 * - until `untilMs` milliseconds after it was invoked: up to then its client says that the lease is good. Counted from the
 *   invocation because the client counts from something later, and what is promised then is not said too long here. Without
 *   `untilMs` the lock is held until it is released;
 * - and not beyond the invocation of its next `release` (or `resign`).
 *
 * A holder that works on when its lease is over holds nothing any more. What it does then is for the resource to refuse: the
 * checks `fencing`, `lost-update` and `reader-isolation` look there.
 */
import type { Checker } from '../harness/history/checker.ts';
import { endOfLease, findOverlaps, overlapVerdict } from './holds.ts';

/** False if two processes must have held a lock at once, not both as readers; `unknown` if nobody was granted any. */
export const mutualExclusion: Checker = {
  name: 'mutual-exclusion',
  check: (history) => overlapVerdict('lock', findOverlaps(history, endOfLease)),
};
