/**
 * Conditions: how links and nodes are bent by faults that overlap. A cluster knows the shape of a link and the state of
 * a node only as a whole, so what several faults ask of the same one is added up here, and added up anew when one
 * of them goes.
 */
import type { NodeId } from '../node/program.ts';
import {
  linkName,
  type ClockSkew,
  type Cluster,
  type DiskOperation,
  type DiskTrouble,
  type Link,
  type LinkShape,
} from './cluster.ts';

/** What one fault asks for. */
export type Condition =
  | { readonly of: 'links'; readonly links: readonly Link[]; readonly shape: LinkShape }
  | { readonly of: 'clocks'; readonly skews: ReadonlyMap<NodeId, ClockSkew> }
  | { readonly of: 'disks'; readonly nodes: readonly NodeId[]; readonly trouble: DiskTrouble }
  | { readonly of: 'pace'; readonly nodes: readonly NodeId[]; readonly busyMs: number }
  | { readonly of: 'processors'; readonly nodes: readonly NodeId[]; readonly share: number }
  | { readonly of: 'descriptors'; readonly nodes: readonly NodeId[] };

type Of<Kind extends Condition['of']> = Extract<Condition, { readonly of: Kind }>;

/** Puts into force, wherever `changed` applies, what these conditions come to together. */
export async function applyConditions(
  cluster: Cluster,
  changed: Condition,
  conditions: readonly Condition[],
): Promise<void> {
  switch (changed.of) {
    case 'links':
      await applyShapes(cluster, changed.links, conditions);
      break;
    case 'clocks':
      for (const node of changed.skews.keys()) await cluster.skew(node, skewOf(node, conditions));
      break;
    case 'disks':
      for (const node of changed.nodes) await cluster.breakDisk(node, troubleOf(node, conditions));
      break;
    case 'pace':
      for (const node of changed.nodes) await cluster.slow(node, paceOf(node, conditions));
      break;
    case 'processors':
      for (const node of changed.nodes) await cluster.throttle(node, processorShareOf(node, conditions));
      break;
    case 'descriptors':
      for (const node of changed.nodes)
        await cluster.limitDescriptors(node, isShortOfDescriptors(node, conditions));
      break;
  }
}

/** What the conditions make of this link. */
export function shapeOf(link: Link, conditions: readonly Condition[]): LinkShape {
  const name = linkName(link);
  return select(conditions, 'links')
    .filter(({ links }) => links.some((other) => linkName(other) === name))
    .reduce<LinkShape>((sum, { shape }) => addShapes(sum, shape), {});
}

/** What they make of this node's wall clock. */
export function skewOf(node: NodeId, conditions: readonly Condition[]): ClockSkew {
  return select(conditions, 'clocks').reduce<ClockSkew>(
    (sum, { skews }) => addSkews(sum, skews.get(node) ?? {}),
    {},
  );
}

/** How many milliseconds they make everything take at this node. */
export function paceOf(node: NodeId, conditions: readonly Condition[]): number {
  const slow = select(conditions, 'pace').filter(({ nodes }) => nodes.includes(node));
  return slow.reduce((sum, { busyMs }) => sum + busyMs, 0);
}

/** What share of a processor they leave this node. */
export function processorShareOf(node: NodeId, conditions: readonly Condition[]): number {
  const slow = select(conditions, 'processors').filter(({ nodes }) => nodes.includes(node));
  return slow.reduce((product, { share }) => product * share, 1);
}

/** Whether they keep this node from opening anything more. */
function isShortOfDescriptors(node: NodeId, conditions: readonly Condition[]): boolean {
  return select(conditions, 'descriptors').some(({ nodes }) => nodes.includes(node));
}

/** What they make of this node's disk. */
export function troubleOf(node: NodeId, conditions: readonly Condition[]): DiskTrouble {
  const broken = select(conditions, 'disks').filter(({ nodes }) => nodes.includes(node));
  return broken.reduce<DiskTrouble>((sum, { trouble }) => addTroubles(sum, trouble), {});
}

function select<Kind extends Condition['of']>(conditions: readonly Condition[], kind: Kind): Of<Kind>[] {
  return conditions.filter((condition): condition is Of<Kind> => condition.of === kind);
}

/** Links that come to the same shape are bent together: a runtime may do that at once. */
async function applyShapes(
  cluster: Cluster,
  links: readonly Link[],
  conditions: readonly Condition[],
): Promise<void> {
  const groups = new Map<string, { readonly shape: LinkShape; readonly links: Link[] }>();
  for (const link of links) {
    const shape = shapeOf(link, conditions);
    const key = JSON.stringify(shape);
    const group = groups.get(key) ?? { shape, links: [] };
    group.links.push(link);
    groups.set(key, group);
  }
  for (const group of groups.values()) await cluster.shape(group.links, group.shape);
}

/** Delays add up, the lower rate holds, and a share is struck by either. */
function addShapes(a: LinkShape, b: LinkShape): LinkShape {
  return defined({
    delayMs: sum(a.delayMs, b.delayMs),
    jitterMs: sum(a.jitterMs, b.jitterMs),
    rate: both(a.rate, b.rate, Math.min),
    loss: both(a.loss, b.loss, either),
    duplicate: both(a.duplicate, b.duplicate, either),
    reorder: both(a.reorder, b.reorder, (one, other) => ({
      share: either(one.share, other.share),
      byMs: Math.max(one.byMs, other.byMs),
    })),
    corrupt: both(a.corrupt, b.corrupt, either),
    closeMs: sum(a.closeMs, b.closeMs),
    unresolved: both(a.unresolved, b.unresolved, (one, other) => one || other),
  });
}

function addSkews(a: ClockSkew, b: ClockSkew): ClockSkew {
  return defined({
    offsetMs: sum(a.offsetMs, b.offsetMs),
    driftMs: sum(a.driftMs, b.driftMs),
    strobe: both(a.strobe, b.strobe, (one, other) => ({
      offsetMs: one.offsetMs + other.offsetMs,
      everyMs: Math.min(one.everyMs, other.everyMs),
    })),
  });
}

function addTroubles(a: DiskTrouble, b: DiskTrouble): DiskTrouble {
  return defined({
    full: both(a.full, b.full, (one, other) => one || other),
    failing: both(a.failing, b.failing, either),
    // Where two faults let different operations fail, all of those do, each as often as both together say.
    failingOn: failingOnBoth(a, b),
    slowMs: sum(a.slowMs, b.slowMs),
  });
}

function failingOnBoth(a: DiskTrouble, b: DiskTrouble): readonly DiskOperation[] | undefined {
  const failing = [a, b].filter((trouble) => trouble.failing !== undefined);
  if (failing.some(({ failingOn }) => failingOn === undefined)) return undefined;
  const operations = failing.flatMap(({ failingOn = [] }) => failingOn);
  return operations.length === 0 ? undefined : [...new Set(operations)];
}

/** What both come to where there are two. */
function both<T>(a: T | undefined, b: T | undefined, join: (a: T, b: T) => T): T | undefined {
  return a === undefined || b === undefined ? (a ?? b) : join(a, b);
}

const sum = (a: number | undefined, b: number | undefined): number | undefined =>
  both(a, b, (one, other) => one + other);

/** The probability that at least one of two independent things happens. */
const either = (a: number, b: number): number => 1 - (1 - a) * (1 - b);

type Defined<T> = { [Field in keyof T]?: Exclude<T[Field], undefined> };

/** Without the fields that are undefined: absent is what says that nothing is bent. */
function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
