/**
 * Scenarios that are several faults at once, or one of another family with draws of its own.
 */
import type { NodeId } from '../../harness/node/program.ts';
import { clients } from '../clients.ts';
import { drawBeats, flapping, type Beat } from '../flapping.ts';
import { drawHunt, LEADER_HUNT } from '../hunt.ts';
import { hunt, type HuntPlan } from '../leaders.ts';
import { packets } from '../packets.ts';
import { cutOff } from '../partition.ts';
import { power } from '../power.ts';
import { slowLink } from '../slow-link.ts';
import { slowNode } from '../slow-node.ts';
import { together } from '../together.ts';
import type { Scenario } from './scenario.ts';

/** Datacentre loss: it is without power, and whoever asks there gets no answer. */
export const datacentreLoss: Scenario = {
  summary: 'half of the nodes lose power, and clients there get no answer, not even a refusal',
  needs: ['power'],
  draw: (nodes, random) => ({ away: random.shuffle(nodes).slice(0, Math.floor(nodes.length / 2)) }),

  async begin(drawn, ledger) {
    const { away } = drawn as { readonly away: readonly NodeId[] };
    if (away.length === 0) return 'there is only one node, and half of it is none';
    return together(
      [
        { family: clients, kind: 'minority', parameters: away },
        { family: power, kind: 'minority', parameters: away },
      ],
      ledger,
    );
  },
};

/** Gray failure: one node that is not down and not well. */
export const grayFailure: Scenario = {
  summary: 'one node is slow, and some of what it says and hears is lost or late',
  needs: ['slow-node', 'loss', 'delay'],

  draw(nodes, random) {
    const node = random.pick(nodes);
    return {
      node,
      busyMs: Math.round(random.between(3, 12)),
      lost: Math.round(100 * random.between(0.1, 0.4)) / 100,
      delayMs: Math.round(random.between(200, 400)),
    };
  },

  begin(drawn, ledger) {
    const { node, busyMs, lost, delayMs } = drawn as unknown as GrayDraws;
    const nodes = [node];
    const none = { doubled: 0, late: 0, byMs: 0, corrupt: 0, rate: 0 };
    return together(
      [
        { family: slowNode, kind: 'one', parameters: { busyMs, nodes } },
        { family: packets, kind: 'loss', parameters: { aim: node, nodes, lost, ...none } },
        { family: slowLink, kind: 'one', parameters: { delayMs, nodes } },
      ],
      ledger,
    );
  },
};

interface GrayDraws {
  readonly node: NodeId;
  readonly busyMs: number;
  readonly lost: number;
  readonly delayMs: number;
}

/** Flapping link: one link, of all that there are. */
export const flappingLink: Scenario = {
  summary: 'the link between two nodes fails and is whole again, again and again',
  needs: ['cut'],
  draw: (nodes, random) => ({ pair: random.shuffle(nodes).slice(0, 2), beats: drawBeats(random) }),

  begin(drawn, ledger) {
    const { pair, beats } = drawn as unknown as { readonly pair: readonly NodeId[]; readonly beats: Beat[] };
    const [one, other] = pair;
    if (one === undefined || other === undefined) return Promise.resolve('one node has no link');
    const links = [
      { from: one, to: other },
      { from: other, to: one },
    ];
    const strokes = { on: () => ledger.cut(links), off: () => ledger.uncut(links) };
    return Promise.resolve(flapping(cutOff(links, ledger), strokes, beats, ledger));
  },
};

/** Power cut: everything at once. */
export const powerCut: Scenario = {
  summary: 'all nodes lose power at once',
  needs: ['power'],
  draw: (nodes) => ({ nodes }),
  begin: (drawn, ledger) =>
    together([{ family: power, kind: 'all', parameters: ledger.cluster.nodes }], ledger),
};

/** Leader hunt: no leader lasts. */
export const leaderHunt: Scenario = {
  summary: 'each new leader is killed, cut off or frozen soon after it was elected',
  needs: LEADER_HUNT.needs,

  draw(nodes, random) {
    const { chases, order, alternates } = drawHunt(LEADER_HUNT, nodes, random);
    return { chases: [...chases], order, alternates };
  },

  async begin(drawn, ledger) {
    if ((await ledger.leader()) === undefined) return 'no node says that it leads';
    return hunt(drawn as unknown as HuntPlan, LEADER_HUNT.words, ledger);
  },
};
