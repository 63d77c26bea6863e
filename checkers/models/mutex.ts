/**
 * A lock that one client holds at a time. It does not say who holds it: a release by anyone frees it, as in
 * Knossos's mutex, because clients of a lock service may release on each other's behalf.
 */
import { UsageError } from '../../harness/errors.ts';
import { lockMonitor } from '../linearizable/monitors/lock/monitor.ts';
import { defineModel, show } from './model.ts';

type Lock = 'unlocked' | 'locked';

/** The model of a mutex; starts `unlocked` unless `init` is `locked`. */
export const mutex = defineModel<Lock>({
  name: 'mutex',
  summary: 'a lock: acquire when free, release when held',
  operations: { acquire: 'takes the lock', release: 'frees the lock' },
  init(value = null) {
    if (value === null || value === 'unlocked') return 'unlocked';
    if (value === 'locked') return value;
    throw new UsageError(`mutex starts "unlocked" or "locked", not ${show(value)}`);
  },
  step(lock, { f }) {
    if (f === 'acquire') return lock === 'unlocked' ? 'locked' : undefined;
    return lock === 'locked' ? 'unlocked' : undefined;
  },
  key: (lock) => lock,
  monitors: [lockMonitor({ acquire: ['acquire'], release: ['release'] })],
  describe: ({ f, result }) => (result === undefined ? `${f} → ?` : f),
  describeState: (lock) => lock,
});
