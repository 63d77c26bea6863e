/**
 * Settings of a Raft node. Every one has a default that suits a local cluster; a wrong one is the user's
 * mistake and is named, because a node that ran on half of its settings would test something else.
 */
import { UsageError } from '../../harness/errors.ts';
import type { Json, JsonObject } from '../../harness/json.ts';

/** Settings, as `Target.options` may give them. */
export interface RaftOptions {
  /** Election time-outs are drawn from [low, high], in milliseconds (section 3.4 and chapter 9). */
  readonly electionTimeoutMs: readonly [number, number];
  /** Milliseconds between a leader's heartbeats; well below the shortest election time-out. */
  readonly heartbeatMs: number;
  /** Entries applied since the last snapshot that bring about the next. */
  readonly snapshotThreshold: number;
  /** Entries before the snapshot that stay in the log, so that a follower slightly behind needs no snapshot. */
  readonly snapshotTrailing: number;
  /** Characters of a snapshot in one message. */
  readonly snapshotChunk: number;
  /** Entries in one AppendEntries at most. */
  readonly maxBatch: number;
  /** AppendEntries with entries on their way to one follower at most. */
  readonly maxInflight: number;
  /** Client sessions kept; the one longest unused in log order goes first (section 6.3). */
  readonly maxSessions: number;
}

const DEFAULTS: RaftOptions = {
  electionTimeoutMs: [300, 600],
  heartbeatMs: 75,
  snapshotThreshold: 4096,
  snapshotTrailing: 1024,
  snapshotChunk: 65_536,
  maxBatch: 512,
  maxInflight: 2,
  maxSessions: 1024,
};

function isPositive(value: Json): value is number {
  return typeof value === 'number' && value > 0;
}

function isSetting(name: string, value: Json): boolean {
  if (name === 'snapshotTrailing') return Number.isSafeInteger(value) && Number(value) >= 0;
  if (name !== 'electionTimeoutMs')
    return isPositive(value) && (name === 'heartbeatMs' || Number.isInteger(value));
  const [low, high, ...rest] = Array.isArray(value) ? (value as Json[]) : [];
  return (
    rest.length === 0 && isPositive(low ?? null) && isPositive(high ?? null) && Number(low) <= Number(high)
  );
}

/** Defaults overridden by what was given. Throws a UsageError that names an unknown or impossible setting. */
export function raftOptions(given: JsonObject): RaftOptions {
  for (const [name, value] of Object.entries(given)) {
    if (!(name in DEFAULTS)) {
      throw new UsageError(`raft has no option "${name}"; it has ${Object.keys(DEFAULTS).join(', ')}`);
    }
    if (!isSetting(name, value)) {
      const expected = name === 'electionTimeoutMs' ? '[low, high] in milliseconds' : 'a positive number';
      throw new UsageError(`raft option "${name}" is ${JSON.stringify(value)}; expected ${expected}`);
    }
  }
  const options: RaftOptions = { ...DEFAULTS, ...given };
  if (options.heartbeatMs >= options.electionTimeoutMs[0]) {
    throw new UsageError('raft option "heartbeatMs" must be below the shortest election time-out');
  }
  return options;
}
