/**
 * Transactions over lists (Jepsen's list-append): each appends to and reads some of three lists that belong together, at once. A
 * transaction of which a part was lost, or that another was seen in the middle of, leaves reads that no order explains.
 */
import { linearizable, models } from '../../checkers/index.ts';
import { type Generator, fromFunction, op, repeat } from '../../harness/generator/index.ts';
import type { Json } from '../../harness/json.ts';
import type { Workload } from '../../harness/run/target.ts';
import { numberOf, onManyKeys, readEveryKey, updateAndRead } from './keys.ts';

/** Lists that transactions are over. The key of an operation is the number of its group. */
const LISTS = 3;
/** Steps of a transaction at most. */
const STEPS = 3;
const READ_SHARE = 0.4;
/** Few clients and few transactions on one group of lists, all of which are checked together. */
const SMALL = { threadsMax: 4, operations: 50, processes: 8 };

const listIn = (group: number, number: number): number => group * LISTS + number;

/** Transactions on one group. No element is appended twice to a list. */
function transactions(group: number): Generator {
  return fromFunction((index, { random }) => ({
    f: 'txn',
    value: Array.from({ length: 1 + random.int(STEPS) }, (_, step): Json => {
      const list = listIn(group, random.int(LISTS));
      return random.chance(READ_SHARE) ? ['r', list, null] : ['append', list, index * STEPS + step];
    }),
  }));
}

function readAll(group: number): Generator {
  const steps = Array.from({ length: LISTS }, (_, number): Json => ['r', listIn(group, number), null]);
  return repeat(op('txn', steps));
}

/** A group beside those that are numbered from 0. */
const PROGRESS = -1;

/** The transactions workload. */
export const txn: Workload = {
  name: 'txn',
  summary: 'transactions that append to and read several lists; must be linearizable',
  operations: {
    txn: '{ value: [["r", key, null], ["append", key, element], …] } gives it with the lists read',
  },
  generator: ({ concurrency }) =>
    onManyKeys(concurrency, (group) => ({ updates: transactions(group), reads: readAll(group) }), SMALL),
  progressGenerator: () =>
    updateAndRead(
      fromFunction((index) => ({ f: 'txn', value: [['append', listIn(PROGRESS, 0), index]] })),
      readAll(PROGRESS),
      PROGRESS,
    ),
  finalGenerator: ({ keys }) => readEveryKey(keys, (key) => readAll(numberOf(key))),
  checkers: [linearizable(models['multi-list'])],
};
