/**
 * Settings of a node. Every one has a default that suits a local cluster; a wrong one is the user's mistake
 * and is named, because a node that ran on half of its settings would test something else.
 */
import { UsageError } from '../../harness/errors.ts';
import type { Json, JsonObject } from '../../harness/json.ts';

/** What a setting may be. */
export interface Setting {
  readonly expected: string;
  readonly accepts: (value: Json) => boolean;
}

const isPositive = (value: Json): boolean => typeof value === 'number' && value > 0;

/** A duration in milliseconds, or any other quantity above zero. */
export const positive: Setting = { expected: 'a positive number', accepts: isPositive };

/** A whole number from 1. */
export const count: Setting = {
  expected: 'a positive whole number',
  accepts: (value) => isPositive(value) && Number.isSafeInteger(value),
};

/** A whole number from 0. */
export const natural: Setting = {
  expected: 'a whole number from 0',
  accepts: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
};

/** Yes or no. */
export const flag: Setting = { expected: 'true or false', accepts: (value) => typeof value === 'boolean' };

/** Two durations, the shorter first. */
export const range: Setting = {
  expected: '[low, high] in milliseconds',
  accepts(value) {
    const [low = 0, high = 0, ...rest] = Array.isArray(value) ? (value as Json[]) : [];
    return rest.length === 0 && isPositive(low) && isPositive(high) && Number(low) <= Number(high);
  },
};

/** What every log with a leader can be told. */
export interface LogOptions {
  /** Election time-outs are drawn from [low, high], in milliseconds. */
  readonly electionTimeoutMs: readonly [number, number];
  /** Milliseconds between a leader's heartbeats; well below the shortest election time-out. */
  readonly heartbeatMs: number;
  /** Entries applied since the last snapshot that bring about the next. */
  readonly snapshotThreshold: number;
  /** Entries before the snapshot that stay in the log, so that a replica slightly behind needs no snapshot. */
  readonly snapshotTrailing: number;
  /** Characters of a snapshot in one message. */
  readonly snapshotChunk: number;
  /** Entries in one message at most. */
  readonly maxBatch: number;
  /** Batches on their way at most: to one follower in Raft, in all in Paxos. */
  readonly maxInflight: number;
  /** Milliseconds for which entries that fill no batch may wait for others while one is on its way. */
  readonly gatherMs: number;
  /** Client sessions kept; the one longest unused in log order goes first. */
  readonly maxSessions: number;
}

/** Defaults of these, and what they may be. */
export const LOG_DEFAULTS: LogOptions = {
  electionTimeoutMs: [300, 600],
  heartbeatMs: 75,
  snapshotThreshold: 4096,
  snapshotTrailing: 1024,
  snapshotChunk: 65_536,
  maxBatch: 512,
  maxInflight: 2,
  gatherMs: 5,
  maxSessions: 1024,
};

export const LOG_SETTINGS: Readonly<Record<keyof LogOptions, Setting>> = {
  electionTimeoutMs: range,
  heartbeatMs: positive,
  snapshotThreshold: count,
  snapshotTrailing: natural,
  snapshotChunk: count,
  maxBatch: count,
  maxInflight: count,
  gatherMs: positive,
  maxSessions: count,
};

/** Defaults overridden by what was given. Throws a UsageError that names an unknown or impossible setting. */
export function optionsOf<T extends object>(
  target: string,
  defaults: T,
  settings: Readonly<Record<keyof T, Setting>>,
  given: JsonObject,
): T {
  const known = new Map(Object.entries<Setting>(settings));
  for (const [name, value] of Object.entries(given)) {
    const setting = known.get(name);
    if (setting === undefined) {
      throw new UsageError(`${target} has no option "${name}"; it has ${[...known.keys()].join(', ')}`);
    }
    if (!setting.accepts(value)) {
      throw new UsageError(
        `${target} option "${name}" is ${JSON.stringify(value)}; expected ${setting.expected}`,
      );
    }
  }
  const options: T = { ...defaults, ...given };
  const { heartbeatMs = 0, electionTimeoutMs = [Infinity, Infinity] }: Partial<LogOptions> = options;
  if (heartbeatMs >= electionTimeoutMs[0]) {
    throw new UsageError(`${target} option "heartbeatMs" must be below the shortest election time-out`);
  }
  return options;
}
