/**
 * Clocks: the wall clocks of some nodes are wrong, each in its own way, while their monotonic clocks and timers stay
 * true. Confirmed by the nodes themselves, who say what their wall clock shows.
 */
import type { ClockSkew, Cluster } from '../harness/cluster/cluster.ts';
import { skewOf, type Condition } from '../harness/cluster/condition.ts';
import type { Fault, FaultFamily } from '../harness/cluster/fault.ts';
import { probeClock } from '../harness/cluster/probe.ts';
import type { JsonObject } from '../harness/json.ts';
import type { NodeId } from '../harness/node/program.ts';
import type { Random } from '../harness/random.ts';
import { NANOS_PER_MS } from '../harness/time.ts';
import { AIMING, drawAim, namedByAim, strikeable, type DrawnAim } from './aim.ts';
import { confirmEach, confirmHealed, sightOf } from './confirm.ts';

const ANSWER_MS = 1000;
/** How far a clock may be off and still count as right: what the question takes on a busy machine. */
const RIGHT_MS = 100;
/** How long drift is watched. */
const WATCH_MS = 400;
/** Looks at a clock that jumps to and fro, and the part of its period between two of them. */
const LOOKS = 6;
const LOOK_AFTER = 0.7;

/** Jumps from half a second to some minutes, each order of magnitude as likely as another (as in Jepsen's clock nemesis). */
const offset = (random: Random): number => sign(random) * Math.round(2 ** random.between(9, 18));
const sign = (random: Random): number => (random.chance(0.5) ? 1 : -1);

const DRAWS: Readonly<Record<string, (random: Random) => ClockSkew>> = {
  jump: (random) => ({ offsetMs: offset(random) }),
  drift: (random) => ({ driftMs: sign(random) * Math.round(random.between(100, 500)) }),
  strobe: (random) => ({
    strobe: { offsetMs: offset(random), everyMs: Math.round(random.between(20, 100)) },
  }),
};

/** A skew for every node: whom it strikes is known only later. */
type ClockParameters = DrawnAim & { readonly skews: Readonly<Record<NodeId, ClockSkew>> };

/** What a clock is held against. */
interface Expected {
  readonly cluster: Cluster;
  readonly conditions: readonly Condition[];
  readonly sinceNs: number;
}

/** What a clock of this skew can show so long after it was set: milliseconds ahead of true time. */
function predict({ offsetMs = 0, driftMs = 0, strobe }: ClockSkew, forMs: number): number[] {
  const ahead = offsetMs + (driftMs * forMs) / 1000;
  return strobe === undefined ? [ahead] : [ahead, ahead + strobe.offsetMs];
}

/** A look at a clock: how many milliseconds it is ahead, and at what time of ours, in milliseconds. */
async function look(
  node: NodeId,
  cluster: Cluster,
): Promise<{ readonly ahead: number; readonly at: number; readonly wrongMs: number }> {
  const asked = cluster.time.now();
  const ahead = (await probeClock(cluster, node, ANSWER_MS)) ?? NaN;
  const tookMs = (cluster.time.now() - asked) / NANOS_PER_MS;
  return { ahead, at: asked / NANOS_PER_MS + tookMs / 2, wrongMs: tookMs / 2 };
}

/**
 * True if the node's clock gains between two looks what these conditions make it gain, give or take half of what the fault's
 * own drift does. When exactly a real node was told is not known, so what it shows at any one time would say less.
 */
async function drifts(node: NodeId, ownMs: number, { cluster, conditions }: Expected): Promise<boolean> {
  const { driftMs = 0, strobe } = skewOf(node, conditions);
  const first = await look(node, cluster);
  await cluster.time.sleep(WATCH_MS);
  const second = await look(node, cluster);
  const forS = (second.at - first.at) / 1000;
  const jumps = strobe === undefined ? [0] : [0, strobe.offsetMs, -strobe.offsetMs];
  return jumps.some((jump) => {
    const gained = second.ahead - first.ahead - jump;
    return Math.abs(gained - driftMs * forS) < Math.abs(ownMs * forS) / 2;
  });
}

