/**
 * Pauses: nodes freeze as by SIGSTOP while the rest of the world goes on, and wake up thinking that no
 * time has passed. A leader that sleeps until another was elected has slept past any lease that is one. Confirmed twice: the runtime says that the node is paused, and it does not answer.
 */
import type { Fault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { probeHealth } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { AIMED_KINDS, draw, namedByKind, strikeable } from './aim.ts';
import { confirmEach, confirmHealed, eventually, toEach, type Sight } from './confirm.ts';

/** How long a frozen node is waited for: some hundred times what an answer takes. */
const SILENCE_MS = 250;
/** How long a node may take to answer after it was thawed, with all that piled up meanwhile. */
const RECOVERY_MS = 3000;
/** How long a leader that is to outsleep its lease waits for another to be elected. */
const ELECTION_MS = 5000;
const PAST_LEASE = 'past-lease';

/** A node that has died since cannot freeze. */
async function isFrozen(node: NodeId, { cluster }: FaultLedger): Promise<Sight> {
  const state = await cluster.state(node);
  if (state === 'down') return undefined;
  return state === 'paused' && !(await probeHealth(cluster, node, SILENCE_MS));
}

/** The pause family. */
export const pause: FaultFamily = {
  name: 'pause',
  summary: 'nodes freeze and wake up later, not knowing it',
  ...AIMED_KINDS,
  kinds: {
    ...AIMED_KINDS.kinds,
    [PAST_LEASE]: 'the leader, until another leads: it wakes up with a lease that is over',
  },
  needs: ['pause'],

  plan(kind, nodes, random) {
    const drawn = kind === PAST_LEASE ? [] : draw(kind, nodes, random);
    return { family: 'pause', kind, parameters: drawn };
  },

  takeAway(nodes) {
    return { family: 'pause', kind: 'minority', parameters: nodes };
  },

  async aim(plan, ledger): Promise<Fault | string> {
    const { cluster } = ledger;
    const pastLease = plan.kind === PAST_LEASE;
    const aim = pastLease ? 'leader' : plan.kind;
    const nodes = await strikeable(aim, plan.parameters as readonly NodeId[], ['running'], ledger);
    if (typeof nodes === 'string') return nodes;
    return {
      description: `${nodes.join(' ')} paused${pastLease ? ', until another leads' : ''}`,
      nodes,
      named: namedByKind(plan, nodes),
      inject() {
        for (const node of nodes) ledger.strike(node);
        return toEach(nodes, ['running'], ledger, (node) => cluster.pause(node));
      },
      confirm: () => confirmEach(nodes, 'frozen', (node) => isFrozen(node, ledger)),
      async heal() {
        const isReplaced = async (): Promise<boolean> => (await ledger.leader()) !== undefined;
        const replaced = pastLease && (await eventually(cluster.time, ELECTION_MS, isReplaced));
        await toEach(nodes, ['paused'], ledger, (node) => cluster.resume(node));
        for (const node of nodes) ledger.release(node);
        // A node that a kill took meanwhile is the kill's to bring back.
        const healed = await confirmHealed(nodes, 'answering again', ledger, (node) =>
          probeHealth(cluster, node, RECOVERY_MS),
        );
        const how = replaced ? '; another led when they woke up' : '';
        return { ...healed, evidence: `${healed.evidence}${how}` };
      },
    };
  },
};
