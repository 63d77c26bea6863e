/**
 * When a batch of entries may follow one that is on its way (Ongaro's dissertation, section 10.2.2, batching and pipelining).
 * A full batch may at once. What fills none waits until there is an answer, as in Nagle's algorithm (RFC 896), but for no
 * longer than `gatherMs`: so under load entries gather and share messages and fsyncs, whereas over a slow link
 * several batches are on their way.
 */
import type { LogOptions } from './options.ts';

/** What is on its way and what waits, to one follower or to all. */
export interface Pipeline {
  /** Batches on their way. */
  readonly inflight: number;
  /** Entries that wait. */
  readonly waiting: number;
  /** When the last batch was sent, on the monotonic clock. */
  readonly sentAt: number;
}

/** True if a batch may be sent at the time `now` of the monotonic clock. */
export function mayFollow(
  { inflight, waiting, sentAt }: Pipeline,
  { maxInflight, maxBatch, gatherMs }: Pick<LogOptions, 'maxInflight' | 'maxBatch' | 'gatherMs'>,
  now: number,
): boolean {
  if (waiting === 0 || inflight >= maxInflight) return false;
  return inflight === 0 || waiting >= maxBatch || now - sentAt >= gatherMs;
}
