/**
 * The tree of a coordination service: nodes under one parent (the operation's key), made, read, changed and deleted, some on
 * condition of a version, some with a number that the parent counts. All of it must be linearizable, and what is numbered in order.
 *
 * Every change writes data of its own, so that a read tells which change it saw.
 */
import { linearizable, models, sequentialOrder } from '../../checkers/index.ts';
import {
  type Generator,
  concurrentKeys,
  fromFunction,
  op,
  repeat,
  sequence,
} from '../../harness/generator/index.ts';
import type { JsonObject } from '../../harness/json.ts';
import type { Random } from '../../harness/random.ts';
import type { Workload } from '../../harness/run/target.ts';
import { onManyKeys, updateAndRead } from './keys.ts';
import { attempts } from './rivals.ts';

/** Nodes that are made by name, deleted, and made again. */
const NAMES = ['a', 'b', 'c'] as const;
/** What the names of numbered nodes begin with. */
const SEQUENTIAL = 's-';
/** Digits of the number. */
const DIGITS = 10;
/** Every so manieth update makes a numbered node: so it can be guessed which there are. */
const SEQUENTIAL_EVERY = 5;
/** How far back the numbered node may lie that is read, changed or deleted. */
const RECENT = 4;
/** This part of the others is on numbered nodes. */
const NUMBERED_SHARE = 0.3;
/** This part of the changes is on condition of a version. */
const CONDITIONAL_SHARE = 0.4;
/** Versions that are guessed at. */
const VERSIONS = 3;
/** Few clients on one parent: what they do there is checked together. */
const SMALL = { threadsMax: 4, operations: 120, processes: 10 };

/** The name of one of the nodes that there may be after so many updates. */
function anyName(index: number, random: Random): string {
  if (!random.chance(NUMBERED_SHARE)) return random.pick(NAMES);
  const number = Math.max(0, Math.floor(index / SEQUENTIAL_EVERY) - random.int(RECENT));
  return `${SEQUENTIAL}${String(number).padStart(DIGITS, '0')}`;
}

const anyVersion = (random: Random): number | null =>
  random.chance(CONDITIONAL_SHARE) ? random.int(VERSIONS) : null;

/** Changes of the nodes under one parent, and reads of some. */
const updates: Generator = fromFunction((index, { random }) => {
  if (index % SEQUENTIAL_EVERY === 0) {
    return { f: 'create', value: { name: SEQUENTIAL, data: index, sequential: true } };
  }
  const name = anyName(index, random);
  const draw = random.next();
  if (draw < 0.3) return { f: 'create', value: { name: random.pick(NAMES), data: index, sequential: false } };
  if (draw < 0.65) return { f: 'set', value: { name, data: index, version: anyVersion(random) } };
  if (draw < 0.8) return { f: 'delete', value: { name, version: anyVersion(random) } };
  return draw < 0.95 ? { f: 'get', value: { name } } : { f: 'children', value: null };
});

/** Clients that only read look at what was made by name, and at what there is. */
const reads: Generator = repeat(
  fromFunction((_index, { random }) =>
    random.chance(0.8) ? { f: 'get', value: { name: random.pick(NAMES) } } : { f: 'children', value: null },
  ),
);

const finally_ = (): Generator =>
  sequence(attempts(op('children')), ...NAMES.map((name) => attempts(op('get', { name }))));

const PROGRESS: JsonObject = { name: SEQUENTIAL, data: 'progress', sequential: true };

/** The znodes workload. */
export const znodes: Workload = {
  name: 'znodes',
  summary:
    'nodes under many parents, made, read, changed and deleted, some numbered; must be linearizable, and numbers in order',
  operations: {
    create:
      '{ key, value: { name, data, sequential } } makes a node, named with a number after the name if sequential; gives { name, zxid }; fails if there is one',
    set: '{ key, value: { name, data, version } } changes its data, if it has that version or null is given; gives { version, zxid }',
    get: '{ key, value: { name } } gives { data, version, zxid }, null if there is none',
    delete:
      '{ key, value: { name, version } } deletes it, if it has that version or null is given; gives { zxid }',
    children: '{ key } gives the names of all nodes, sorted',
  },
  generator: ({ concurrency }) => onManyKeys(concurrency, () => ({ updates, reads }), SMALL),
  progressGenerator: () => updateAndRead(repeat(op('create', PROGRESS)), repeat(op('children'))),
  finalGenerator: ({ keys }) => concurrentKeys(1, keys, finally_),
  checkers: [linearizable(models.znodes), sequentialOrder],
};
