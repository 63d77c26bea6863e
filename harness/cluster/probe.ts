/**
 * Probes: whether a fault has its effect, seen from the nodes' side and not from whoever injected it. A link
 * is probed by a frame that the sending node puts on its own connection to the receiver, in line with the
 * program's messages; the receiver remembers what it heard (harness/node/network.ts). They use the cluster
 * contract alone, so they work on every runtime.
 */
import { isJsonObject } from '../json.ts';
import type { NodeId } from '../node/program.ts';
import { NANOS_PER_MS } from '../time.ts';
import type { Cluster, Link } from './cluster.ts';

/** Whether a probe sent on the link arrived. */
export interface LinkProbe {
  readonly link: Link;
  readonly heard: boolean;
}

/** Milliseconds between two questions to a receiver. */
const POLL_MS = 20;

/**
 * Sends one probe on each link, all at once, and waits up to `waitMs` for each to arrive; a link that is
 * heard answers at once. Not heard: the link is silent, or one of its nodes is not there to ask.
 */
export function probeLinks(cluster: Cluster, links: readonly Link[], waitMs: number): Promise<LinkProbe[]> {
  return Promise.all(links.map(async (link) => ({ link, heard: await probeLink(cluster, link, waitMs) })));
}

/** True if the node says that its program has started. */
export async function probeHealth(cluster: Cluster, node: NodeId, timeoutMs: number): Promise<boolean> {
  const reply = await cluster.call(node, '_/health', {}, timeoutMs);
  return reply.kind === 'answer';
}

async function probeLink(cluster: Cluster, { from, to }: Link, waitMs: number): Promise<boolean> {
  const { time } = cluster;
  const start = time.now();
  const deadline = start + waitMs * NANOS_PER_MS;
  const remainingMs = (): number => Math.ceil((deadline - time.now()) / NANOS_PER_MS);
  const nonce = `${from}>${to}@${start}`;
  const sent = await cluster.call(from, '_/ping', { to, nonce }, waitMs);
  if (sent.kind !== 'answer') return false;
  while (remainingMs() > 0) {
    const reply = await cluster.call(to, '_/heard', { nonce }, remainingMs());
    if (reply.kind === 'answer' && isJsonObject(reply.body) && reply.body['heard'] === true) return true;
    await time.sleep(POLL_MS);
  }
  return false;
}
