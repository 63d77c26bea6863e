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
import { drawAim, strikeable, type DrawnAim } from './aim.ts';
import { confirmEach, confirmHealed } from './confirm.ts';

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

/** True if the node's clock shows what these conditions make of it since `sinceNs`; looks for as long as the fault's `own` skew takes to show. */
async function isSkewed(
  node: NodeId,
  own: ClockSkew,
  { cluster, conditions, sinceNs }: Expected,
): Promise<boolean> {
  const { time } = cluster;
  const skew = skewOf(node, conditions);
  const looks = own.strobe === undefined ? 1 : LOOKS;
  const seen = new Set<number>();
  if (own.driftMs !== undefined) await time.sleep(WATCH_MS);
  for (let look = 0; look < looks; look++) {
    if (look > 0) await time.sleep((own.strobe?.everyMs ?? 0) * LOOK_AFTER);
    const ahead = (await probeClock(cluster, node, ANSWER_MS)) ?? NaN;
    const forMs = (time.now() - sinceNs) / NANOS_PER_MS;
    const wrongMs = own.driftMs === undefined ? RIGHT_MS : Math.abs(own.driftMs * forMs) / 2000;
    const phase = predict(skew, forMs).findIndex((expected) => Math.abs(ahead - expected) < wrongMs);
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
  needs: ['clock'],

  plan(kind, nodes, random) {
    const aimed = drawAim(nodes, random);
    const skews = Object.fromEntries(nodes.map((node) => [node, DRAWS[kind]?.(random) ?? {}]));
    return { family: 'clock', kind, parameters: { ...aimed, skews } as unknown as JsonObject };
  },

  async aim({ parameters }, ledger): Promise<Fault | string> {
    const { aim, nodes: drawn, skews: drawnSkews } = parameters as unknown as ClockParameters;
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
      async inject() {
        await ledger.impose(condition);
        sinceNs = cluster.time.now();
      },
      confirm() {
        const others = ledger.conditions().filter((other) => other !== condition);
        const expected = expect([...others, condition]);
        return confirmEach(nodes, 'say that their clock is wrong in this way', (node) =>
          isSkewed(node, skews.get(node) ?? {}, expected),
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
