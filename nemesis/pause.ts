/**
 * Pauses: nodes freeze as by SIGSTOP while the rest of the world goes on, and wake up thinking that no
 * time has passed. Confirmed twice: the runtime says that the node is paused, and it does not answer.
 */
import type { Fault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { probeHealth } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { AIMS, FAVOURITES, draw, strikeable } from './aim.ts';
import { confirmEach, confirmHealed, toEach } from './confirm.ts';

/** How long a frozen node is waited for: some hundred times what an answer takes. */
const SILENCE_MS = 250;
/** How long a node may take to answer after it was thawed, with all that piled up meanwhile. */
const RECOVERY_MS = 3000;

async function isFrozen(node: NodeId, { cluster }: FaultLedger): Promise<boolean> {
  return (await cluster.state(node)) === 'paused' && !(await probeHealth(cluster, node, SILENCE_MS));
}

/** The pause family. */
export const pause: FaultFamily = {
  name: 'pause',
  summary: 'nodes freeze and wake up later, not knowing it',
  kinds: AIMS,
  favourites: FAVOURITES,
  needs: ['pause'],

  plan(kind, nodes, random) {
    return { family: 'pause', kind, parameters: draw(kind, nodes, random) };
  },

  takeAway(nodes) {
    return { family: 'pause', kind: 'minority', parameters: nodes };
  },

  async aim({ kind, parameters }, ledger): Promise<Fault | string> {
    const nodes = await strikeable(kind, parameters as readonly NodeId[], ['running'], ledger);
    if (typeof nodes === 'string') return nodes;
    return {
      description: `${nodes.join(' ')} paused`,
      nodes,
      inject() {
        for (const node of nodes) ledger.strike(node);
        return toEach(nodes, ['running'], ledger, (node) => ledger.cluster.pause(node));
      },
      confirm: () => confirmEach(nodes, 'frozen', (node) => isFrozen(node, ledger)),
      async heal() {
        await toEach(nodes, ['paused'], ledger, (node) => ledger.cluster.resume(node));
        for (const node of nodes) ledger.release(node);
        // A node that a kill took meanwhile is the kill's to bring back.
        return confirmHealed(nodes, 'answering again', ledger, (node) =>
          probeHealth(ledger.cluster, node, RECOVERY_MS),
        );
      },
    };
  },
};
