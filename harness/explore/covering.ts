/**
 * Partitions that are chosen to cover. Most bugs that a partition shows need only a few nodes to be parted in a
 * certain way - these two, a leader from its majority, this minority from the rest - and a small family of partitions
 * does all of that to all nodes (Majumdar and Niksic, "Why is random testing effective for partition tolerance
 * bugs?", POPL 2018). Drawing each partition by itself covers the same only after many more.
 */
import type { NodeId } from '../node/program.ts';
import type { Random } from '../random.ts';

/** Groups of nodes that hear only their own. */
export type Partition = readonly (readonly NodeId[])[];

/** What a family covers, in the paper's words; the numbers are its k and l. */
export const GOALS = ['2-splitting', '3-splitting', '1,2-separation', 'minority-isolation'] as const;

/** See GOALS. */
export type Goal = (typeof GOALS)[number];

/** Partitions that are tried for each that is taken. */
const CANDIDATES = 8;
/** Larger clusters have too many goals to count them all; so many are drawn. */
const GOALS_MAX = 100;
/** Two nodes can be parted in one way only. */
const NODES_MIN = 3;

/**
 * Partitions, `most` at most, that cover the goal for all nodes, in an order in which the first cover most. Empty when
 * there are too few nodes.
 */
export function coveringFamily(
  goal: Goal,
  nodes: readonly NodeId[],
  random: Random,
  most = Infinity,
): Partition[] {
  if (nodes.length < NODES_MIN) return [];
  let open = partingsOf(goal, nodes, random);
  const family: Partition[] = [];
  while (open.length > 0 && family.length < most) {
    const candidates = Array.from({ length: CANDIDATES }, () => drawPartition(goal, nodes, random));
    // One at least is covered each time: that which the last candidate is made for.
    const [first] = open;
    if (first !== undefined) candidates.push(partitionFor(first, nodes));
    const best = candidates
      .map((partition) => ({ partition, left: open.filter((one) => !covers(partition, one)) }))
      .reduce((a, b) => (b.left.length < a.left.length ? b : a));
    family.push(best.partition);
    open = best.left;
  }
  return family;
}

/** As `--nemesis` writes it: `n1-n2/n3-n4-n5`. */
export function partitionText(partition: Partition): string {
  return partition.map((group) => group.join('-')).join('/');
}

/** Sets of nodes, no two of which may share a group; `alone`: the first must have a group to itself. */
interface Parting {
  readonly sets: readonly (readonly NodeId[])[];
  readonly alone: boolean;
}

/** Whether the partition does that. */
function covers(partition: Partition, { sets, alone }: Parting): boolean {
  const homes = sets.map((set) => partition.filter((group) => group.some((node) => set.includes(node))));
  const apart = new Set(homes.flat()).size === homes.flat().length;
  if (!apart || !alone) return apart;
  const [first = []] = sets;
  return partition.some(
    (group) => group.length === first.length && group.every((node) => first.includes(node)),
  );
}

function partingsOf(goal: Goal, nodes: readonly NodeId[], random: Random): Parting[] {
  const some = (size: number): NodeId[][] => subsets(nodes, size, random);
  const singles = (set: readonly NodeId[]): Parting => ({ sets: set.map((node) => [node]), alone: false });
  switch (goal) {
    case '2-splitting':
      return some(2).map(singles);
    case '3-splitting':
      return some(3).map(singles);
    case '1,2-separation':
      return some(3).flatMap((set) =>
        set.map((one) => ({ sets: [[one], set.filter((other) => other !== one)], alone: false })),
      );
    case 'minority-isolation':
      return some(minorityOf(nodes)).map((set) => ({ sets: [set], alone: true }));
  }
}

/** The largest number of nodes that leaves a majority. */
function minorityOf(nodes: readonly NodeId[]): number {
  return Math.ceil(nodes.length / 2) - 1;
}

/** Groups as even as can be: a random even partition covers most. */
function drawPartition(goal: Goal, nodes: readonly NodeId[], random: Random): Partition {
  const order = random.shuffle(nodes);
  if (goal === 'minority-isolation') {
    const size = minorityOf(nodes);
    return [order.slice(0, size), order.slice(size)];
  }
  const count = goal === '3-splitting' ? 3 : 2;
  return Array.from({ length: count }, (_, group) => order.filter((_node, index) => index % count === group));
}

function partitionFor({ sets }: Parting, nodes: readonly NodeId[]): Partition {
  const rest = nodes.filter((node) => !sets.flat().includes(node));
  return [...sets, rest].filter((group) => group.length > 0);
}

/** All subsets of this size in a drawn order, or as many as may be. */
function subsets<T>(items: readonly T[], size: number, random: Random): T[][] {
  if (numberOfSubsets(items.length, size) <= GOALS_MAX) return random.shuffle(every(items, size));
  return Array.from({ length: GOALS_MAX }, () => random.shuffle(items).slice(0, size));
}

function numberOfSubsets(count: number, size: number): number {
  return size === 0 ? 1 : (numberOfSubsets(count - 1, size - 1) * count) / size;
}

function every<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, index) =>
    every(items.slice(index + 1), size - 1).map((rest) => [item, ...rest]),
  );
}
