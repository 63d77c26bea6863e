/**
 * Rolling restarts and upgrades: one node after another goes down and comes back, each before the next, as an operator
 * or a scheduler does it. An upgrade has them come back with another version, and when it is over with the one that they
 * had: so versions live side by side in both directions.
 */
import type { Fault, FaultLedger } from '../../harness/cluster/fault.ts';
import type { NodeId } from '../../harness/node/program.ts';
import type { Random } from '../../harness/random.ts';
import { drawBeats, type Beat } from '../flapping.ts';
import { ALIVE, createOutage } from '../outage.ts';
import { Rounds } from '../rounds.ts';
import type { Scenario } from './scenario.ts';

/** What the harness calls the version that the run began with (harness/run/cluster-nodes.ts). */
const CURRENT = 'current';

interface RollingDraws {
  readonly order: readonly NodeId[];
  readonly beats: readonly Beat[];
}

type UpgradeDraws = RollingDraws & { readonly version: string };

function drawRolling(nodes: readonly NodeId[], random: Random): { order: NodeId[]; beats: Beat[] } {
  return { order: random.shuffle(nodes), beats: drawBeats(random) };
}

/** Rolling restart. */
export const rollingRestart: Scenario = {
  summary: 'one node after another is restarted',
  needs: ['kill'],
  draw: drawRolling,

  begin(drawn, ledger) {
    const { order, beats } = drawn as unknown as RollingDraws;
    const rounds = new Rounds({ groups: order.map((node) => [node]), beats, ledger });
    return Promise.resolve({
      description: `${order.join(', ')} restarted one after another`,
      nodes: order,
      inject() {
        rounds.start();
        return Promise.resolve();
      },
      confirm: () => rounds.confirm(),
      async heal() {
        await rounds.stop();
        return rounds.confirmAllBack();
      },
    });
  },
};

/** Rolling upgrade. */
export const rollingUpgrade: Scenario = {
  summary: 'one node after another is restarted with another version, and at the end with its own again',
  needs: ['kill', 'upgrade'],
  draw: (nodes, random, version = CURRENT) => ({ ...drawRolling(nodes, random), version }),

  begin(drawn, ledger) {
    const draws = drawn as unknown as UpgradeDraws;
    const { versions = [] } = ledger.cluster;
    if (versions.includes(draws.version)) return Promise.resolve(upgrade(draws, ledger));
    return Promise.resolve(
      `there is no version ${draws.version} of the program; there are: ${versions.join(', ') || 'none'}`,
    );
  },
};

function upgrade({ order, beats, version }: UpgradeDraws, ledger: FaultLedger): Fault {
  const { cluster } = ledger;
  const upgraded = new Set<NodeId>();
  const outage = createOutage(ledger);
  const restart = async (node: NodeId): Promise<void> => {
    upgraded.add(node);
    await ledger.restart(node, version);
  };
  const rounds = new Rounds({ groups: order.map((node) => [node]), beats, ledger, restart });
  return {
    description: `${order.join(', ')} restarted one after another with the version ${version}`,
    nodes: order,
    inject() {
      rounds.start();
      return Promise.resolve();
    },
    confirm: () => rounds.confirm(),
    async heal() {
      await rounds.stop();
      // A node that another fault has down is started by that one, with the version that it has.
      for (const node of [...upgraded]) {
        await outage.begin([node], ALIVE, () => cluster.kill(node));
        await outage.end([node], () => ledger.restart(node, CURRENT));
        upgraded.delete(node);
      }
      return rounds.confirmAllBack();
    },
  };
}
