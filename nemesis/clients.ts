/**
 * Clients cut off: what clients send to some nodes is lost, and so are the answers, while the nodes hear each other. A
 * leader that nobody can reach stays one, and looks well to all who could replace it. Confirmed by a request as
 * clients make it, which is lost, beside one of the harness's own, which is not.
 */
import type { Fault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { probeHealth } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { NANOS_PER_MS } from '../harness/time.ts';
import { AIMED_KINDS, draw, namedByKind, strikeable } from './aim.ts';
import { confirmEach, confirmHealed, eventuallySeen, sightOf, type Sight } from './confirm.ts';

const ANSWER_MS = 1000;
/** How long a client waits in vain: some hundred times what an answer takes. */
const SILENCE_MS = 300;
/** The same in answers of this node, which may be slow. */
const PATIENCE = 3;
/** How long a busy node has to show that it is there. */
const SHOWN_MS = 2000;

async function reaches(node: NodeId, ledger: FaultLedger, timeoutMs: number): Promise<boolean> {
  return (await ledger.callAsClient(node, '_/health', {}, timeoutMs)).kind === 'answer';
}

/** Whether the node answers, but not to clients; undefined when it answers nobody. */
async function isUnreachable(node: NodeId, ledger: FaultLedger): Promise<Sight> {
  const { cluster } = ledger;
  const asked = cluster.time.now();
  if (!(await probeHealth(cluster, node, ANSWER_MS))) return undefined;
  const tookMs = (cluster.time.now() - asked) / NANOS_PER_MS;
  // Of a node that takes its time a client would have no answer either way.
  return !(await reaches(node, ledger, Math.max(SILENCE_MS, PATIENCE * tookMs)));
}

/** Clients' requests to these nodes are lost. */
export function cutClientsOff(nodes: readonly NodeId[], ledger: FaultLedger): Fault {
  const { cluster } = ledger;
  // The ledger knows the fault by its list.
  const cut = [...nodes];
  return {
    description: `clients cut off from ${nodes.join(' ')}`,
    nodes,
    inject() {
      ledger.cutClients(cut);
      return Promise.resolve();
    },
    confirm: () =>
      confirmEach(nodes, 'answering, but not to clients', (node) =>
        sightOf(node, ledger, () =>
          eventuallySeen(cluster.time, SHOWN_MS, () => isUnreachable(node, ledger)),
        ),
      ),
    heal() {
      ledger.freeClients(cut);
      return confirmHealed(nodes, 'answering clients', ledger, (node) => reaches(node, ledger, ANSWER_MS));
    },
  };
}

/** The clients family. */
export const clients: FaultFamily = {
  name: 'clients',
  summary: 'clients and some nodes do not hear each other; nodes hear nodes',
  ...AIMED_KINDS,
  needs: [],

  plan(kind, nodes, random) {
    return { family: 'clients', kind, parameters: draw(kind, nodes, random) };
  },

  async aim(plan, ledger): Promise<Fault | string> {
    const nodes = await strikeable(plan.kind, plan.parameters as readonly NodeId[], ['running'], ledger);
    if (typeof nodes === 'string') return nodes;
    return { ...cutClientsOff(nodes, ledger), named: namedByKind(plan, nodes) };
  },
};
