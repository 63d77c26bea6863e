/**
 * What the clients of locks, counters and sets do in fuzz tests: mostly what they should, sometimes what they should not.
 */
import type { Random } from '../../../../../harness/random.ts';
import { counterMonitor } from '../../../../../checkers/linearizable/monitors/counter.ts';
import { fencedLockMonitor } from '../../../../../checkers/linearizable/monitors/lock/fenced.ts';
import { readWriteLockMonitor } from '../../../../../checkers/linearizable/monitors/lock/read-write.ts';
import { lockMonitor } from '../../../../../checkers/linearizable/monitors/lock/monitor.ts';
import { setMonitor } from '../../../../../checkers/linearizable/monitors/set/monitor.ts';
import { counter } from '../../../../../checkers/models/counter.ts';
import { fencedLock } from '../../../../../checkers/models/fenced-lock.ts';
import { mutex } from '../../../../../checkers/models/mutex.ts';
import { readWriteLock } from '../../../../../checkers/models/read-write-lock.ts';
import { semaphore } from '../../../../../checkers/models/semaphore.ts';
import { set } from '../../../../../checkers/models/set.ts';
import type { Attempt, Subject } from './clients.ts';

const only = (f: string): Attempt => ({ f, argument: null, results: [null] });
const names = { acquire: ['acquire'], release: ['release'] };

/** Releases after it acquired, or now and then the other way round. */
function lockClient(random: Random, before: readonly Attempt[], acquire = only('acquire')): Attempt {
  const holds = before.at(-1)?.f === 'acquire';
  return holds !== random.chance(0.15) ? only('release') : acquire;
}

const LAST_TOKEN = 12;

function fencedClient(random: Random, before: readonly Attempt[]): Attempt {
  const token = random.int(3);
  const results = Array.from({ length: LAST_TOKEN }, (_, index) => token + index);
  return lockClient(random, before, { f: 'acquire', argument: null, results });
}

function readWriteClient(random: Random, before: readonly Attempt[]): Attempt {
  const last = before.at(-1)?.f ?? '';
  const kind = random.chance(0.5) ? 'read' : 'write';
  if (random.chance(0.03)) return only(`release-${kind}`);
  if (random.chance(0.05)) return only(`acquire-${kind}`);
  return only(last.startsWith('acquire') ? last.replace('acquire', 'release') : `acquire-${kind}`);
}

function elementClient(random: Random, rates: { readonly add: number; readonly remove: number }): Attempt {
  const draw = random.next();
  if (draw < rates.add) return { f: 'add', argument: 'e', results: [null] };
  if (draw < rates.add + rates.remove) return { f: 'remove', argument: 'e', results: [null] };
  return { f: 'contains', argument: 'e', results: [true, false] };
}

const setSubject = (rates: { readonly add: number; readonly remove: number }): Subject => ({
  model: set,
  monitor: setMonitor({ add: ['add'], remove: ['remove'], contains: ['contains'] }),
  init: (random) => random.pick([[], ['d', 'e']]),
  next: (random) => elementClient(random, rates),
});

const counterSubject = (amount: number, adds: number): Subject => ({
  model: counter,
  monitor: counterMonitor({ add: ['add'], read: ['read'] }),
  init: (random) => random.int(3),
  next(random) {
    if (random.chance(adds)) return { f: 'add', argument: amount, results: [null] };
    const sums = Array.from({ length: 14 }, (_, index) => amount * index);
    return {
      f: 'read',
      argument: null,
      results: [...sums, ...sums.map((sum) => sum + 1), ...sums.map((sum) => sum + 2)],
    };
  },
});

/** Every monitor of these, by what it is about. */
export const subjects = {
  mutex: {
    model: mutex,
    monitor: lockMonitor(names),
    init: (random) => random.pick(['unlocked', 'unlocked', 'locked']),
    next: (random, before) => lockClient(random, before),
  },
  semaphore: {
    model: semaphore,
    monitor: lockMonitor(names),
    init: (random) => 1 + random.int(3),
    next: (random, before) => lockClient(random, before),
  },
  'fenced lock': {
    model: fencedLock,
    monitor: fencedLockMonitor(names),
    init: (random) => random.pick([null, 0, 1]),
    next: fencedClient,
  },
  'read-write lock': {
    model: readWriteLock,
    monitor: readWriteLockMonitor({
      acquireRead: ['acquire-read'],
      releaseRead: ['release-read'],
      acquireWrite: ['acquire-write'],
      releaseWrite: ['release-write'],
    }),
    init: (random) => random.pick(['unlocked', 'unlocked', 'unlocked', 'unlocked', 'write-locked', 2]),
    next: readWriteClient,
  },
  'counter of ones': counterSubject(1, 0.5),
  'counter of minus twos': counterSubject(-2, 0.4),
  'set, mostly looked at': setSubject({ add: 0.15, remove: 0.15 }),
  'set, mostly changed': setSubject({ add: 0.25, remove: 0.25 }),
} satisfies Readonly<Record<string, Subject>>;
