/**
 * Leader elections. Candidates stand for election, and who was elected works at a resource that only the leader writes to, until it
 * resigns, forgets to, or sleeps through the end of its session; then the next one leads. Others look who leads.
 *
 * To lead is to hold a lock: the same checks apply, and what observers see must never go back.
 */
import {
  eventualRelease,
  fencing,
  leaderObservations,
  lostUpdate,
  mutualExclusion,
} from '../../checkers/index.ts';
import {
  type Generator,
  concurrentKeys,
  cycle,
  defer,
  eachThread,
  once,
  onKey,
  op,
  repeat,
  reserve,
  sequence,
  stagger,
  untilOk,
  weightedMix,
} from '../../harness/generator/index.ts';
import type { Workload } from '../../harness/run/target.ts';
import { attempts, byRivals, RELEASED_WITHIN_MS, thought } from './rivals.ts';

/** Candidates of one election, and one who looks on. */
const RIVALS = 4;
/** Milliseconds from one look of those who look on to the next, on average. */
const LOOK_GAP_MS = 60;

const update = op('update', thought);
const look = op('leader');

/** One candidate: stands, leads, and resigns or forgets to. */
const leading: Generator = cycle(
  sequence(
    untilOk(repeat(op('campaign'))),
    update,
    once(weightedMix([3, update], [2, op('renew')], [2, look])),
    once(weightedMix([5, op('resign')], [1, update])),
  ),
);

/** Those at one election. */
const standing: Generator = defer(({ threads }) =>
  threads.length === 1 ? leading : reserve([[1, stagger(LOOK_GAP_MS, repeat(look))]], eachThread(leading)),
);

/** In the end somebody leads, is seen to, and writes, so that this is done even where faults left no time for it. */
const lastly: Generator = sequence(
  attempts(op('campaign')),
  attempts(look),
  op('update', { think: 0 }),
  attempts(op('read')),
);

/** The election workload. */
export const election: Workload = {
  name: 'election',
  summary:
    'stand for election, lead, write and resign; sessions end under leaders, and the resource refuses them; others look who leads',
  operations: {
    campaign:
      '{ key } waits until it leads, and gives { token, untilMs }: a fencing token, and for how long it leads, counted from when it was asked',
    renew: '{ key } leads for longer, and gives the same',
    resign: '{ key } gives it up',
    update:
      '{ key, value: { think } } reads the resource, thinks for so many times the length of a lease, writes; gives { id, token, base, version }',
    leader: '{ key } gives who leads: { leader, token }, both null where nobody does',
    read: '{ key } gives the resource: { value, version, effects }',
  },
  generator: ({ concurrency }) => byRivals(concurrency, standing, RIVALS),
  progressGenerator: () => onKey('progress', attempts(op('campaign'))),
  finalGenerator: ({ keys }) => concurrentKeys(1, keys, () => lastly),
  checkers: [mutualExclusion, leaderObservations, fencing, lostUpdate, eventualRelease(RELEASED_WITHIN_MS)],
};
