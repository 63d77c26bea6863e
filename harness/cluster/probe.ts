/**
 * Probes: whether a fault has its effect, seen from the nodes' side and not from whoever injected it. A link
 * is probed by a frame that the sending node puts on its own connection to the receiver, in line with the
 * program's messages; the receiver remembers what it heard (harness/node/network.ts). They use the cluster
 * contract alone, so they work on every runtime.
 */
import { isJsonObject } from '../json.ts';
import type { NodeId } from '../node/program.ts';
import { NANOS_PER_MS } from '../time.ts';
import { linkName, type Cluster, type Link } from './cluster.ts';

/**
 * What a probe of the link showed: `heard`, it arrived; `silent`, it was sent, and the receiver says that it
 * did not arrive; `unasked`, one of the nodes did not answer, which says nothing about the link.
 */
export type LinkProbe = 'heard' | 'silent' | 'unasked';

/** Milliseconds between two questions to a receiver. */
const POLL_MS = 20;
/** Milliseconds until a probe is sent anew. */
const ROUND_MS = 250;
/** Milliseconds that a node has for each answer: it may be busy, and only one that is not there takes longer. */
const ANSWER_MS = 1000;

/**
 * Sends one probe on each link, all at once, and waits up to `waitMs` for each to arrive; a link that is
 * heard answers at once. Answers in the order of the links.
 */
export function probeLinks(cluster: Cluster, links: readonly Link[], waitMs: number): Promise<LinkProbe[]> {
  return Promise.all(links.map((link) => probeLink(cluster, link, waitMs)));
}

/**
 * Those of the links on which nothing is heard within `waitMs`, which a whole cluster has none of. Asks again
 * and again: after a cut a link needs a new connection, and what was sent on the old one is lost.
 */
export async function silentLinks(
  cluster: Cluster,
  links: readonly Link[],
  waitMs: number,
): Promise<readonly Link[]> {
  const { time } = cluster;
  const deadline = time.now() + waitMs * NANOS_PER_MS;
  let silent = links;
  while (silent.length > 0 && time.now() < deadline) {
    const probes = await probeLinks(cluster, silent, ROUND_MS);
    silent = silent.filter((_, index) => probes[index] !== 'heard');
    if (silent.length > 0) await time.sleep(POLL_MS);
  }
  return silent;
}

/** How many of the probes came to this. */
export function count(probes: readonly LinkProbe[], which: LinkProbe): number {
  return probes.filter((probe) => probe === which).length;
}

/** True if the node says that its program has started. */
export async function probeHealth(cluster: Cluster, node: NodeId, timeoutMs: number): Promise<boolean> {
  const reply = await cluster.call(node, '_/health', {}, timeoutMs);
  return reply.kind === 'answer';
}

async function probeLink(cluster: Cluster, link: Link, waitMs: number): Promise<LinkProbe> {
  const { time } = cluster;
  const nonce = `${linkName(link)}@${time.now()}`;
  const sent = await cluster.call(link.from, '_/ping', { to: link.to, nonce }, ANSWER_MS);
  if (sent.kind !== 'answer') return 'unasked';
  const deadline = time.now() + waitMs * NANOS_PER_MS;
  for (;;) {
    // Only a question that is asked after the whole wait proves silence.
    const last = time.now() >= deadline;
    const reply = await cluster.call(link.to, '_/heard', { nonce }, ANSWER_MS);
    if (reply.kind === 'answer' && isJsonObject(reply.body) && reply.body['heard'] === true) return 'heard';
    if (last) return reply.kind === 'answer' ? 'silent' : 'unasked';
    await time.sleep(POLL_MS);
  }
}
