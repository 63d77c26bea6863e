/**
 * Registers under many keys: reads, writes and compare-and-set. Every value is written once only, so that a
 * stale read cannot pass for a fresh one; a compare-and-set expects one of the values drawn last, so that
 * a fair share of them succeeds.
 */
import { linearizable, models } from '../../checkers/index.ts';
import { fromFunction } from '../../harness/generator/index.ts';
import type { Workload } from '../../harness/run/target.ts';
import { numbered, onManyKeys, readEveryKey, updateAndRead } from './keys.ts';

const READ_SHARE = 0.15;
const WRITE_SHARE = 0.5;
/** How far back the expected value of a compare-and-set may lie. */
const RECENT = 3;

/** Operations on one key, without end. */
export const registerUpdates = fromFunction((index, { random }) => {
  const draw = random.next();
  if (draw < READ_SHARE) return { f: 'read', value: null };
  if (draw < READ_SHARE + WRITE_SHARE || index === 0) return { f: 'write', value: index };
  return { f: 'cas', value: [Math.max(0, index - 1 - random.int(RECENT)), index] };
});

/** The register workload. */
export const register: Workload = {
  name: 'register',
  summary: 'read, write and compare-and-set of registers under many keys; must be linearizable',
  operations: {
    read: '{ key } gives the value, null if there is none',
    write: '{ key, value } sets the value',
    cas: '{ key, value: [expected, next] } sets the value if it is the expected one, else fails',
  },
  generator: ({ concurrency }) => onManyKeys(concurrency, () => ({ updates: registerUpdates })),
  progressGenerator: () => updateAndRead(numbered('write')),
  finalGenerator: ({ keys }) => readEveryKey(keys),
  checkers: [linearizable(models['cas-register'])],
};
