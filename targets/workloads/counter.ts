/**
 * Counters under many keys: ones added, and the sum read. An addition that was lost, or that took effect twice because its
 * client sent it again, is in every sum read after it.
 */
import { linearizable, models } from '../../checkers/index.ts';
import { fromFunction, op, repeat } from '../../harness/generator/index.ts';
import type { Workload } from '../../harness/run/target.ts';
import { onManyKeys, readEveryKey, updateAndRead } from './keys.ts';

const READ_SHARE = 0.3;

/** Always the same amount: such counters are checked in next to no time. */
const ADD = { f: 'add', value: 1 };

const updates = fromFunction((_index, { random }) =>
  random.chance(READ_SHARE) ? { f: 'read', value: null } : ADD,
);

/** The counter workload. */
export const counter: Workload = {
  name: 'counter',
  summary: 'additions to and reads of counters under many keys; must be linearizable',
  operations: {
    read: '{ key: ["counter", name] } gives the sum, 0 if nothing was added',
    add: '{ key: ["counter", name], value } adds a whole number',
  },
  generator: ({ concurrency }) =>
    onManyKeys(concurrency, () => ({ updates }), { keyOf: (index) => ['counter', index] }),
  progressGenerator: () =>
    updateAndRead(repeat(op(ADD.f, ADD.value)), repeat(op('read')), ['counter', 'progress']),
  finalGenerator: ({ keys }) => readEveryKey(keys),
  checkers: [linearizable(models.counter)],
};
