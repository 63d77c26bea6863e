/**
 * Aim: which nodes a fault strikes. The draw is made from the seed before the cluster exists; only who
 * leads, or follows, is looked up when the fault is injected, because only then is it known.
 */
import { UsageError } from '../harness/errors.ts';
import { allLinks, type Link, type NodeState } from '../harness/cluster/cluster.ts';
import type { Aiming, FaultFamily, FaultLedger, FaultPlan } from '../harness/cluster/fault.ts';
import type { JsonObject } from '../harness/json.ts';
import type { NodeId } from '../harness/node/program.ts';
import type { Random } from '../harness/random.ts';

/** The node specs that are drawn, with a few words each for `splitbrain list`. */
export const AIMS: Readonly<Record<string, string>> = {
  one: 'one node, drawn',
  minority: 'the largest number of nodes that leaves a majority',
  majority: 'the smallest majority',
  all: 'every node',
  leader: 'the node that leads when the fault begins',
};

/** Those that must be asked for: what they strike, the drawn ones strike as well, now and then. */
const FURTHER_AIMS: readonly string[] = ['minority-third', 'follower', 'primary'];

/** Whatever is wrong with a leader or its successor shows when the leader goes: most of what a target can get wrong. */
export const FAVOURITES: readonly string[] = ['leader'];

const SIZE: Readonly<Record<string, (nodes: number) => number>> = {
  one: () => 1,
  minority: (nodes) => Math.max(1, Math.ceil(nodes / 2) - 1),
  'minority-third': (nodes) => Math.max(1, Math.ceil(nodes / 3) - 1),
  majority: (nodes) => Math.floor(nodes / 2) + 1,
  all: (nodes) => nodes,
  // In this order, to choose from when it is known who leads.
  follower: (nodes) => nodes,
};

const isLeader = (aim: string): boolean => aim === 'leader' || aim === 'primary';

/** `n1-n3`: nodes by name. */
const namesIn = (text: string): NodeId[] => text.split('-');

/** What is wrong with this text as a node spec; undefined when it is one. */
export function aimProblem(text: string, nodes: readonly NodeId[]): string | undefined {
  if (Object.hasOwn(AIMS, text) || FURTHER_AIMS.includes(text)) return undefined;
  const named = namesIn(text);
  const unknown = named.find((name) => !nodes.includes(name));
  if (unknown !== undefined)
    return named.length === 1
      ? `"${text}" is neither a node spec nor one of ${nodes.join(' ')}`
      : `there is no node "${unknown}" among ${nodes.join(' ')}`;
  const twice = named.find((name, index) => named.indexOf(name) !== index);
  return twice === undefined ? undefined : `node ${twice} is named twice`;
}

/** For families whose kinds say what is done: the node specs after the `@`. */
export const AIMING: Aiming = {
  form: `${[...Object.keys(AIMS), ...FURTHER_AIMS].join(', ')}, or nodes by name, as n1-n3`,
  problem: aimProblem,
};

/** What families share whose kinds are node specs. */
export const AIMED_KINDS = {
  kinds: AIMS,
  favourites: FAVOURITES,
  explicit: { form: `${FURTHER_AIMS.join(', ')}, or nodes by name, as n1-n3`, problem: aimProblem },
} satisfies Partial<FaultFamily>;

/** The nodes that the spec stands for, those of drawn ones drawn; for a leader or follower, `strikeable` finds it. */
export function draw(aim: string, nodes: readonly NodeId[], random: Random): NodeId[] {
  if (isLeader(aim)) return [];
  const size = SIZE[aim];
  return size === undefined ? namesIn(aim) : random.shuffle(nodes).slice(0, size(nodes.length));
}

/** An aim that was drawn as well, for families whose kinds say what is done and not to whom. */
export type DrawnAim = { readonly aim: string; readonly nodes: readonly NodeId[] };

/** The nodes of this spec; of one that is drawn, unless it is given. Throws a UsageError when it is none. */
export function drawAim(nodes: readonly NodeId[], random: Random, given?: string): DrawnAim {
  const problem = given === undefined ? undefined : aimProblem(given, nodes);
  if (problem !== undefined) throw new UsageError(problem);
  const aim = given ?? random.pick(Object.keys(AIMS));
  return { aim, nodes: draw(aim, nodes, random) };
}

/** The plan with its nodes by name, of a family whose kinds are node specs. */
export function namedByKind({ family, parameters }: FaultPlan, nodes: readonly NodeId[]): FaultPlan {
  const named = Array.isArray(parameters) ? nodes : { ...(parameters as JsonObject), nodes };
  return { family, kind: nodes.join('-'), parameters: named };
}

/** The plan with its nodes by name, of a family whose kinds say what is done. */
export function namedByAim({ parameters, ...plan }: FaultPlan, nodes: readonly NodeId[]): FaultPlan {
  return { ...plan, parameters: { ...(parameters as JsonObject), aim: nodes.join('-'), nodes } };
}

/** All links to and from these nodes. */
export function linksAround(nodes: readonly NodeId[], all: readonly NodeId[]): Link[] {
  return allLinks(all).filter(({ from, to }) => nodes.includes(from) || nodes.includes(to));
}

/** The nodes to strike now: the drawn ones that are in one of these states, or the leader; a sentence when there is none. */
export async function strikeable(
  aim: string,
  drawn: readonly NodeId[],
  states: readonly NodeState[],
  ledger: FaultLedger,
): Promise<readonly NodeId[] | string> {
  const leader = isLeader(aim) || aim === 'follower' ? await ledger.leader() : undefined;
  if (isLeader(aim)) return leader === undefined ? 'no node says that it leads' : [leader];
  const meant = drawn.filter((node) => node !== leader);
  // As the runtime sees them: a node may also have died by itself.
  const found = await Promise.all(meant.map((node) => ledger.cluster.state(node)));
  const nodes = meant.filter((_, index) => states.includes(found[index] ?? 'down'));
  if (nodes.length === 0)
    return `${meant.join(' ')} already ${states.includes('paused') ? 'down' : 'down or paused'}`;
  return aim === 'follower' ? nodes.slice(0, 1) : nodes;
}
