/**
 * Partitions: links between nodes that drop everything, in the shapes that Jepsen's nemesis made known and
 * one-way besides; for good, or again and again. Confirmed by pings from node to node: every cut link whose two ends are
 * alive is silent.
 */
import { allLinks, type Link } from '../harness/cluster/cluster.ts';
import type { Confirmation, Fault, FaultFamily, FaultLedger, FaultPlan } from '../harness/cluster/fault.ts';
import { count, probeLinks } from '../harness/cluster/probe.ts';
import type { JsonObject } from '../harness/json.ts';
import type { NodeId } from '../harness/node/program.ts';
import type { Random } from '../harness/random.ts';
import { FAVOURITES, aimProblem, draw, strikeable } from './aim.ts';
import { confirmCarrying, heldUpMs, liveLinks, maskedBecause, mayBeUnconnected } from './confirm.ts';
import { drawBeats, flapping, type Beat } from './flapping.ts';
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
  ring: (nodes, random) => majoritiesRing(nodes, random),
  bridge: (nodes) => bridge(nodes),
  'one-way': (nodes) => oneWay(nodes),
};

/** Kinds that are aimed at the leader of the moment: how many others stay on its side, a majority being on the other. */
const LEADER_KEEPS: Readonly<Record<string, (nodes: number) => number>> = {
  leader: () => 0,
  primary: () => 0,
  'leader-minority': (nodes) => Math.max(0, Math.ceil(nodes / 2) - 2),
};

/** Links that are cut and healed, and cut again. */
const FLAKY = 'flaky';

type FlakyParameters = { readonly links: readonly Link[]; readonly beats: readonly Beat[] };

const groupOf = (text: string): NodeId[] => text.split('-');
const isOneWay = (text: string): boolean => text.includes('>');

/**
 * `n1-n2/n3-n4`: the groups, cut from each other both ways; nodes that are not named form one more. `n1>n2-n3/n2>n1`: what
 * is on the left is not heard by what is on the right. Or a node spec: those nodes, together, cut off from the others.
 */
function explicitLinks(text: string, nodes: readonly NodeId[]): Link[] {
  const parts = text.split('/');
  if (isOneWay(text)) {
    const deaf = parts.map((part) => part.split('>', 2).map(groupOf));
    return allLinks(nodes).filter(({ from, to }) =>
      deaf.some(([heard = [], by = []]) => heard.includes(from) && by.includes(to)),
    );
  }
  const groups = parts.map(groupOf);
  const rest = nodes.filter((node) => !groups.flat().includes(node));
  return split(rest.length === 0 ? groups : [...groups, rest]);
}

/** Whether the text is a node spec, and names no nodes: those are a group. */
function isSpec(text: string, nodes: readonly NodeId[]): boolean {
  return aimProblem(text, nodes) === undefined && !groupOf(text).every((name) => nodes.includes(name));
}

function explicitProblem(text: string, nodes: readonly NodeId[]): string | undefined {
  if (isSpec(text, nodes)) return text === 'all' ? 'it cuts nothing' : undefined;
  const parts = text.split('/');
  if (isOneWay(text) && !parts.every((part) => part.split('>').length === 2))
    return 'where one part says who is not heard by whom, all must';
  const named = parts.flatMap((part) => part.split('>').flatMap(groupOf));
  const unknown = named.find((node) => !nodes.includes(node));
  if (unknown !== undefined) return `there is no node "${unknown}" among ${nodes.join(' ')}`;
  const twice = isOneWay(text) ? undefined : named.find((node, index) => named.indexOf(node) !== index);
  if (twice !== undefined) return `node ${twice} is in two groups`;
  return explicitLinks(text, nodes).length === 0 ? 'it cuts nothing' : undefined;
}

const isLink = (value: unknown): value is Link =>
  typeof value === 'object' && value !== null && 'from' in value && 'to' in value;

const plainLinks = (links: readonly Link[]): JsonObject[] => links.map(({ from, to }) => ({ from, to }));

