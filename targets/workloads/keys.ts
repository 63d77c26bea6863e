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
/** Each operation of unknown outcome retires a process and stays open for ever, and makes checking harder. */
const PROCESSES_PER_KEY = 20;

/** This part of the clients of a key only ever reads, if there are two of them at least. */
const READERS = 0.4;

/**
 * Milliseconds from one read of these to the next, on average. A leader that was cut off answers reads at once and
 * updates never: unpaced, its readers would use up the key before anyone else has written to it.
 */
const READ_GAP_MS = 20;

/**
 * Half of the clients on one key, half on another; each key is used for a while and then never again. Some
 * clients only read: one that also writes leaves a leader that can no longer commit, and with it the place
 * where stale reads are to be had (Jepsen's register workloads reserve readers for the same reason).
 */
export function onManyKeys(concurrency: number, updatesOf: (key: number) => Generator): Generator {
  const threads = Math.max(1, Math.ceil(concurrency / 2));
  const readers = Math.floor(threads * READERS);
  return concurrentKeys(
    threads,
    (index) => index,
    (key) => {
      const updates = updatesOf(key as number);
      const operations =
        readers === 0 ? updates : reserve([[readers, stagger(READ_GAP_MS, repeat(op('read')))]], updates);
      return processLimit(PROCESSES_PER_KEY, limit(OPERATIONS_PER_KEY, operations));
    },
  );
}

/** One read of every key that succeeds: what was lost at any time is missed at the latest now. */
export function readEveryKey(keys: readonly Json[]): Generator {
  return concurrentKeys(1, keys, () => untilOk(repeat(op('read'))));
}

/** Milliseconds between two attempts: while one client waits for a node that is gone, another asks another. */
const ATTEMPT_GAP_MS = 1000;

/**
 * An update that succeeds and then a read that does, on a key of their own: together they show that the store gets on.
 * A compare-and-set has no part in it, for it may rightly fail for ever.
 */
export function updateAndRead(f: 'write' | 'append'): Generator {
  const attempts = (generator: Generator): Generator => untilOk(delay(ATTEMPT_GAP_MS, generator));
  const update = fromFunction((index) => ({ f, value: index }));
  return onKey('progress', sequence(attempts(update), attempts(repeat(op('read')))));
}
