/**
 * Descriptors: nodes may open no file and no connection more; what they have open goes on. Confirmed by the nodes, each of
 * which tries. A program may well end itself over that, so a node that ran and now is down counts as a witness too; it is
 * restarted when the fault heals.
 */
import type { Cluster } from '../harness/cluster/cluster.ts';
import type { Condition } from '../harness/cluster/condition.ts';
import type { Fault, FaultFamily } from '../harness/cluster/fault.ts';
import { probeDescriptors } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { AIMED_KINDS, draw, namedByKind, strikeable } from './aim.ts';
import { confirmEach, confirmHealed, holdDistrusted, sightOf, type Sight } from './confirm.ts';
import { isInOutage } from './outage.ts';

const ANSWER_MS = 1000;

/** True if a descriptor is to be had, by the node's word. */
async function canOpen(node: NodeId, cluster: Cluster): Promise<boolean> {
  return (await probeDescriptors(cluster, node, ANSWER_MS)) === true;
}

/** The descriptors family. */
export const descriptors: FaultFamily = {
  name: 'descriptors',
  summary: 'nodes can open no file and no connection more; nodes that die of it are restarted later',
  ...AIMED_KINDS,
  needs: ['descriptors'],

  plan(kind, nodes, random) {
    return { family: 'descriptors', kind, parameters: draw(kind, nodes, random) };
  },

  async aim(plan, ledger): Promise<Fault | string> {
    const nodes = await strikeable(plan.kind, plan.parameters as readonly NodeId[], ['running'], ledger);
    if (typeof nodes === 'string') return nodes;
    const { cluster } = ledger;
    const condition: Condition = { of: 'descriptors', nodes };
    const hold = holdDistrusted(nodes, ledger, true);
    const lacks = async (node: NodeId): Promise<Sight> => {
      const opened = await probeDescriptors(cluster, node, ANSWER_MS);
      if (opened !== undefined) return !opened;
      const hasDied = !isInOutage(node, ledger) && (await cluster.state(node)) === 'down';
      return hasDied ? true : undefined;
    };
    return {
      description: `${nodes.join(' ')} without descriptors`,
      nodes,
      named: namedByKind(plan, nodes),
      async inject() {
        hold.take();
        await ledger.impose(condition);
      },
      confirm: () =>
        confirmEach(nodes, 'could open nothing, or died of it', (node) =>
          sightOf(node, ledger, () => lacks(node)),
        ),
      async heal() {
        await ledger.lift(condition);
        hold.letGo();
        return confirmHealed(nodes, 'can open files again', ledger, (node) => canOpen(node, cluster));
      },
    };
  },
};
