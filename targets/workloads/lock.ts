/**
 * Locks, and the resource that each guards. Clients take a lock, read the resource's value, think, write it with something added, and
 * give the lock back. Some think for longer than their lease lasts, as a process does that was asleep; some forget to give it
 * back, as one does that died. So leases end under their holders, and the resource has somebody to refuse.
 *
 * The second workload does the same without a lock: it writes on condition that nobody wrote meanwhile.
 *
 * How the checkers know what happened is said in checkers/mutual-exclusion.ts and checkers/effects.ts. A target needs a client that
 * understands the operations; targets/guarded-resource/lock-client.ts is one for all locks.
 */
import { eventualRelease, fencing, lostUpdate, mutualExclusion } from '../../checkers/index.ts';
import {
  type Generator,
  concurrentKeys,
  cycle,
  delay,
  eachThread,
  limit,
  once,
  onKey,
  op,
  processLimit,
  repeat,
  sequence,
  stagger,
  untilOk,
  weightedMix,
} from '../../harness/generator/index.ts';
import type { Json, JsonObject } from '../../harness/json.ts';
import type { Random } from '../../harness/random.ts';
import type { Workload } from '../../harness/run/target.ts';

/** Operations under one lock; a resource's value grows with each update, and is read whole. */
const OPERATIONS_PER_LOCK = 150;
/** Clients that want the same lock. */
const RIVALS = 3;
const PROCESSES_PER_LOCK = 30;

/** Milliseconds between two updates without a lock, on average: unpaced, those that a resource which is down refuses would use up the key. */
const GAP_MS = 10;
/** Milliseconds between two attempts where something is tried until it succeeds. */
const ATTEMPT_GAP_MS = 200;
/** The longest lease that targets give and what a machine that is busy with other things may take beside. */
const RELEASED_WITHIN_MS = 8000;

/** How long somebody thinks between reading and writing, in the length of a lease: mostly a moment, sometimes past its end. */
function thought(random: Random): JsonObject {
  const draw = random.next();
  if (draw < 0.6) return { think: 0 };
  const [low, high] = draw < 0.85 ? [0.01, 0.6] : [0.9, 1.6];
  return { think: Math.round(100 * random.between(low, high)) / 100 };
}

const update = op('update', thought);

/** One holder: takes the lock, works, gives it back or forgets to. */
const holding: Generator = cycle(
  sequence(
    untilOk(repeat(op('acquire'))),
    update,
    once(weightedMix([3, update], [2, op('renew')])),
    once(weightedMix([5, op('release')], [1, update])),
  ),
);

/** The same operations by groups of rivals, each group on a key for a while. */
function byRivals(concurrency: number, operations: Generator): Generator {
  return concurrentKeys(
    Math.min(RIVALS, concurrency),
    (index) => index,
    () => processLimit(PROCESSES_PER_LOCK, limit(OPERATIONS_PER_LOCK, operations)),
  );
}

const attempts = (generator: Generator): Generator => untilOk(delay(ATTEMPT_GAP_MS, repeat(generator)));

/** The lock workload. */
export const lock: Workload = {
  name: 'lock',
  summary:
    'take a lock, read, think, write and give it back; leases end under holders, and the resource refuses them',
  operations: {
    acquire:
      '{ key } takes the lock, and gives { token, untilMs }: a fencing token, and for how long it is held, counted from when it was asked',
    renew: '{ key } holds it for longer, and gives the same',
    release: '{ key } gives it back',
    update:
      '{ key, value: { think } } reads the resource, thinks for so many times the length of a lease, writes; gives { id, token, base, version }',
    read: '{ key } gives the resource: { value, version, effects }',
  },
  generator: ({ concurrency }) => byRivals(concurrency, eachThread(holding)),
  progressGenerator: () => onKey('progress', attempts(op('acquire'))),
  finalGenerator: ({ keys }) =>
    concurrentKeys(1, keys, () => sequence(attempts(op('acquire')), attempts(op('read')))),
  checkers: [mutualExclusion, fencing, lostUpdate, eventualRelease(RELEASED_WITHIN_MS)],
};

/** The optimistic workload. */
export const optimistic: Workload = {
  name: 'optimistic',
  summary: 'read, think, and write on condition that nobody wrote meanwhile: no lock, and no update lost',
  operations: {
    'cas-update':
      '{ key, value: { think } } reads the resource, thinks, writes if it is unchanged, else fails; gives { id, token: null, base, version }',
    read: '{ key } gives the resource: { value, version, effects }',
  },
  generator: ({ concurrency }) => byRivals(concurrency, stagger(GAP_MS, repeat(op('cas-update', thought)))),
  finalGenerator: ({ keys }: { readonly keys: readonly Json[] }) =>
    concurrentKeys(1, keys, () => attempts(op('read'))),
  checkers: [lostUpdate],
};
