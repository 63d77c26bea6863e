/**
 * Partitions: links between nodes that drop everything, in the shapes that Jepsen's nemesis made known and
 * one-way besides. Confirmed by pings from node to node: every cut link whose two ends are alive is silent.
 */
import type { Link } from '../harness/cluster/cluster.ts';
import type { Confirmation, Fault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { count, probeLinks } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import type { Random } from '../harness/random.ts';
import { FAVOURITES } from './aim.ts';
import { confirmCarrying, heldUpMs, liveLinks } from './confirm.ts';
import { bridge, describeLinks, halves, isolate, majoritiesRing, oneWay, split } from './grudges.ts';

/** How long a ping over a cut link is waited for: some hundred times what it takes over an open one. */
const SILENCE_MS = 250;
/** Pings on each link, so that of those that a link does not lose one arrives. */
const PINGS = 10;

/** Each kind's links, from an order of the nodes that the seed gave. */
const SHAPES: Readonly<Record<string, (nodes: readonly NodeId[], random: Random) => Link[]>> = {
  halves: (nodes) => halves(nodes),
  'random-halves': (nodes, random) => {
    const size = 1 + random.int(Math.max(1, nodes.length - 1));
    return split([nodes.slice(0, size), nodes.slice(size)]);
  },
  one: ([node = '', ...rest]) => isolate(node, [node, ...rest]),
  ring: (nodes) => majoritiesRing(nodes),
  bridge: (nodes) => bridge(nodes),
  'one-way': (nodes) => oneWay(nodes),
};

/** Kinds that are aimed at the leader of the moment: how many others stay on its side, a majority being on the other. */
const LEADER_KEEPS: Readonly<Record<string, (nodes: number) => number>> = {
  leader: () => 0,
  'leader-minority': (nodes) => Math.max(0, Math.ceil(nodes / 2) - 2),
};

/** `n1-n2/n3-n4`: the groups, cut from each other both ways; nodes that are not named form one more. */
const groupsOf = (text: string): NodeId[][] => text.split('/').map((group) => group.split('-'));

function explicitLinks(text: string, nodes: readonly NodeId[]): Link[] {
  const groups = groupsOf(text);
  const rest = nodes.filter((node) => !groups.flat().includes(node));
  return split(rest.length === 0 ? groups : [...groups, rest]);
}

function explicitProblem(text: string, nodes: readonly NodeId[]): string | undefined {
  const named = groupsOf(text).flat();
  const unknown = named.find((node) => !nodes.includes(node));
  if (unknown !== undefined) return `there is no node "${unknown}" among ${nodes.join(' ')}`;
  const twice = named.find((node, index) => named.indexOf(node) !== index);
  if (twice !== undefined) return `node ${twice} is in two groups`;
  return explicitLinks(text, nodes).length === 0 ? 'it cuts nothing' : undefined;
}

const isLink = (value: unknown): value is Link =>
  typeof value === 'object' && value !== null && 'from' in value && 'to' in value;

async function linksOf(kind: string, parameters: unknown, ledger: FaultLedger): Promise<Link[] | string> {
  const keeps = LEADER_KEEPS[kind];
  const given = Array.isArray(parameters) ? (parameters as readonly unknown[]) : [];
  if (keeps === undefined) return given.filter(isLink);
  const leader = await ledger.leader();
  if (leader === undefined) return 'no node says that it leads';
  const { nodes } = ledger.cluster;
  const order = nodes.filter((node) => node !== leader).sort((a, b) => given.indexOf(a) - given.indexOf(b));
  const kept = keeps(nodes.length);
  return split([[leader, ...order.slice(0, kept)], order.slice(kept)]);
}

async function confirmSilence(links: readonly Link[], ledger: FaultLedger): Promise<Confirmation> {
  const cut = liveLinks(links, ledger);
  if (cut.length === 0) return { confirmed: false, evidence: 'no cut link had both its ends alive' };
  // What another fault slows or loses is silent for a while without being cut.
  const waitMs = SILENCE_MS + Math.max(...cut.map((link) => heldUpMs(link, ledger.conditions())));
  const silent = count(await probeLinks(ledger.cluster, cut, waitMs, PINGS), 'silent');
  return { confirmed: silent === cut.length, evidence: `${silent} of ${cut.length} cut links silent` };
}

/** The partition family. */
export const partition: FaultFamily = {
  name: 'partition',
  summary: 'links between nodes drop everything, silently',
  kinds: {
    halves: 'two halves',
    'random-halves': 'two groups of drawn sizes',
    one: 'one node alone',
    ring: 'every node sees a majority, each another one',
    bridge: 'two halves with one node between',
    'one-way': 'one half unheard by the other, which it hears',
    leader: 'the leader alone',
    'leader-minority': 'the leader with a minority, cut off from the majority',
  },
  explicit: { form: 'n1-n2/n3-n4-n5', problem: explicitProblem },
  favourites: FAVOURITES,
  needs: ['cut'],

  plan(kind, nodes, random) {
    if (Object.hasOwn(LEADER_KEEPS, kind)) {
      const order = LEADER_KEEPS[kind]?.(nodes.length) === 0 ? [] : random.shuffle(nodes);
      return { family: 'partition', kind, parameters: order };
    }
    const shape = SHAPES[kind];
    const links = shape === undefined ? explicitLinks(kind, nodes) : shape(random.shuffle(nodes), random);
    return { family: 'partition', kind, parameters: links.map(({ from, to }) => ({ from, to })) };
  },

  takeAway(nodes, others) {
    const links = split([nodes, others]);
    return { family: 'partition', kind: 'halves', parameters: links.map(({ from, to }) => ({ from, to })) };
  },

  async aim({ kind, parameters }, ledger): Promise<Fault | string> {
    const links = await linksOf(kind, parameters, ledger);
    if (typeof links === 'string') return links;
    if (links.length === 0) return `${kind} cuts nothing among ${ledger.cluster.nodes.length} nodes`;
    return {
      description: describeLinks(links, ledger.cluster.nodes),
      nodes: [...new Set(links.map(({ to }) => to))],
      inject: () => ledger.cut(links),
      confirm: () => confirmSilence(links, ledger),
      async heal() {
        await ledger.uncut(links);
        return confirmCarrying(links, ledger);
      },
    };
  },
};
