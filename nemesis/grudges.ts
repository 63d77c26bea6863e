/**
 * Grudges: which directed links each shape of partition cuts. Pure functions of the node list, so that a
 * partition can be drawn from the seed, printed, and checked without a cluster.
 */
import { allLinks, linkName, type Link } from '../harness/cluster/cluster.ts';
import type { NodeId } from '../harness/node/program.ts';
import type { Random } from '../harness/random.ts';

/** Cuts both ways between groups: nodes of one group hear only each other. */
export function split(groups: readonly (readonly NodeId[])[]): Link[] {
  const groupOf = new Map(groups.flatMap((group, index) => group.map((node) => [node, index] as const)));
  return allLinks(groups.flat()).filter(({ from, to }) => groupOf.get(from) !== groupOf.get(to));
}

/** Two halves in this order; the first is the smaller when the number is odd. */
export function halves(nodes: readonly NodeId[]): Link[] {
  const middle = Math.floor(nodes.length / 2);
  return split([nodes.slice(0, middle), nodes.slice(middle)]);
}

/** The node hears nobody and nobody hears it. */
export function isolate(node: NodeId, nodes: readonly NodeId[]): Link[] {
  return split([[node], nodes.filter((other) => other !== node)]);
}

/** Two halves that only the first node, the bridge, can talk across. */
export function bridge(nodes: readonly NodeId[]): Link[] {
  const [, ...rest] = nodes;
  return halves(rest);
}

/** The largest cluster that the exact ring is for: in larger ones it would be the same ring each time. */
const EXACT_RING_MAX = 5;
/** Attempts at a drawn ring in which no two nodes see the same. */
const RINGS_MAX = 100;

/**
 * Every node sees a majority, and no two the same one. Up to five nodes stand in a ring, and keep their nearest neighbours
 * on it, as many as a majority needs; of more, each keeps nodes that are drawn (Jepsen's majorities-ring-stochastic).
 */
export function majoritiesRing(nodes: readonly NodeId[], random: Random): Link[] {
  if (nodes.length <= EXACT_RING_MAX) return exactRing(nodes);
  for (let attempt = 0; ; attempt++) {
    const seen = drawnMajorities(nodes, random);
    const views = new Set([...seen.values()].map((others) => [...others].sort().join(' ')));
    if (views.size === nodes.length || attempt === RINGS_MAX)
      return allLinks(nodes).filter(({ from, to }) => seen.get(from)?.has(to) !== true);
  }
}

function exactRing(nodes: readonly NodeId[]): Link[] {
  const count = nodes.length;
  // Itself and so many neighbours on either side make a majority.
  const reach = Math.ceil(Math.floor(count / 2) / 2);
  const distance = (a: NodeId, b: NodeId): number => {
    const apart = Math.abs(nodes.indexOf(a) - nodes.indexOf(b));
    return Math.min(apart, count - apart);
  };
  return allLinks(nodes).filter(({ from, to }) => distance(from, to) > reach);
}

/** Whom each node sees, itself included: the one that sees fewest is joined to another that sees few, until all see a majority. */
function drawnMajorities(nodes: readonly NodeId[], random: Random): Map<NodeId, Set<NodeId>> {
  const seen = new Map(nodes.map((node) => [node, new Set([node])]));
  const majority = Math.floor(nodes.length / 2) + 1;
  const sees = (node: NodeId): number => seen.get(node)?.size ?? 0;
  for (;;) {
    const [poorest = '', ...rest] = random.shuffle(nodes).sort((a, b) => sees(a) - sees(b));
    if (sees(poorest) >= majority) return seen;
    const partner = rest.find((node) => seen.get(poorest)?.has(node) !== true) ?? poorest;
    seen.get(poorest)?.add(partner);
    seen.get(partner)?.add(poorest);
  }
}

/** The first half cannot be heard by the second; the other way works. */
export function oneWay(nodes: readonly NodeId[]): Link[] {
  const middle = Math.floor(nodes.length / 2);
  const deaf = nodes.slice(middle);
  return nodes.slice(0, middle).flatMap((from) => deaf.map((to) => ({ from, to })));
}

/** Links in words: `n1 n2 | n3 n4 n5` for a split, else `n1→n2 n1→n3 …`. */
export function describeLinks(links: readonly Link[], nodes: readonly NodeId[]): string {
  const cut = new Set(links.map(linkName));
  const groups: NodeId[][] = [];
  for (const node of nodes) {
    const home = groups.find((group) =>
      group.every((other) => !cut.has(`${node}>${other}`) && !cut.has(`${other}>${node}`)),
    );
    if (home === undefined) groups.push([node]);
    else home.push(node);
  }
  if (split(groups).length === links.length) {
    return `${groups.map((group) => group.join(' ')).join(' | ')} cut both ways`;
  }
  const both = links.filter(({ from, to }) => from < to && cut.has(`${to}>${from}`));
  const single = links.filter(({ from, to }) => !cut.has(`${to}>${from}`));
  return [
    ...both.map(({ from, to }) => `${from}↮${to}`),
    ...single.map(({ from, to }) => `${from}↛${to}`),
  ].join(' ');
}
