/**
 * Deaths: nodes die at once - killed, without power, out of memory - and come back later on their old disk, without
 * what they had not synced. Confirmed twice: the runtime says that the node is down, and nothing answers on its client
 * port. Each death is a family of its own, so that they overlap.
 */
import type { Ability, Cluster, NodeState } from '../harness/cluster/cluster.ts';
import type { Fault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { probeHealth } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { AIMED_KINDS, draw, namedByKind, strikeable } from './aim.ts';
import { confirmEach, confirmHealed } from './confirm.ts';
import { createOutage } from './outage.ts';

const ANSWER_MS = 500;
/** How long a node that was restarted may take to answer, once its runtime says that it is there. */
const RECOVERY_MS = 3000;

/** Whether the node is down: by the word of the runtime, and because nothing answers. */
export async function isDown(node: NodeId, cluster: Cluster): Promise<boolean> {
  return (await cluster.state(node)) === 'down' && !(await probeHealth(cluster, node, ANSWER_MS));
}

/** A way for nodes to die. */
export interface Death {
  readonly name: string;
  readonly summary: string;
  readonly needs: readonly Ability[];
  /** What has befallen the nodes: `n1 n2 killed`. */
  readonly word: string;
  /** In which states a node can die of it. */
  readonly states: readonly NodeState[];
  readonly die: (node: NodeId, cluster: Cluster) => Promise<void>;
}

/** A fault by which these nodes die, and come back when it heals. */
function deathOf(nodes: readonly NodeId[], { word, die, states }: Death, ledger: FaultLedger): Fault {
  const { cluster } = ledger;
  const outage = createOutage(ledger);
  return {
    description: `${nodes.join(' ')} ${word}`,
    nodes,
    inject: () => outage.begin(nodes, states, (node) => die(node, cluster)),
    confirm: () => confirmEach(nodes, 'down', (node) => isDown(node, cluster)),
    async heal() {
      await outage.end(nodes);
      return confirmHealed(nodes, 'answering again', ledger, (node) =>
        probeHealth(cluster, node, RECOVERY_MS),
      );
    },
  };
}

/** The family of this death. */
export function familyOf(death: Death): FaultFamily {
  const { name: family, summary, needs, states } = death;
  return {
    name: family,
    summary,
    ...AIMED_KINDS,
    needs,

    plan(kind, nodes, random) {
      return { family, kind, parameters: draw(kind, nodes, random) };
    },

    async aim(plan, ledger): Promise<Fault | string> {
      const nodes = await strikeable(plan.kind, plan.parameters as readonly NodeId[], states, ledger);
      if (typeof nodes === 'string') return nodes;
      return { ...deathOf(nodes, death, ledger), named: namedByKind(plan, nodes) };
    },
  };
}
