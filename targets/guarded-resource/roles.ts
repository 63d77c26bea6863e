/**
 * Who is what in a cluster of locks: the last node is the resource, all before it serve the lock. Nodes and clients
 * must agree, so both ask here.
 */
import type { NodeId } from '../../harness/node/program.ts';

/** `n2` comes before `n10`. */
function inOrder(a: NodeId, b: NodeId): number {
  return a.length - b.length || (a < b ? -1 : 1);
}

/** The node that is the resource. */
export function resourceOf(nodes: readonly NodeId[]): NodeId {
  return nodes.toSorted(inOrder).at(-1) ?? '';
}

/** The nodes that serve the lock. */
export function lockServersOf(nodes: readonly NodeId[]): NodeId[] {
  return nodes.toSorted(inOrder).slice(0, -1);
}

/** Of so many nodes, how many may be missing where a majority of those that serve the lock is needed. */
export function minorityOfServers(nodes: number): number {
  return Math.ceil((nodes - 1) / 2) - 1;
}
