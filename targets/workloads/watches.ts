/**
 * Watches: clients read a node and are told of the first change after what they read, once. Others change it, at times in quick
 * succession. Who watches in the end, when nothing is broken any more, must be told of the change that is made then.
 */
import { watches as watchesChecker } from '../../checkers/index.ts';
import {
  type Generator,
  concurrentKeys,
  defer,
  flipFlop,
  fromFunction,
  onKey,
  op,
  once,
  repeat,
  reserve,
  sequence,
  sleep,
  stagger,
} from '../../harness/generator/index.ts';
import type { Workload } from '../../harness/run/target.ts';
import { attempts, byRivals } from './rivals.ts';

/** Clients at one node. */
const RIVALS = 4;
/** Milliseconds from one change to the next, on average: many come while a watch is set, some long after. */
const CHANGE_GAP_MS = 80;
/**
 * Milliseconds that it takes at most to set a watch, and for news of a change to come, when nothing is broken; both must fit into the
 * time that a client waits.
 */
const TOLD_WITHIN_MS = 1200;
/** Milliseconds after which a cluster has recovered from what was broken. */
const RECOVERED_WITHIN_MS = 5000;
/** So many of the nodes are watched in the end. */
const WATCHED_IN_THE_END = 8;

const watch = op('watch');
const changes: Generator = fromFunction((index) => ({ f: 'set', value: { data: index } }));

/** Half of the clients change the node, the others watch it. */
const changed: Generator = defer(({ threads }) => {
  const changing = stagger(CHANGE_GAP_MS, changes);
  if (threads.length === 1) return flipFlop(changing, repeat(watch));
  return reserve([[Math.floor(threads.length / 2), changing]], repeat(watch));
});

/** One client watches, and when it certainly does another one changes the node. */
const watchedChange: Generator = defer(({ threads }) => {
  const change = attempts(op('set', { data: 'last' }));
  if (threads.length === 1) return change;
  return reserve([[1, once(watch)]], sequence(sleep(TOLD_WITHIN_MS), change));
});

/** The watches workload. */
export const watches: Workload = {
  name: 'watches',
  summary: 'watch nodes that others change; a watcher is told of the first change after what it has seen',
  operations: {
    set: '{ key, value: { data } } changes the node, and gives { version, zxid }',
    watch:
      "{ key } reads the node and waits for its next change: gives what it read and the change, { seen: { version, zxid }, event: { version, zxid } }; fails with 'no-event' if none comes",
  },
  generator: ({ concurrency }) => byRivals(concurrency, changed, RIVALS),
  progressGenerator: () => onKey('progress', attempts(op('set', { data: 'progress' }))),
  finalGenerator: ({ keys }) =>
    sequence(
      sleep(RECOVERED_WITHIN_MS),
      concurrentKeys(2, keys.slice(-WATCHED_IN_THE_END), () => watchedChange),
    ),
  checkers: [watchesChecker({ toldWithinMs: TOLD_WITHIN_MS, recoveredWithinMs: RECOVERED_WITHIN_MS })],
};
