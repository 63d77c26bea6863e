/**
 * Sessions and the ephemeral nodes that live as long as they. Clients register under names that several of them want, give signs of life,
 * sleep for a while - some for longer than their session lasts -, close their session or not; and look who is registered.
 */
import { sessions as sessionsChecker } from '../../checkers/index.ts';
import {
  type Generator,
  concurrentKeys,
  cycle,
  defer,
  eachThread,
  once,
  op,
  repeat,
  reserve,
  sequence,
  sleep,
  stagger,
  weightedMix,
} from '../../harness/generator/index.ts';
import type { JsonObject } from '../../harness/json.ts';
import type { Random } from '../../harness/random.ts';
import type { Workload } from '../../harness/run/target.ts';
import { TTL_MS } from '../guarded-resource/lock-service.ts';
import { updateAndRead } from './keys.ts';
import { attempts, byRivals, RELEASED_WITHIN_MS } from './rivals.ts';

/** Clients that register under one key, and one who looks on. */
const RIVALS = 4;
/** Milliseconds from one look of those who look on to the next, on average. */
const LOOK_GAP_MS = 60;
/** Names that are wanted. */
const NAMES = ['a', 'b', 'c', 'd'] as const;
/** This part of the sleeps lasts longer than a session. */
const TOO_LONG_SHARE = 0.35;

/** How long somebody sleeps, in milliseconds. */
function nap(random: Random): JsonObject {
  const [low, high] = random.chance(TOO_LONG_SHARE) ? [1.1, 1.8] : [0.05, 0.7];
  return { ms: Math.round(TTL_MS * random.between(low, high)) };
}

const register = op('register', (random): JsonObject => ({ name: random.pick(NAMES) }));
const napping = op('sleep', nap);
const list = op('list');
const touch = op('touch');

/** One client: registers, lives for a while, and ends its session or goes on with it. */
const living: Generator = cycle(
  sequence(
    attempts(register),
    once(weightedMix([1, touch], [1, list], [1, napping])),
    once(weightedMix([3, napping], [1, register])),
    list,
    once(weightedMix([2, op('close')], [2, napping], [1, touch])),
    list,
  ),
);

/** The clients under one key. */
const together: Generator = defer(({ threads }) =>
  threads.length === 1 ? living : reserve([[1, stagger(LOOK_GAP_MS, repeat(list))]], eachThread(living)),
);

/** The sessions workload. */
export const sessions: Workload = {
  name: 'sessions',
  summary:
    'register under a name for as long as the session lives; clients sleep, some for too long, close, and look who is there',
  operations: {
    register:
      "{ key, value: { name } } makes an ephemeral node of the client's session, and gives { session, zxid, untilMs }: how long the session lives at least, counted from when it was asked; fails if the name is taken",
    touch: "is a sign of life: gives { session, untilMs }, and fails with 'session-expired' if it is over",
    close: 'ends the session: gives { session }',
    sleep:
      '{ value: { ms } } gives no sign of life for so long, and then one; gives { session, expired, untilMs }, the last if it is not over',
    list: '{ key } gives who is registered: [{ name, session }, …]',
  },
  generator: ({ concurrency }) => byRivals(concurrency, together, RIVALS),
  progressGenerator: () => updateAndRead(repeat(op('register', { name: 'progress' })), repeat(op('list'))),
  // Whoever was silent for so long is gone, and so is what it had registered.
  finalGenerator: ({ keys }) =>
    sequence(
      sleep(RELEASED_WITHIN_MS),
      concurrentKeys(1, keys, () => attempts(list)),
    ),
  checkers: [sessionsChecker(RELEASED_WITHIN_MS)],
};
