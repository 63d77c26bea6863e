/**
 * Lists under many keys: appends and whole reads. A read shows everything that ever happened to its key, so
 * an append that was lost, applied twice or moved is seen by every read after it.
 */
import { linearizable, models } from '../../checkers/index.ts';
import { fromFunction } from '../../harness/generator/index.ts';
import type { Workload } from '../../harness/run/target.ts';
import { numbered, onManyKeys, readEveryKey, updateAndRead } from './keys.ts';

const READ_SHARE = 0.15;

/** Operations on one key, without end. */
export const appendUpdates = fromFunction((index, { random }) =>
  random.chance(READ_SHARE) ? { f: 'read', value: null } : { f: 'append', value: index },
);

/** The append workload. */
export const append: Workload = {
  name: 'append',
  summary: 'append to and read of lists under many keys; must be linearizable',
  operations: {
    read: '{ key } gives the list, null if there is none',
    append: '{ key, value } adds the value to the end of the list',
  },
  generator: ({ concurrency }) => onManyKeys(concurrency, () => ({ updates: appendUpdates })),
  progressGenerator: () => updateAndRead(numbered('append')),
  finalGenerator: ({ keys }) => readEveryKey(keys),
  checkers: [linearizable(models.kv)],
};