/** True if the node's clock shows what these conditions make of it since `sinceNs`; looks for as long as the fault's `own` skew takes to show. */
async function isSkewed(node: NodeId, own: ClockSkew, expected: Expected): Promise<boolean> {
  if (own.driftMs !== undefined) return drifts(node, own.driftMs, expected);
  const { cluster, conditions, sinceNs } = expected;
  const skew = skewOf(node, conditions);
  const looks = own.strobe === undefined ? 1 : LOOKS;
  const seen = new Set<number>();
  for (let done = 0; done < looks; done++) {
    if (done > 0) await cluster.time.sleep((own.strobe?.everyMs ?? 0) * LOOK_AFTER);
    const { ahead, at, wrongMs } = await look(node, cluster);
    const could = predict(skew, at - sinceNs / NANOS_PER_MS);
    const phase = could.findIndex((value) => Math.abs(ahead - value) < RIGHT_MS + wrongMs);
    if (phase === -1) return false;
    seen.add(phase);
  }
  return own.strobe === undefined || seen.size === (skew.strobe === undefined ? 1 : 2);
}

function describe({ offsetMs, driftMs, strobe }: ClockSkew): string {
  const ahead = (ms: number): string => `${Math.abs(ms)} ms ${ms < 0 ? 'behind' : 'ahead'}`;
  if (strobe !== undefined) return `${ahead(strobe.offsetMs)} and back every ${strobe.everyMs} ms`;
  if (driftMs === undefined) return ahead(offsetMs ?? 0);
  return `${driftMs < 0 ? 'losing' : 'gaining'} ${Math.abs(driftMs)} ms a second`;
}

/** The clock family. */
export const clock: FaultFamily = {
  name: 'clock',
  summary: 'wall clocks of some nodes are wrong; monotonic ones stay true',
  kinds: {
    jump: 'ahead or behind, by half a second to some minutes',
    drift: 'too fast or too slow, by a tenth to a half',
    strobe: 'jumping to and fro, many times a second',
  },
  aimed: AIMING,
  needs: ['clock'],

  plan(kind, nodes, random, aim) {
    const aimed = drawAim(nodes, random, aim);
    const skews = Object.fromEntries(nodes.map((node) => [node, DRAWS[kind]?.(random) ?? {}]));
    return { family: 'clock', kind, parameters: { ...aimed, skews } as unknown as JsonObject };
  },

  async aim(plan, ledger): Promise<Fault | string> {
    const { aim, nodes: drawn, skews: drawnSkews } = plan.parameters as unknown as ClockParameters;
    const nodes = await strikeable(aim, drawn, ['running'], ledger);
    if (typeof nodes === 'string') return nodes;
    const { cluster } = ledger;
    const skews = new Map(nodes.map((node) => [node, drawnSkews[node] ?? {}]));
    const condition: Condition = { of: 'clocks', skews };
    const expect = (conditions: readonly Condition[]): Expected => ({ cluster, conditions, sinceNs });
    let sinceNs = 0;
    return {
      description: `clock of ${[...skews].map(([node, skew]) => `${node} ${describe(skew)}`).join(', ')}`,
      nodes,
      named: namedByAim(plan, nodes),
      async inject() {
        await ledger.impose(condition);
        sinceNs = cluster.time.now();
      },
      confirm() {
        const others = ledger.conditions().filter((other) => other !== condition);
        const expected = expect([...others, condition]);
        return confirmEach(nodes, 'say that their clock is wrong in this way', (node) =>
          sightOf(node, cluster, () => isSkewed(node, skews.get(node) ?? {}, expected)),
        );
      },
      async heal() {
        await ledger.lift(condition);
        sinceNs = cluster.time.now();
        const expected = expect(ledger.conditions());
        return confirmHealed(nodes, 'say that nothing of it is left', ledger, (node) =>
          isSkewed(node, skews.get(node) ?? {}, expected),
        );
      },
    };
  },
};
