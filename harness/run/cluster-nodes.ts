/**
 * Which nodes a run's cluster is made of, and what they run: the same for a run with a directory and for one in memory.
 */
import type { Ability, ClusterPlan } from '../cluster/cluster.ts';
import type { NodeId } from '../node/program.ts';
import type { TestPlan } from './results.ts';
import type { Target } from './target.ts';

/** Names of so many nodes: n1, n2, …; of those that come `after` so many others. */
export function nodeNames(count: number, after = 0): NodeId[] {
  return Array.from({ length: count }, (_, index) => `n${after + index + 1}`);
}

/** The part of a cluster's plan that follows from the test's. `abilities`: what the test will ask of the cluster. */
export function clusterNodes(
  { nodes, spares = [], variant }: Pick<TestPlan, 'nodes' | 'spares' | 'variant'>,
  target: Target,
  abilities: ReadonlySet<Ability>,
): Pick<ClusterPlan, 'nodes' | 'spares' | 'nodeModule' | 'versions' | 'abilities' | 'options'> {
  const nodeModule = target.variants?.[variant ?? '']?.nodeModule ?? target.nodeModule;
  return {
    nodes,
    nodeModule,
    options: target.options ?? {},
    abilities,
    // Each version is made ready before the start, which takes time.
    ...(abilities.has('upgrade') ? { versions: versionsOf(target, nodeModule) } : {}),
    ...(spares.length === 0 ? {} : { spares }),
  };
}

/** The variants, and `current` for what the run began with. */
function versionsOf({ variants = {} }: Target, current: string): Record<string, string> {
  const named = Object.entries(variants).map(([name, variant]) => [name, variant.nodeModule] as const);
  return { ...Object.fromEntries(named), current };
}
