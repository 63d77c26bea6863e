/**
 * Settings of a Fast Paxos node.
 */
import type { JsonObject } from '../../harness/json.ts';
import {
  flag,
  LOG_DEFAULTS,
  LOG_SETTINGS,
  optionsOf,
  positive,
  type LogOptions,
} from '../replicated-log/options.ts';

/** Settings, as `Target.options` may give them. Times are in milliseconds. */
export interface FastPaxosOptions extends Omit<LogOptions, 'maxInflight'> {
  /** False: classic rounds only, as in Multi-Paxos. */
  readonly fastRounds: boolean;
  /** True: acceptors recover from collisions by themselves, one message delay sooner (section 3.2). */
  readonly uncoordinated: boolean;
  /** A slot that is not chosen after so long is recovered. */
  readonly recoveryMs: number;
  /** What has no answer after so long is sent again. */
  readonly resendMs: number;
  /** So long all of a fast quorum must have been heard before fast rounds begin. */
  readonly fastAfterMs: number;
  /** Share of the slots that may collide; above it classic rounds take over. */
  readonly collisionsMax: number;
  /** For so long, before fast rounds are tried again. */
  readonly restMs: number;
  /** A node tries to serve a request for so long. */
  readonly patienceMs: number;
}

/** Slots are filled independently of one another, so there is no limit to what is on its way. */
const { maxInflight: _, ...SHARED_DEFAULTS } = LOG_DEFAULTS;
const { maxInflight: __, ...SHARED_SETTINGS } = LOG_SETTINGS;

const DEFAULTS: FastPaxosOptions = {
  ...SHARED_DEFAULTS,
  heartbeatMs: 50,
  fastRounds: true,
  uncoordinated: false,
  recoveryMs: 100,
  resendMs: 150,
  fastAfterMs: 200,
  collisionsMax: 0.3,
  restMs: 3000,
  patienceMs: 3000,
};

/** Defaults overridden by what was given. Throws a UsageError that names an unknown or impossible setting. */
export function fastPaxosOptions(given: JsonObject): FastPaxosOptions {
  const settings = {
    ...SHARED_SETTINGS,
    fastRounds: flag,
    uncoordinated: flag,
    recoveryMs: positive,
    resendMs: positive,
    fastAfterMs: positive,
    collisionsMax: positive,
    restMs: positive,
    patienceMs: positive,
  };
  return optionsOf<FastPaxosOptions>('fast-paxos', DEFAULTS, settings, given);
}