/** Nodes in their drawn order, for kinds whose links are known only when somebody leads; else the links. */
async function linksOf(
  { kind, parameters }: FaultPlan,
  ledger: FaultLedger,
): Promise<readonly Link[] | string> {
  if (kind === FLAKY) return (parameters as unknown as FlakyParameters).links;
  const given = Array.isArray(parameters) ? (parameters as readonly unknown[]) : [];
  if (given.length > 0 && given.every(isLink)) return given;
  const { nodes } = ledger.cluster;
  const order = given.filter((item) => typeof item === 'string');
  const keeps = LEADER_KEEPS[kind];
  if (keeps === undefined && order.length === 0) return [];
  const struck = await strikeable(
    keeps === undefined ? kind : 'leader',
    order,
    ['running', 'paused'],
    ledger,
  );
  if (typeof struck === 'string') return struck;
  const others = nodes.filter((node) => !struck.includes(node));
  others.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const kept = keeps?.(nodes.length) ?? 0;
  return split([[...struck, ...others.slice(0, kept)], others.slice(kept)]);
}

/** What another fault slows or loses is silent for a while without being cut; what has no connection says nothing of a cut. */
export async function confirmSilence(links: readonly Link[], ledger: FaultLedger): Promise<Confirmation> {
  const conditions = ledger.conditions();
  const live = liveLinks(links, ledger);
  if (live.length === 0) return maskedBecause('no cut link had both its ends alive');
  const cut = live.filter((link) => !mayBeUnconnected(link, conditions));
  if (cut.length === 0) return maskedBecause('no cut link would have been connected without the cut');
  const waitMs = SILENCE_MS + Math.max(...cut.map((link) => heldUpMs(link, conditions)));
  const probes = await probeLinks(ledger.cluster, cut, waitMs, PINGS);
  const silent = count(probes, 'silent');
  const evidence = `${silent} of ${cut.length} cut links silent`;
  // Who does not answer says nothing of a link.
  if (count(probes, 'unasked') === cut.length) return maskedBecause(`${evidence}: nobody answered`);
  return { confirmed: count(probes, 'heard') === 0, evidence };
}

/** These links drop everything. */
export function cutOff(links: readonly Link[], ledger: FaultLedger): Fault {
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
    [FLAKY]: 'one node alone, or two halves, again and again for a second or so',
  },
  explicit: {
    form: 'n1-n2/n3-n4-n5, one way as n1>n2-n3/n4>n1, or minority, majority, minority-third, follower or primary',
    problem: explicitProblem,
  },
  favourites: FAVOURITES,
  needs: ['cut'],

  plan(kind, nodes, random) {
    if (Object.hasOwn(LEADER_KEEPS, kind)) {
      const order = LEADER_KEEPS[kind]?.(nodes.length) === 0 ? [] : random.shuffle(nodes);
      return { family: 'partition', kind, parameters: order };
    }
    if (kind === FLAKY) {
      const shape = random.chance(0.5) ? 'one' : 'halves';
      const links = SHAPES[shape]?.(random.shuffle(nodes), random) ?? [];
      return {
        family: 'partition',
        kind,
        parameters: { links: plainLinks(links), beats: drawBeats(random) },
      };
    }
    if (!Object.hasOwn(SHAPES, kind) && isSpec(kind, nodes))
      return { family: 'partition', kind, parameters: draw(kind, nodes, random) };
    const shape = SHAPES[kind];
    const links = shape === undefined ? explicitLinks(kind, nodes) : shape(random.shuffle(nodes), random);
    return { family: 'partition', kind, parameters: plainLinks(links) };
  },

  takeAway(nodes, others) {
    return { family: 'partition', kind: 'halves', parameters: plainLinks(split([nodes, others])) };
  },

  async aim(plan, ledger): Promise<Fault | string> {
    const { kind, parameters } = plan;
    const links = await linksOf(plan, ledger);
    if (typeof links === 'string') return links;
    if (links.length === 0) return `${kind} cuts nothing among ${ledger.cluster.nodes.length} nodes`;
    if (kind === FLAKY) {
      const { beats } = parameters as unknown as FlakyParameters;
      const strokes = { on: () => ledger.cut(links), off: () => ledger.uncut(links) };
      return flapping(cutOff(links, ledger), strokes, beats, ledger);
    }
    return { ...cutOff(links, ledger), named: { ...plan, parameters: plainLinks(links) } };
  },
};
