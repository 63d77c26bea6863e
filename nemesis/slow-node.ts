/**
 * Slow nodes: everything that a node gets to takes it some milliseconds, so that what arrives waits, and waits longer
 * the busier the node is: a gray failure, in which nothing is down and nothing is right. Confirmed by the time that an
 * answer takes, the fastest of some, against that before.
 */
import type { Cluster } from '../harness/cluster/cluster.ts';
import { paceOf, type Condition } from '../harness/cluster/condition.ts';
import type { Fault, FaultFamily } from '../harness/cluster/fault.ts';
import { probeHealth } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { NANOS_PER_MS } from '../harness/time.ts';
import { AIMED_KINDS, draw, namedByKind, strikeable } from './aim.ts';
import { confirmEach, confirmHealed, type Sight } from './confirm.ts';

/** From a node that barely keeps up to one that does not. */
const BUSY_MS = { least: 6, most: 25 };
const ANSWERS = 3;
/** Longer than an answer takes, but for a node with much more to do than it gets done. */
const ANSWER_MS = 500;

interface SlowNodeParameters {
  readonly busyMs: number;
  readonly nodes: readonly NodeId[];
}

/** Milliseconds that the fastest of some answers took; Infinity when one did not come in time, NaN when the node is down. */
async function fastestMs(cluster: Cluster, node: NodeId): Promise<number> {
  let fastest = Infinity;
  for (let answer = 0; answer < ANSWERS; answer++) {
    const asked = cluster.time.now();
    if (!(await probeHealth(cluster, node, ANSWER_MS)))
      return (await cluster.state(node)) === 'down' ? NaN : Infinity;
    fastest = Math.min(fastest, (cluster.time.now() - asked) / NANOS_PER_MS);
  }
  return fastest;
}

/** The slow-node family. */
export const slowNode: FaultFamily = {
  name: 'slow-node',
  summary: 'nodes take their time over everything that they get to',
  ...AIMED_KINDS,
  needs: ['slow-node'],

  plan(kind, nodes, random) {
    const busyMs = Math.round(random.between(BUSY_MS.least, BUSY_MS.most));
    return { family: 'slow-node', kind, parameters: { busyMs, nodes: draw(kind, nodes, random) } };
  },

  async aim(plan, ledger): Promise<Fault | string> {
    const { busyMs, nodes: drawn } = plan.parameters as unknown as SlowNodeParameters;
    const { cluster } = ledger;
    const nodes = await strikeable(plan.kind, drawn, ['running'], ledger);
    if (typeof nodes === 'string') return nodes;
    const condition: Condition = { of: 'pace', nodes, busyMs };
    const before = new Map<NodeId, number>();
    const isSlower = async (node: NodeId): Promise<Sight> => {
      const fastest = await fastestMs(cluster, node);
      const beforeMs = before.get(node) ?? NaN;
      const allMs = paceOf(node, ledger.conditions());
      if (Number.isNaN(fastest)) return undefined;
      if (fastest < allMs) return false;
      if (allMs > busyMs || fastest - beforeMs >= busyMs / 2) return true;
      // Of one that was as slow already, or did not answer, the time before says nothing.
      return beforeMs < busyMs ? false : undefined;
    };
    return {
      description: `${nodes.join(' ')} busy for ${busyMs} ms with everything`,
      nodes,
      named: namedByKind(plan, nodes),
      async inject() {
        const fastest = await Promise.all(nodes.map((node) => fastestMs(cluster, node)));
        nodes.forEach((node, index) => before.set(node, fastest[index] ?? NaN));
        await ledger.impose(condition);
      },
      confirm: () => confirmEach(nodes, `slower by ${busyMs} ms`, isSlower),
      async heal() {
        await ledger.lift(condition);
        return confirmHealed(nodes, 'as fast as before', ledger, async (node) => {
          const slowerMs = (await fastestMs(cluster, node)) - (before.get(node) ?? 0);
          return slowerMs < busyMs / 2;
        });
      },
    };
  },
};
