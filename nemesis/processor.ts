/**
 * Processors: nodes get less of one than they need, as beside greedy neighbours. Confirmed by the nodes, each of which
 * computes for a while and says how much longer than that it took.
 */
import type { Cluster } from '../harness/cluster/cluster.ts';
import { processorShareOf, type Condition } from '../harness/cluster/condition.ts';
import type { Fault, FaultFamily } from '../harness/cluster/fault.ts';
import { probeProcessor } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { AIMED_KINDS, draw, namedByKind, strikeable } from './aim.ts';
import { confirmEach, confirmHealed, eventually, eventuallySeen, sightOf, type Sight } from './confirm.ts';

/** Bounds of the milliseconds of computing that are timed: some periods of a scheduler that hands out shares. */
const COMPUTED_MS = { least: 5, most: 60 };
const ANSWER_MS = 10_000;
/** From a node that gets hardly anywhere to one that keeps up when there is little to do. */
const SHARE = { least: 0.05, most: 0.25 };
/** Part of the stretch that a share comes to which must show: the first slice comes at once. */
const SHOWS = 0.6;
/** How long it may take to show: a scheduler hands its shares out as it likes. */
const SHOWN_MS = 2000;
/** How long a node that is free again may take to be as quick as it should: it has much to catch up with. */
const RECOVERY_MS = 5000;

interface ProcessorParameters {
  readonly share: number;
  readonly nodes: readonly NodeId[];
}

/** Whether computing takes a node so much longer than it should as this share of a processor makes it; undefined when it does not answer. */
async function isStretched(node: NodeId, share: number, cluster: Cluster): Promise<Sight> {
  // Several faults together leave so little that computing for long would take for ever.
  const cpuMs = Math.max(COMPUTED_MS.least, COMPUTED_MS.most * Math.min(1, share / SHARE.least));
  const probe = await probeProcessor(cluster, node, cpuMs, ANSWER_MS);
  return probe === undefined ? undefined : probe.ms / probe.cpuMs >= SHOWS / share;
}

/** The processor family. */
export const processor: FaultFamily = {
  name: 'processor',
  summary: 'nodes get less of a processor than they need',
  ...AIMED_KINDS,
  needs: ['cpu'],

  plan(kind, nodes, random) {
    const share = Math.round(100 * random.between(SHARE.least, SHARE.most)) / 100;
    return { family: 'processor', kind, parameters: { share, nodes: draw(kind, nodes, random) } };
  },

  async aim(plan, ledger): Promise<Fault | string> {
    const { share, nodes: drawn } = plan.parameters as unknown as ProcessorParameters;
    const { cluster } = ledger;
    const nodes = await strikeable(plan.kind, drawn, ['running'], ledger);
    if (typeof nodes === 'string') return nodes;
    const condition: Condition = { of: 'processors', nodes, share };
    return {
      description: `${nodes.join(' ')} with ${Math.round(100 * share)}% of a processor`,
      nodes,
      named: namedByKind(plan, nodes),
      inject: () => ledger.impose(condition),
      confirm: () =>
        confirmEach(nodes, 'slower at computing', (node) => {
          const all = processorShareOf(node, ledger.conditions());
          const isSlower = (): Promise<Sight> => isStretched(node, all, cluster);
          return sightOf(node, ledger, () => eventuallySeen(cluster.time, SHOWN_MS, isSlower), condition);
        }),
      async heal() {
        await ledger.lift(condition);
        return confirmHealed(nodes, 'as quick at computing as before', ledger, (node) => {
          const left = processorShareOf(node, ledger.conditions());
          const isFree = async (): Promise<boolean> =>
            (await isStretched(node, left * share, cluster)) === false;
          return eventually(cluster.time, RECOVERY_MS, isFree);
        });
      },
    };
  },
};
