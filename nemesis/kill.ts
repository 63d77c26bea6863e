/**
 * Kills: nodes die as by SIGKILL, with all that they had not synced, and come back later on their old disk.
 * Confirmed twice: the runtime says that the node is down, and nothing answers on its client port.
 */
import type { NodeState } from '../harness/cluster/cluster.ts';
import type { Fault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { probeHealth } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { AIMS, FAVOURITES, draw, strikeable } from './aim.ts';
import { confirmEach, toEach } from './confirm.ts';

const ANSWER_MS = 500;

async function isDown(node: NodeId, { cluster }: FaultLedger): Promise<boolean> {
  return (await cluster.state(node)) === 'down' && !(await probeHealth(cluster, node, ANSWER_MS));
}

/** Frozen nodes die like others: what kills all must spare none, for one that remembers can hide what all forgot. */
const ALIVE: readonly NodeState[] = ['running', 'paused'];

/** The kill family. */
export const kill: FaultFamily = {
  name: 'kill',
  summary: 'nodes die at once, lose what they had not synced, and are restarted later',
  kinds: AIMS,
  favourites: FAVOURITES,
  needs: ['kill'],

  plan(kind, nodes, random) {
    return { family: 'kill', kind, parameters: draw(kind, nodes, random) };
  },

  takeAway(nodes) {
    return { family: 'kill', kind: 'minority', parameters: nodes };
  },

  async aim({ kind, parameters }, ledger): Promise<Fault | string> {
    const nodes = await strikeable(kind, parameters as readonly NodeId[], ALIVE, ledger);
    if (typeof nodes === 'string') return nodes;
    return {
      description: `${nodes.join(' ')} killed`,
      nodes,
      inject() {
        for (const node of nodes) ledger.strike(node);
        return toEach(nodes, ALIVE, ledger, (node) => ledger.cluster.kill(node));
      },
      confirm: () => confirmEach(nodes, 'down', (node) => isDown(node, ledger)),
      async heal() {
        await toEach(nodes, ['down'], ledger, (node) => ledger.restart(node));
        for (const node of nodes) ledger.release(node);
        return confirmEach(nodes, 'answering again', (node) => probeHealth(ledger.cluster, node, ANSWER_MS));
      },
    };
  },
};
