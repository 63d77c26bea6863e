/**
 * Sets under many keys. To every other one elements are only added, and it is read whole: an addition that was lost is missing
 * from every read after it. From those between elements are also removed, and they are asked for one by one: a removal that was
 * lost, or repeated after a later addition, shows there. (Whole reads there would tie all elements together, and make checking hard.)
 */
import { linearizable, models } from '../../checkers/index.ts';
import { type Generator, fromFunction, op, repeat } from '../../harness/generator/index.ts';
import type { Json } from '../../harness/json.ts';
import type { Workload } from '../../harness/run/target.ts';
import { type KeyedOperations, numbered, numberOf, onManyKeys, readEveryKey, updateAndRead } from './keys.ts';

const READ_SHARE = 0.15;
/** Parts of the operations on a set whose elements are removed again. */
const ADD_SHARE = 0.45;
const REMOVE_SHARE = 0.25;
/** How far back the element that is removed or asked for may lie. */
const RECENT = 4;
/** So many of the first elements clients that only read, and the reads in the end, ask for. */
const ASKED_FOR = 60;

/** A set that only grows, and is read whole. */
const growing = fromFunction((index, { random }) =>
  random.chance(READ_SHARE) ? { f: 'read', value: null } : { f: 'add', value: index },
);

/** A set whose elements come and go, each alone. */
const changing = fromFunction((index, { random }) => {
  const draw = random.next();
  if (draw < ADD_SHARE || index === 0) return { f: 'add', value: index };
  const value = Math.max(0, index - 1 - random.int(RECENT));
  return { f: draw < ADD_SHARE + REMOVE_SHARE ? 'remove' : 'contains', value };
});

const containsAny = repeat(op('contains', (random) => random.int(ASKED_FOR)));

const isGrowing = (index: number): boolean => index % 2 === 0;

function operationsOn(index: number): KeyedOperations {
  return isGrowing(index) ? { updates: growing } : { updates: changing, reads: containsAny };
}

const finalReadOf = (key: Json): Generator => (isGrowing(numberOf(key)) ? repeat(op('read')) : containsAny);

/** The set workload. */
export const set: Workload = {
  name: 'set',
  summary:
    'sets under many keys, which grow and are read whole, or change element by element; must be linearizable',
  operations: {
    read: '{ key: ["set", name] } gives the elements as a list, in any order',
    contains: '{ key: ["set", name], value } gives true or false',
    add: '{ key: ["set", name], value } adds the element',
    remove: '{ key: ["set", name], value } removes the element',
  },
  generator: ({ concurrency }) => onManyKeys(concurrency, operationsOn, { keyOf: (index) => ['set', index] }),
  progressGenerator: () => updateAndRead(numbered('add'), repeat(op('read')), ['set', 'progress']),
  finalGenerator: ({ keys }) => readEveryKey(keys, finalReadOf),
  checkers: [linearizable(models.set)],
};
