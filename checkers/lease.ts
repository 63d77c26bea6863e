/**
 * Leases: a lock that is lost when its time is up, so that a client that died does not keep it for ever. Two clients must never
 * hold it at once. Linearizability of acquire and release cannot tell, since no operation marks that a lease ran out.
 *
 * The check says no only where two clients must have held the lease, whatever happened inside the service. Somebody who
 * acquires holds it for certain
 * - from when the acquire (or a renew) returned, since it may have been granted only then;
 * - until its time is up, counted from when that acquire or renew was invoked, since it may have been granted already then, and by a
 *   clock that runs fast by `drift`: until invocation + ttl (1 - drift);
 * - and not beyond the invocation of the holder's next release, however that ended: who asks to release has stopped
 *   using what he held.
 *
 * Each grant counts by itself. A renew that came in time makes one hold of two that overlap; whether one that came late found
 * the lease still there nobody knows, and the time between the two is not counted.
 */
import type { Checker } from '../harness/history/checker.ts';
import type { History } from '../harness/history/operation.ts';
import { findOverlaps, overlapVerdict, type HoldFindings } from './holds.ts';

const NANOS_PER_MS = 1e6;

/** What the service promises. */
export interface LeaseTerms {
  /** How long a lease lasts, in nanoseconds by the service's clock. */
  readonly ttlNanos: number;
  /** How much faster than time the service's clock may run: 0.01 if it may be a hundredth. */
  readonly drift: number;
}

/** Finds holds of different processes that overlap, for each lock (by the operations' keys) alone. */
export function checkLease(history: History, { ttlNanos, drift }: LeaseTerms): HoldFindings {
  return findOverlaps(history, ({ invoke }) => invoke.time + ttlNanos * (1 - drift));
}

/**
 * A checker of leases: `acquire`, `renew` and `release`, for each key alone. False if two processes must have held one at once;
 * `unknown` if nobody was granted any. An operation that gives `false` granted nothing.
 *
 * @example lease({ ttlMs: 2000, drift: 0.01 })
 */
export function lease({ ttlMs, drift = 0 }: { readonly ttlMs: number; readonly drift?: number }): Checker {
  return {
    name: 'lease',
    check: (history) =>
      overlapVerdict('lease', checkLease(history, { ttlNanos: ttlMs * NANOS_PER_MS, drift })),
  };
}
