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
  eachThread,
  once,
  onKey,
  op,
  repeat,
  sequence,
  stagger,
  untilOk,
  weightedMix,
} from '../../harness/generator/index.ts';
import type { Json } from '../../harness/json.ts';
import type { Workload } from '../../harness/run/target.ts';
import { attempts, byRivals, RELEASED_WITHIN_MS, thought } from './rivals.ts';

/** Milliseconds between two updates without a lock, on average: unpaced, those that a resource which is down refuses would use up the key. */
const GAP_MS = 10;

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
