/**
 * A key-value store as a whole: registers under every other key, lists under those between. Registers show stale
 * and lost values; lists show, to every later read, an append that was lost, moved or applied twice. One run
 * looks for both.
 */
import { linearizable, models } from '../../checkers/index.ts';
import type { Workload } from '../../harness/run/target.ts';
import { append, appendUpdates } from './append.ts';
import { numbered, onManyKeys, readEveryKey, updateAndRead } from './keys.ts';
import { register, registerUpdates } from './register.ts';

/** The key-value workload. */
export const kv: Workload = {
  name: 'kv',
  summary: 'registers and lists under many keys of one store; must be linearizable',
  operations: { ...append.operations, ...register.operations },
  generator: ({ concurrency }) =>
    onManyKeys(concurrency, (index) => ({ updates: index % 2 === 0 ? registerUpdates : appendUpdates })),
  progressGenerator: () => updateAndRead(numbered('write')),
  finalGenerator: ({ keys }) => readEveryKey(keys),
  checkers: [linearizable(models.kv)],
};
