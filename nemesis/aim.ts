/**
 * Aim: which nodes a fault strikes. The draw is made from the seed before the cluster exists; only who
 * leads is looked up when the fault is injected, because only then is it known.
 */
import { allLinks, type Link, type NodeState } from '../harness/cluster/cluster.ts';
import type { FaultLedger } from '../harness/cluster/fault.ts';
import type { NodeId } from '../harness/node/program.ts';
import type { Random } from '../harness/random.ts';

/** The node specs, with a few words each for `splitbrain list`. */
export const AIMS: Readonly<Record<string, string>> = {
  one: 'one node, drawn',
  minority: 'the largest number of nodes that leaves a majority',
  majority: 'the smallest majority',
  all: 'every node',
  leader: 'the node that leads when the fault begins',
};

/** Whatever is wrong with a leader or its successor shows when the leader goes: most of what a target can get wrong. */
export const FAVOURITES: readonly string[] = ['leader'];

const SIZE: Readonly<Record<string, (nodes: number) => number>> = {
  one: () => 1,
  minority: (nodes) => Math.max(1, Math.ceil(nodes / 2) - 1),
  majority: (nodes) => Math.floor(nodes / 2) + 1,
  all: (nodes) => nodes,
};

/** The drawn nodes; none for `leader`, whom `strikeable` finds. */
export function draw(kind: string, nodes: readonly NodeId[], random: Random): NodeId[] {
  const size = SIZE[kind]?.(nodes.length) ?? 0;
  return random.shuffle(nodes).slice(0, size);
}

/** An aim that was drawn as well, for families whose kinds say what is done and not to whom. */
export type DrawnAim = { readonly aim: string; readonly nodes: readonly NodeId[] };

/** Draws a node spec, and its nodes. */
export function drawAim(nodes: readonly NodeId[], random: Random): DrawnAim {
  const aim = random.pick(Object.keys(AIMS));
  return { aim, nodes: draw(aim, nodes, random) };
}

/** All links to and from these nodes. */
export function linksAround(nodes: readonly NodeId[], all: readonly NodeId[]): Link[] {
  return allLinks(all).filter(({ from, to }) => nodes.includes(from) || nodes.includes(to));
}

/** The nodes to strike now: the drawn ones that are in one of these states, or the leader; a sentence when there is none. */
export async function strikeable(
  kind: string,
  drawn: readonly NodeId[],
  states: readonly NodeState[],
  ledger: FaultLedger,
): Promise<readonly NodeId[] | string> {
  if (kind === 'leader') {
    const leader = await ledger.leader();
    return leader === undefined ? 'no node says that it leads' : [leader];
  }
  // As the runtime sees them: a node may also have died by itself.
  const found = await Promise.all(drawn.map((node) => ledger.cluster.state(node)));
  const nodes = drawn.filter((_, index) => states.includes(found[index] ?? 'down'));
  return nodes.length === 0
    ? `${drawn.join(' ')} already ${states.includes('paused') ? 'down' : 'down or paused'}`
    : nodes;
}
