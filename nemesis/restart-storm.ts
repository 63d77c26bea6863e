/**
 * Restart storms: nodes die and come back, and die again before they are what they were, as under a supervisor that
 * knows no patience. What is done once at a start is done many times, and often not to its end.
 */
import type { Fault, FaultFamily } from '../harness/cluster/fault.ts';
import type { NodeId } from '../harness/node/program.ts';
import { AIMED_KINDS, draw, namedByKind, strikeable } from './aim.ts';
import { drawBeats, type Beat } from './flapping.ts';
import { ALIVE } from './outage.ts';
import { Rounds } from './rounds.ts';

interface StormParameters {
  readonly nodes: readonly NodeId[];
  /** Of each stroke: how long the nodes are down, and how long they are up again. */
  readonly beats: readonly Beat[];
}

/** The restart-storm family. */
export const restartStorm: FaultFamily = {
  name: 'restart-storm',
  summary: 'nodes are killed and restarted, and killed again, for as long as it lasts',
  ...AIMED_KINDS,
  needs: ['kill'],

  plan(kind, nodes, random) {
    const parameters = { nodes: draw(kind, nodes, random), beats: drawBeats(random) };
    return { family: 'restart-storm', kind, parameters };
  },

  async aim(plan, ledger): Promise<Fault | string> {
    const { nodes: drawn, beats } = plan.parameters as unknown as StormParameters;
    const nodes = await strikeable(plan.kind, drawn, ALIVE, ledger);
    if (typeof nodes === 'string') return nodes;
    const rounds = new Rounds({ groups: [nodes], beats, ledger });
    return {
      description: `${nodes.join(' ')} killed and restarted, again and again`,
      nodes,
      named: namedByKind(plan, nodes),
      inject() {
        rounds.start();
        return Promise.resolve();
      },
      confirm: () => rounds.confirm(),
      async heal() {
        await rounds.stop();
        return rounds.confirmAllBack();
      },
    };
  },
};
