/**
 * Consensus on many values: clients propose to numbered instances and read them. The newest instance is contested by
 * several clients at once; older ones are asked again later, when nodes have died, forgotten and come back since. Every
 * proposal has a value of its own, so that a decision tells whose it was.
 */
import { consensus as consensusChecker } from '../../checkers/index.ts';
import { delay, fromFunction, onKey, repeat, op, sequence, untilOk } from '../../harness/generator/index.ts';
import type { Workload } from '../../harness/run/target.ts';
import { readEveryKey } from './keys.ts';

/** After so many operations there is one more instance. */
const OPERATIONS_PER_INSTANCE = 8;
/** The newest instance gets this share; each of this many older ones an equal part of the rest. */
const NEWEST_SHARE = 0.5;
const OLDER = 12;
const READ_SHARE = 0.25;
/** Milliseconds between two attempts to show progress: while one client waits for a node that is gone, another asks another. */
const ATTEMPT_GAP_MS = 1000;

/** The consensus workload. */
export const consensus: Workload = {
  name: 'consensus',
  summary: 'propose to and read of many instances of consensus; each decides once, on a proposed value',
  operations: {
    propose:
      '{ key, value } gives the decision of the instance, which is this value or another that was proposed',
    read: '{ key } gives the decision, null if there is none yet',
  },
  generator: () =>
    fromFunction((index, { random }) => {
      const newest = Math.floor(index / OPERATIONS_PER_INSTANCE);
      const key = random.chance(NEWEST_SHARE) ? newest : Math.max(0, newest - 1 - random.int(OLDER));
      return random.chance(READ_SHARE)
        ? { f: 'read', key, value: null }
        : { f: 'propose', key, value: index };
    }),
  progressGenerator: () => {
    const proposals = fromFunction((index) => ({ f: 'propose', value: index }));
    const attempts = [proposals, repeat(op('read'))].map((each) => untilOk(delay(ATTEMPT_GAP_MS, each)));
    return onKey('progress', sequence(...attempts));
  },
  finalGenerator: ({ keys }) => readEveryKey(keys),
  checkers: [consensusChecker],
};
