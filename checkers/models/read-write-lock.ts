/**
 * A lock for many readers or one writer. Like the mutex, it does not say who holds it.
 */
import { UsageError } from '../../harness/errors.ts';
import { readWriteLockMonitor } from '../linearizable/monitors/lock/read-write.ts';
import { defineModel, show } from './model.ts';

/** Readers that hold the lock, or this. */
const WRITER = -1;

/** The model of a read-write lock; starts `unlocked` unless `init` is `write-locked` or the number of readers that hold it. */
export const readWriteLock = defineModel<number>({
  name: 'read-write-lock',
  summary: 'a lock for many readers or one writer',
  operations: {
    'acquire-read': 'takes the lock beside other readers',
    'release-read': 'lets go as a reader',
    'acquire-write': 'takes the lock alone',
    'release-write': 'lets go as the writer',
  },
  init(value = null) {
    if (value === null || value === 'unlocked') return 0;
    if (value === 'write-locked') return WRITER;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
    throw new UsageError(
      `read-write-lock starts "unlocked", "write-locked" or with a number of readers, not ${show(value)}`,
    );
  },
  step(holders, { f }) {
    if (f === 'acquire-read') return holders >= 0 ? holders + 1 : undefined;
    if (f === 'release-read') return holders > 0 ? holders - 1 : undefined;
    if (f === 'acquire-write') return holders === 0 ? WRITER : undefined;
    return holders === WRITER ? 0 : undefined;
  },
  key: (holders) => holders,
  monitors: [
    readWriteLockMonitor({
      acquireRead: ['acquire-read'],
      releaseRead: ['release-read'],
      acquireWrite: ['acquire-write'],
      releaseWrite: ['release-write'],
    }),
  ],
  describe: ({ f, result }) => (result === undefined ? `${f} → ?` : f),
  describeState(holders) {
    if (holders === 0) return 'unlocked';
    return holders === WRITER ? 'write-locked' : `read-locked by ${holders}`;
  },
});
