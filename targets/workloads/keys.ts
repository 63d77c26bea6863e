/**
 * What the keyed workloads share: how many clients meet on a key, and how long a key is used. Short lives
 * keep each key's history small enough to check in no time, while the test as a whole goes on for as long
 * as anyone likes.
 */
import {
  type Generator,
  concurrentKeys,
  delay,
  fromFunction,
  limit,
  onKey,
  op,
  processLimit,
  repeat,
  reserve,
  sequence,
  stagger,
  untilOk,
} from '../../harness/generator/index.ts';
import type { Json } from '../../harness/json.ts';

/** Operations on one key. */
const OPERATIONS_PER_KEY = 150;
/** Operations that stay open make checking harder. */
const PROCESSES_PER_KEY = 20;

/** This part of the clients of a key only ever reads, if there are two of them at least. */
const READERS = 0.4;

/**
 * Milliseconds from one read of these to the next, on average. A leader that was cut off answers reads at once and
 * updates never: unpaced, its readers would use up the key before anyone else has written to it.
 */
const READ_GAP_MS = 20;

/** What is done to one key. */
export interface KeyedOperations {
  /** Updates, and some reads, without end. */
  readonly updates: Generator;
  /** Reads alone, without end; the whole of the key unless given. */
  readonly reads?: Generator;
}

/** How keys are made and used. */
export interface KeyOptions {
  /** The key with this number; the number itself unless given. */
  readonly keyOf?: (index: number) => Json;
  /** Operations on one key. */
  readonly operations?: number;
  /** Clients that meet on a key at most. */
  readonly threadsMax?: number;
  /** Processes on one key; each operation of unknown outcome retires one, and stays open for ever. */
  readonly processes?: number;
}

const READS = repeat(op('read'));

/**
 * Half of the clients on one key, half on another; each key is used for a while and then never again. Some
 * clients only read: one that also writes leaves a leader that can no longer commit, and with it the place
 * where stale reads are to be had (Jepsen's register workloads reserve readers for the same reason).
 */
export function onManyKeys(
  concurrency: number,
  operationsOn: (index: number) => KeyedOperations,
  options: KeyOptions = {},
): Generator {
  const { keyOf = (index: number): Json => index, threadsMax = Infinity } = options;
  const { operations = OPERATIONS_PER_KEY, processes = PROCESSES_PER_KEY } = options;
  const threads = Math.max(1, Math.min(threadsMax, Math.ceil(concurrency / 2)));
  const readers = Math.floor(threads * READERS);
  return concurrentKeys(threads, keyOf, (key) => {
    const { updates, reads = READS } = operationsOn(numberOf(key));
    const mixed = readers === 0 ? updates : reserve([[readers, stagger(READ_GAP_MS, reads)]], updates);
    return processLimit(processes, limit(operations, mixed));
  });
}

/** The number of a key that is that number, or a kind and that number. */
export function numberOf(key: Json): number {
  return Array.isArray(key) ? Number((key as readonly Json[]).at(-1)) : Number(key);
}

/** One read of every key that succeeds: what was lost at any time is missed at the latest now. */
export function readEveryKey(
  keys: readonly Json[],
  readOf: (key: Json) => Generator = () => READS,
): Generator {
  return concurrentKeys(1, keys, (key) => untilOk(readOf(key)));
}

/** Milliseconds between two attempts: while one client waits for a node that is gone, another asks another. */
const ATTEMPT_GAP_MS = 1000;

/**
 * An update that succeeds and then a read that does, on a key of their own: together they show that the store gets on.
 * A compare-and-set has no part in it, for it may rightly fail for ever.
 */
export function updateAndRead(update: Generator, read: Generator = READS, key: Json = 'progress'): Generator {
  const attempts = (generator: Generator): Generator => untilOk(delay(ATTEMPT_GAP_MS, generator));
  return onKey(key, sequence(attempts(update), attempts(read)));
}

/** The same update with another number each time. */
export function numbered(f: string): Generator {
  return fromFunction((index) => ({ f, value: index }));
}
