/**
 * What a client of a lock needs of the lock: the contract between the recipe that all locks share (lock-client.ts) and
 * the protocol of each.
 */
import type { Json } from '../../harness/json.ts';

/** How long leases are asked for, in milliseconds. */
export const TTL_MS = 1000;

/** How much faster one clock may run than another (redlock-rb's CLOCK_DRIFT_FACTOR), and the least that a clock can tell, in milliseconds. */
const DRIFT = 0.01;
const TICK_MS = 2;

/** What somebody who holds a lock has. Times are those of the client's clock. */
export interface Grant {
  /** Names this acquire, uniquely: only who knows it can release. */
  readonly owner: string;
  readonly token: number;
  /** When the lease is over at the earliest: up to then its holder may rely on it. */
  readonly validUntil: number;
  /** What it allows, for locks that readers share; everything unless given. */
  readonly mode?: 'read' | 'write';
}

/** Why something was not done: `refused` if it certainly did not happen, nor will. */
export type NotDone = { readonly kind: 'refused' | 'unknown'; readonly error: string };

/** What came of asking. */
export type Asked<T> = { readonly kind: 'done'; readonly value: T } | NotDone;

/** One client's way to a lock service. */
export interface LockService {
  /** Takes the lock, and waits for it if need be, until `deadline` at the latest. `asked` says for what, for locks that can be had in several ways. */
  acquire(lock: Json, owner: string, deadline: number, asked: Json): Promise<Asked<Grant>>;
  /** Holds it for longer. */
  renew(lock: Json, grant: Grant, deadline: number): Promise<Asked<Grant>>;
  release(lock: Json, grant: Grant, deadline: number): Promise<Asked<null>>;
}

/**
 * When a lease that was granted no earlier than `since` is over at the earliest: its length less what clocks may differ
 * by in that time.
 */
export function leaseEnd(since: number, ttlMs = TTL_MS): number {
  return since + ttlMs - (ttlMs * DRIFT + TICK_MS);
}
