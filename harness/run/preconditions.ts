/**
 * Preconditions: a test begins only on a cluster that is whole. Every node answers and hears every other;
 * else what is found later would say nothing about the target.
 */
import type { Cluster, Link } from '../cluster/cluster.ts';
import { probeHealth, probeLinks } from '../cluster/probe.ts';
import { HarnessError } from '../errors.ts';

const ANSWER_MS = 5000;
const CARRY_MS = 5000;

/** Throws a HarnessError that names the nodes and links that are not as they should be. */
export async function requireWhole(cluster: Cluster): Promise<void> {
  const health = await Promise.all(cluster.nodes.map((node) => probeHealth(cluster, node, ANSWER_MS)));
  const silent = cluster.nodes.filter((_, index) => health[index] !== true);
  if (silent.length > 0) {
    throw new HarnessError(
      `before the test began ${silent.join(', ')} did not answer within ${ANSWER_MS} ms; see the nodes' logs`,
    );
  }
  const links: Link[] = cluster.nodes.flatMap((from) =>
    cluster.nodes.filter((to) => to !== from).map((to) => ({ from, to })),
  );
  const deaf = (await probeLinks(cluster, links, CARRY_MS)).filter((result) => !result.heard);
  if (deaf.length > 0) {
    const names = deaf.map(({ link }) => `${link.from} to ${link.to}`).join(', ');
    throw new HarnessError(
      `before the test began no message came through from ${names} within ${CARRY_MS} ms; see the nodes' logs`,
    );
  }
}
