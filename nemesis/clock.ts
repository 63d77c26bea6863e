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
import { confirmEach, confirmHealed, sightOf, type Sight } from './confirm.ts';

const ANSWER_MS = 1000;
/** How far a clock may be off and still count as right: what the question takes on a busy machine. */
const RIGHT_MS = 100;
/** How long drift is watched: longer, where answers take long. */
const WATCH_MS = { least: 400, most: 1600 };
/** Looks at a clock that jumps to and fro, and the part of its period between two of them; then more looks, each so much of it later. */
const LOOKS = 6;
const LOOKS_MAX = 3 * LOOKS;
const LOOK_AFTER = 0.7;
const LOOK_LATER = 0.2;

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

/** A look at a clock: how many milliseconds it is ahead, give or take `wrongMs`, and at what time of ours, in milliseconds. */
interface Look {
  readonly ahead: number;
  readonly at: number;
  readonly wrongMs: number;
}

/** Undefined when the node does not answer. */
async function look(node: NodeId, cluster: Cluster): Promise<Look | undefined> {
  const asked = cluster.time.now();
  const ahead = await probeClock(cluster, node, ANSWER_MS);
  const tookMs = (cluster.time.now() - asked) / NANOS_PER_MS;
  return ahead === undefined
    ? undefined
    : { ahead, at: asked / NANOS_PER_MS + tookMs / 2, wrongMs: tookMs / 2 };
}

/**
 * Whether the node's clock gains between two looks what these conditions make it gain, give or take half of what the fault's
 * own drift does. When exactly a real node was told is not known, so what it shows at any one time would say less. Of a node whose
 * answers take long the looks are further apart; undefined when it does not answer soon enough for them to tell.
 */
async function drifts(node: NodeId, ownMs: number, { cluster, conditions }: Expected): Promise<Sight> {
  const { driftMs = 0, strobe } = skewOf(node, conditions);
  const first = await look(node, cluster);
  for (let watchMs = WATCH_MS.least; first !== undefined && watchMs <= WATCH_MS.most; watchMs *= 2) {
    await cluster.time.sleep(watchMs);
    const second = await look(node, cluster);
    if (second === undefined) return undefined;
    const forS = (second.at - first.at) / 1000;
    const marginMs = Math.abs(ownMs * forS) / 2;
    // What is not known of when they looked must weigh little.
    if (2 * (first.wrongMs + second.wrongMs) >= marginMs) continue;
    const jumps = strobe === undefined ? [0] : [0, strobe.offsetMs, -strobe.offsetMs];
    return jumps.some((jump) => Math.abs(second.ahead - first.ahead - jump - driftMs * forS) < marginMs);
  }
  return undefined;
}

/** Which of these values the clock shows, -1 for none; undefined when the answer took so long that it could not be told from one `stepMs` off. */
function phaseOf({ ahead, wrongMs }: Look, values: readonly number[], stepMs: number): number | undefined {
  const offMs = RIGHT_MS + wrongMs;
  if (2 * offMs >= Math.abs(stepMs)) return undefined;
  return values.findIndex((value) => Math.abs(ahead - value) < offMs);
}

/**
 * Whether the node's clock shows what these conditions make of it since `sinceNs`; looks for as long as the fault's `own` skew
 * takes to show. Undefined when the node does not answer, or never soon enough for that to tell.
 */
async function isSkewed(node: NodeId, own: ClockSkew, expected: Expected): Promise<Sight> {
  if (own.driftMs !== undefined) return drifts(node, own.driftMs, expected);
  const { cluster, conditions, sinceNs } = expected;
  const skew = skewOf(node, conditions);
  const stepMs = own.strobe?.offsetMs ?? own.offsetMs ?? 0;
  const phases = own.strobe === undefined || skew.strobe === undefined ? 1 : 2;
  const least = own.strobe === undefined ? 1 : LOOKS;
  const seen = new Set<number>();
  let told = 0;
  const isOpen = (looks: number): boolean => looks < least || told === 0 || seen.size < phases;
  for (let looks = 0; looks < (told === 0 ? LOOKS : LOOKS_MAX) && isOpen(looks); looks++) {
    if (looks > 0) await cluster.time.sleep(lookAfterMs(looks, own));
    const found = await look(node, cluster);
    if (found === undefined) return undefined;
    const could = predict(skew, found.at - sinceNs / NANOS_PER_MS);
    const phase = phaseOf(found, could, stepMs);
    if (phase === -1) return false;
    if (phase === undefined) continue;
    told++;
    seen.add(phase);
  }
  if (seen.size === phases) return true;
  return told < least ? undefined : false;
}

/**
 * Milliseconds between two looks. With what an answer takes, it may come to just one jump to and fro, so that the clock shows the same
 * at each: later looks are further apart.
 */
function lookAfterMs(looks: number, { strobe }: ClockSkew): number {
  const { everyMs } = strobe ?? { everyMs: WATCH_MS.least };
  return everyMs * (LOOK_AFTER + LOOK_LATER * Math.floor(looks / LOOKS));
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
          sightOf(node, ledger, () => isSkewed(node, skews.get(node) ?? {}, expected)),
        );
      },
      async heal() {
        await ledger.lift(condition);
        sinceNs = cluster.time.now();
        const expected = expect(ledger.conditions());
        return confirmHealed(
          nodes,
          'say that nothing of it is left',
          ledger,
          async (node) => (await isSkewed(node, skews.get(node) ?? {}, expected)) === true,
        );
      },
    };
  },
};
