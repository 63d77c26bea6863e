/**
 * The ensemble of a simulated coordination service, for stories that are about its leader.
 */
import type { Cluster } from '../../../../harness/cluster/cluster.ts';
import { isJsonObject } from '../../../../harness/json.ts';
import type { NodeId } from '../../../../harness/node/program.ts';
import { lockServersOf } from '../../../../targets/guarded-resource/roles.ts';

/** Who leads; there must be somebody. */
export async function leaderOf(cluster: Cluster): Promise<NodeId> {
  for (const node of lockServersOf(cluster.nodes)) {
    const reply = await cluster.call(node, '_/status', {}, 1000);
    if (reply.kind === 'answer' && isJsonObject(reply.body) && reply.body['role'] === 'leader') return node;
  }
  throw new Error('nobody leads');
}

/** Cuts this server off from the others, in both directions; clients still reach it. */
export async function cutOff(cluster: Cluster, node: NodeId): Promise<void> {
  const others = lockServersOf(cluster.nodes).filter((other) => other !== node);
  const links = others.flatMap((other) => [
    { from: node, to: other },
    { from: other, to: node },
  ]);
  await cluster.cut(links);
}
