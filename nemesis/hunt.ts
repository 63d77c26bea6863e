/**
 * The hunt for leaders as a family: each kind a strategy, with draws that suit it (leaders.ts).
 */
import type { Ability } from '../harness/cluster/cluster.ts';
import type { FaultFamily, FaultPlan } from '../harness/cluster/fault.ts';
import type { Random } from '../harness/random.ts';
import type { NodeId } from '../harness/node/program.ts';
import { hunt, type Chase, type HuntPlan } from './leaders.ts';
import type { StrokeKind } from './strokes.ts';

/** Chases that are drawn, and come again when they are used up. */
const CHASES = 8;

/** Bounds of what is drawn for a strategy, in milliseconds. */
interface Strategy {
  readonly words: string;
  readonly needs: readonly Ability[];
  readonly by: readonly StrokeKind[];
  readonly afterMs: readonly [number, number];
  readonly muteMs: readonly [number, number];
  readonly holdMs: readonly [number, number];
  readonly alternates: boolean;
}

const STRATEGIES: Readonly<Record<string, Strategy>> = {
  'crash-elected': {
    words: 'each new leader killed',
    needs: ['kill'],
    by: ['crash'],
    afterMs: [0, 80],
    muteMs: [0, 0],
    holdMs: [200, 1500],
    alternates: false,
  },
  'isolate-elected': {
    words: 'each new leader cut off',
    needs: ['cut'],
    by: ['isolate'],
    afterMs: [0, 80],
    muteMs: [0, 0],
    holdMs: [200, 1500],
    alternates: false,
  },
  'crash-unreplicated': {
    words: 'each leader killed after what it appended has reached few others',
    needs: ['kill', 'cut'],
    by: ['crash'],
    afterMs: [50, 500],
    muteMs: [10, 120],
    holdMs: [200, 1500],
    alternates: false,
  },
  alternate: {
    words:
      'each leader taken away after what it appended has reached few others, and the one before given back',
    needs: ['kill', 'cut'],
    by: ['crash', 'isolate'],
    afterMs: [0, 150],
    muteMs: [0, 120],
    holdMs: [1500, 4000],
    alternates: true,
  },
};

/** What `scenario:leader-hunt` does: any stroke, when a leader has been one for a while. */
export const LEADER_HUNT: Strategy = {
  words: 'each leader killed, cut off or frozen soon after it was elected',
  needs: ['kill', 'cut', 'pause'],
  by: ['crash', 'isolate', 'pause'],
  afterMs: [50, 500],
  muteMs: [0, 0],
  holdMs: [300, 2000],
  alternates: false,
};

/** Draws a hunt by this strategy. */
export function drawHunt(
  { by, afterMs, muteMs, holdMs, alternates }: Strategy,
  nodes: readonly NodeId[],
  random: Random,
): HuntPlan {
  const within = ([least, most]: readonly [number, number]): number =>
    Math.round(random.between(least, most));
  // Those that hear a muted leader make no majority with it.
  const keepsMax = Math.max(1, Math.ceil(nodes.length / 2) - 1);
  // Who is struck in one way now and another way then meets no protocol twice; so each hunt that alternates has one.
  const same = random.pick(by);
  const chases = Array.from({ length: CHASES }, (): Chase => ({
    by: alternates ? same : random.pick(by),
    afterMs: within(afterMs),
    muteMs: within(muteMs),
    keeps: random.int(keepsMax),
    holdMs: within(holdMs),
  }));
  return { chases, order: random.shuffle(nodes), alternates };
}

/** The hunt family. */
export const leaderHunt: FaultFamily = {
  name: 'hunt',
  summary: 'whoever leads is struck, and whoever follows, again and again',
  kinds: {
    'crash-elected': 'each new leader is killed at once',
    'isolate-elected': 'each new leader is cut off at once',
    'crash-unreplicated': 'each leader is killed when what it appended has reached few others',
    alternate: 'so that leaders of old come back just when the new one goes',
  },
  needs: Object.fromEntries(Object.entries(STRATEGIES).map(([kind, { needs }]) => [kind, needs])),

  plan(kind, nodes, random): FaultPlan {
    const strategy = STRATEGIES[kind] ?? LEADER_HUNT;
    const { chases, order, alternates } = drawHunt(strategy, nodes, random);
    return { family: 'hunt', kind, parameters: { chases: [...chases], order, alternates } };
  },

  async aim({ kind, parameters }, ledger) {
    if ((await ledger.leader()) === undefined) return 'no node says that it leads';
    return hunt(parameters as unknown as HuntPlan, STRATEGIES[kind]?.words ?? kind, ledger);
  },
};
