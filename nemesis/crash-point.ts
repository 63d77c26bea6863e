/**
 * Crashes at a point: nodes die at a place in their program that has a name (`NodeContext.failPoint`): after the append
 * and before the sync, say, where a kill from outside hardly ever strikes. The points that there are a node tells by
 * passing them. Confirmed as a kill is; a node that does not get there meanwhile shows nothing, and counts for nothing.
 */
import type { Cluster } from '../harness/cluster/cluster.ts';
import type { Fault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { probeHealth, probePoints } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { AIMING, drawAim, namedByAim, strikeable, type DrawnAim } from './aim.ts';
import { confirmEach, confirmHealed, eventually, type Sight } from './confirm.ts';
import { isDown } from './deaths.ts';
import { createOutage } from './outage.ts';

const ANSWER_MS = 1000;
const RECOVERY_MS = 3000;
/** How long nodes have to get to their point. */
const REACHED_MS = 3000;
const PASSES_MAX = 5;
/** How long it is watched which points a node passes. */
const WATCHED_MS = 200;
/** The kind that takes any point. */
const ANY = 'any';

type CrashParameters = DrawnAim & {
  /** At which pass of the point. */
  readonly passes: number;
  /** Which of the points that the node says it passes: a number in [0, 1) that runs over their names. */
  readonly place: number;
};

/** The point at which this node is to die; undefined when it passes none. */
async function pointOf(
  node: NodeId,
  kind: string,
  place: number,
  cluster: Cluster,
): Promise<string | undefined> {
  const earlier = (await probePoints(cluster, node, ANSWER_MS)) ?? {};
  await cluster.time.sleep(kind === ANY ? WATCHED_MS : 0);
  const passed = (await probePoints(cluster, node, ANSWER_MS)) ?? earlier;
  // Better one that it passes all the time than one that it may never come to again.
  const often = Object.keys(passed).filter((name) => (passed[name] ?? 0) > (earlier[name] ?? 0));
  const names = (often.length > 0 ? often : Object.keys(passed)).sort();
  return kind === ANY ? names[Math.floor(place * names.length)] : kind;
}

function crashes(points: ReadonlyMap<NodeId, string>, passes: number, ledger: FaultLedger): Fault {
  const { cluster } = ledger;
  const nodes = [...points.keys()];
  const outage = createOutage(ledger);
  /** How often each node had been there when it was armed, or a little later. */
  const before = new Map<NodeId, number>();
  const passed = async (node: NodeId): Promise<number> =>
    (await probePoints(cluster, node, ANSWER_MS))?.[points.get(node) ?? ''] ?? 0;
  const arm = async (node: NodeId): Promise<void> => {
    await cluster.armCrash(node, { name: points.get(node) ?? '', passes });
    before.set(node, await passed(node));
  };
  const hasDied = async (node: NodeId): Promise<Sight> => {
    if (await eventually(cluster.time, REACHED_MS, () => isDown(node, cluster))) return true;
    return (await passed(node)) - (before.get(node) ?? Infinity) >= passes ? false : undefined;
  };
  return {
    description: [...points].map(([node, point]) => `${node} to die at ${point}`).join(', '),
    nodes,
    inject: () => outage.begin(nodes, ['running'], arm),
    async confirm() {
      const { masked, ...seen } = await confirmEach(nodes, 'died there', hasDied);
      if (masked !== true) return seen;
      return { ...seen, masked, evidence: `none of ${nodes.length} nodes got there within ${REACHED_MS} ms` };
    },
    async heal() {
      for (const node of nodes) await cluster.armCrash(node, undefined);
      await outage.end(nodes);
      return confirmHealed(nodes, 'answering', ledger, (node) => probeHealth(cluster, node, RECOVERY_MS));
    },
  };
}

/** The crash-point family. */
export const crashPoint: FaultFamily = {
  name: 'crash-point',
  summary: 'nodes die at a named point in their program, and are restarted later',
  kinds: { [ANY]: 'one of the points that the node says it passes' },
  explicit: {
    form: 'the name of a point',
    problem: (text) =>
      /^[A-Za-z0-9._-]+$/.test(text) ? undefined : `"${text}" is no name of a point: letters, digits and ._-`,
  },
  aimed: AIMING,
  needs: ['crash-point'],

  plan(kind, nodes, random, aim) {
    const parameters = {
      ...drawAim(nodes, random, aim),
      passes: 1 + random.int(PASSES_MAX),
      place: random.next(),
    };
    return { family: 'crash-point', kind, parameters };
  },

  async aim(plan, ledger): Promise<Fault | string> {
    const { aim, nodes: drawn, passes, place } = plan.parameters as unknown as CrashParameters;
    const nodes = await strikeable(aim, drawn, ['running'], ledger);
    if (typeof nodes === 'string') return nodes;
    const points = new Map<NodeId, string>();
    const found = await Promise.all(nodes.map((node) => pointOf(node, plan.kind, place, ledger.cluster)));
    for (const [index, node] of nodes.entries()) {
      const point = found[index];
      if (point !== undefined) points.set(node, point);
    }
    if (points.size === 0) return `${nodes.join(' ')} passed no point that a crash could be tied to`;
    return { ...crashes(points, passes, ledger), named: namedByAim(plan, [...points.keys()]) };
  },
};
