/**
 * Kills: nodes die as by SIGKILL, with all that they had not synced, and come back later on their old disk.
 * Confirmed twice: the runtime says that the node is down, and nothing answers on its client port.
 */
import type { ActiveFault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { probeHealth } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { AIMS, draw, drawKind, strikeable } from './aim.ts';
import { confirmEach } from './confirm.ts';

const ANSWER_MS = 500;

async function isDown(node: NodeId, { cluster }: FaultLedger): Promise<boolean> {
  return (await cluster.state(node)) === 'down' && !(await probeHealth(cluster, node, ANSWER_MS));
}

/** The kill family. */
export const kill: FaultFamily = {
  name: 'kill',
  summary: 'nodes die at once, lose what they had not synced, and are restarted later',
  kinds: AIMS,
  needs: ['kill'],

  plan(kinds, nodes, random) {
    const kind = drawKind(kinds, random);
    return { family: 'kill', kind, parameters: draw(kind, nodes, random) };
  },

  async inject({ kind, parameters }, ledger): Promise<ActiveFault | string> {
    const nodes = await strikeable(kind, parameters as readonly NodeId[], ledger);
    if (typeof nodes === 'string') return nodes;
    for (const node of nodes) ledger.strike(node, 'down');
    await Promise.all(nodes.map((node) => ledger.cluster.kill(node)));
    return {
      description: `${nodes.join(' ')} killed`,
      nodes,
      confirm: () => confirmEach(nodes, 'down', (node) => isDown(node, ledger)),
      async heal() {
        await Promise.all(nodes.map((node) => ledger.cluster.restart(node)));
        for (const node of nodes) ledger.release(node);
        return confirmEach(nodes, 'answering again', (node) => probeHealth(ledger.cluster, node, ANSWER_MS));
      },
    };
  },
};
