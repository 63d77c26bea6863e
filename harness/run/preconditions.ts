/**
 * A test begins only on a cluster that is whole - every node answers and hears every other - else what is
 * found says nothing about the target; and it ends on one, else a fault that should be gone is not.
 *
 * That a cluster begins empty is not probed, since no question fits every target: runtimes give each run new
 * disks, and the process runtime, whose disks are directories anybody may have filled, refuses one that is not
 * empty.
 */
import { type Cluster, allLinks, linkName } from '../cluster/cluster.ts';
import { probeHealth, silentLinks } from '../cluster/probe.ts';
import { HarnessError } from '../errors.ts';
import type { NodeId } from '../node/program.ts';

const ANSWER_MS = 5000;
const CARRY_MS = 5000;

/** Throws a HarnessError that names the nodes and links that are not as they should be. */
export async function requireWhole(cluster: Cluster): Promise<void> {
  const flaw = await flawOf(cluster);
  if (flaw !== undefined) throw new HarnessError(`before the test began ${flaw}; see the nodes' logs`);
}

/** What keeps the cluster of these nodes, the first ones unless given, from being whole, in words; undefined when it is. */
export async function flawOf(
  cluster: Cluster,
  nodes: readonly NodeId[] = cluster.nodes,
): Promise<string | undefined> {
  const health = await Promise.all(nodes.map((node) => probeHealth(cluster, node, ANSWER_MS)));
  const mute = nodes.filter((_, index) => health[index] !== true);
  if (mute.length > 0) return `${mute.join(', ')} did not answer within ${ANSWER_MS} ms`;
  const silent = await silentLinks(cluster, allLinks(nodes), CARRY_MS);
  if (silent.length === 0) return undefined;
  return `no message came through on ${silent.map(linkName).join(', ')} within ${CARRY_MS} ms`;
}
