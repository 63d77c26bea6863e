/**
 * What the workloads of locks and elections share: groups of rivals who want the same thing, how long they think while they have it,
 * and trying until it succeeds.
 */
import {
  type Generator,
  concurrentKeys,
  delay,
  limit,
  processLimit,
  repeat,
  untilOk,
} from '../../harness/generator/index.ts';
import type { JsonObject } from '../../harness/json.ts';
import type { Random } from '../../harness/random.ts';

/** Operations under one lock; a resource's value grows with each update, and is read whole. */
const OPERATIONS_PER_LOCK = 150;
/** Clients that want the same lock. */
const RIVALS = 3;
const PROCESSES_PER_LOCK = 30;

/** Milliseconds between two attempts where something is tried until it succeeds. */
const ATTEMPT_GAP_MS = 200;

/** The longest lease that targets give and what a machine that is busy with other things may take beside. */
export const RELEASED_WITHIN_MS = 8000;

/** How long somebody thinks between reading and writing, in the length of a lease: mostly a moment, sometimes past its end. */
export function thought(random: Random): JsonObject {
  const draw = random.next();
  if (draw < 0.6) return { think: 0 };
  const [low, high] = draw < 0.85 ? [0.01, 0.6] : [0.9, 1.6];
  return { think: Math.round(100 * random.between(low, high)) / 100 };
}

/** The same operations by groups of rivals, each group on a key for a while. */
export function byRivals(concurrency: number, operations: Generator, rivals = RIVALS): Generator {
  return concurrentKeys(
    Math.min(rivals, concurrency),
    (index) => index,
    () => processLimit(PROCESSES_PER_LOCK, limit(OPERATIONS_PER_LOCK, operations)),
  );
}

/** The generator's first operation, drawn anew each time, until it succeeds. */
export function attempts(generator: Generator): Generator {
  return untilOk(delay(ATTEMPT_GAP_MS, repeat(generator)));
}
