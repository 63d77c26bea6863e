/**
 * Grudges: which directed links each shape of partition cuts. Pure functions of the node list, so that a
 * partition can be drawn from the seed, printed, and checked without a cluster.
 */
import { allLinks, linkName, type Link } from '../harness/cluster/cluster.ts';
import type { NodeId } from '../harness/node/program.ts';

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

/**
 * Nodes in a ring, each of which sees a majority, no two the same one: every node keeps its nearest
 * neighbours on the ring, as many as a majority needs.
 */
export function majoritiesRing(nodes: readonly NodeId[]): Link[] {
  const count = nodes.length;
  // Itself and so many neighbours on either side make a majority.
  const reach = Math.ceil(Math.floor(count / 2) / 2);
  const distance = (a: NodeId, b: NodeId): number => {
    const apart = Math.abs(nodes.indexOf(a) - nodes.indexOf(b));
    return Math.min(apart, count - apart);
  };
  return allLinks(nodes).filter(({ from, to }) => distance(from, to) > reach);
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
