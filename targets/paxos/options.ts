/**
 * Settings of a Paxos node.
 */
import type { JsonObject } from '../../harness/json.ts';
import { optionsOf, positive, range } from '../replicated-log/options.ts';

/** Settings, as `Target.options` may give them. All are in milliseconds. */
export type PaxosOptions = {
  /** After so long a message that has no answer is sent again. */
  readonly resendMs: number;
  /** Who was outbid for the nth time waits for a random time up to the first times 2^n, but not above the second. */
  readonly backOffMs: readonly [number, number];
  /** After so long a ballot that somebody has outbid is given up though it might still succeed. */
  readonly stallMs: number;
  /** A node tries to serve a request for so long. */
  readonly patienceMs: number;
};

const DEFAULTS: PaxosOptions = { resendMs: 300, backOffMs: [10, 400], stallMs: 1000, patienceMs: 10_000 };
const SETTINGS = { resendMs: positive, backOffMs: range, stallMs: positive, patienceMs: positive };

/** Defaults overridden by what was given. Throws a UsageError that names an unknown or impossible setting. */
export function paxosOptions(given: JsonObject): PaxosOptions {
  return optionsOf<PaxosOptions>('paxos', DEFAULTS, SETTINGS, given);
}
