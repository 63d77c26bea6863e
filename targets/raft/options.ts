/**
 * Settings of a Raft node: those of every log with a leader, and how reads are served.
 */
import type { JsonObject } from '../../harness/json.ts';
import { flag, LOG_DEFAULTS, LOG_SETTINGS, optionsOf, type LogOptions } from '../replicated-log/options.ts';

/** Settings, as `Target.options` may give them. */
export interface RaftOptions extends LogOptions {
  /** Whether a leader answers reads without asking, for as long as a lease says that nobody else can lead (section 6.4.1). */
  readonly leaseReads: boolean;
}

const DEFAULTS: RaftOptions = { ...LOG_DEFAULTS, leaseReads: false };

/** Defaults overridden by what was given. Throws a UsageError that names an unknown or impossible setting. */
export function raftOptions(given: JsonObject): RaftOptions {
  return optionsOf<RaftOptions>('raft', DEFAULTS, { ...LOG_SETTINGS, leaseReads: flag }, given);
}
