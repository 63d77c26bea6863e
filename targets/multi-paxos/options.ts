/**
 * Settings of a Multi-Paxos node: those of every log with a leader, and leases.
 */
import type { JsonObject } from '../../harness/json.ts';
import { flag, LOG_DEFAULTS, LOG_SETTINGS, optionsOf, type LogOptions } from '../replicated-log/options.ts';

/** Settings, as `Target.options` may give them. */
export interface PaxosOptions extends LogOptions {
  /**
   * True: a leader answers reads without asking anybody while it holds a lease. That trusts the nodes' monotonic clocks
   * to run at nearly the same speed; without it no promise rests on any clock. Default false.
   */
  readonly readLeases: boolean;
}

/** Defaults overridden by what was given. Throws a UsageError that names an unknown or impossible setting. */
export function paxosOptions(given: JsonObject): PaxosOptions {
  return optionsOf<PaxosOptions>(
    'multi-paxos',
    { ...LOG_DEFAULTS, maxInflight: 4, readLeases: false },
    { ...LOG_SETTINGS, readLeases: flag },
    given,
  );
}
