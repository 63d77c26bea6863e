/**
 * Probes: whether a fault has its effect, seen from the nodes' side and not from whoever injected it. A link
 * is probed by a frame that the sending node puts on its own connection to the receiver, in line with the
 * program's messages; the receiver remembers what it heard (harness/node/network.ts). They use the cluster
 * contract alone, so they work on every runtime.
 */
import { isJsonObject } from '../json.ts';
import type { PeerConnections } from '../node/connections.ts';
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
/** Milliseconds until a probe is sent anew, unless told otherwise. */
const ROUND_MS = 250;
/** Milliseconds that a node has for each answer: it may be busy, and only one that is not there takes longer. */
const ANSWER_MS = 1000;

/**
 * Sends a probe on each link, all at once, and waits up to `waitMs` for each to arrive; a link that is heard answers
 * at once. Answers in the order of the links. With `times` so many probes on each, of which one is enough to be heard:
 * a link that loses many is not silent.
 */
export function probeLinks(
  cluster: Cluster,
  links: readonly Link[],
  waitMs: number,
  times = 1,
): Promise<LinkProbe[]> {
  return Promise.all(links.map((link) => probeLink(cluster, link, waitMs, times)));
}

/**
 * Those of the links on which nothing is heard within `waitMs`, which a whole cluster has none of. Asks again
 * and again: after a cut a link needs a new connection, and what was sent on the old one is lost. A link on which
 * everything takes longer than `roundMs` counts as silent.
 */
export async function silentLinks(
  cluster: Cluster,
  links: readonly Link[],
  waitMs: number,
  roundMs: number = ROUND_MS,
): Promise<readonly Link[]> {
  const { time } = cluster;
  const deadline = time.now() + waitMs * NANOS_PER_MS;
  let silent = links;
  while (silent.length > 0 && time.now() < deadline) {
    const probes = await probeLinks(cluster, silent, roundMs);
    silent = silent.filter((_, index) => probes[index] !== 'heard');
    if (silent.length > 0) await time.sleep(POLL_MS);
  }
  return silent;
}

/** How many of the probes came to this. */
export function count(probes: readonly LinkProbe[], which: LinkProbe): number {
  return probes.filter((probe) => probe === which).length;
}

/** What became of pings. Links whose ends did not both answer in time are not counted. */
export interface PingCounts {
  readonly sent: number;
  /** Heard in the end. */
  readonly heard: number;
  /** Arrivals in the end: more than heard, where messages are doubled. */
  readonly copies: number;
  /** Arrivals by the time at which all should have been there. */
  readonly onTime: number;
}

/** When pings are counted, in milliseconds after they were sent. */
export interface PingWaits {
  readonly onTimeMs: number;
  readonly waitMs: number;
}

/** Sends `times` probes on each link, all at once, of so many bytes at least, and counts what arrived after `onTimeMs` and after `waitMs`. */
export async function countPings(
  cluster: Cluster,
  links: readonly Link[],
  times: number,
  waits: PingWaits,
  bytes = 0,
): Promise<PingCounts> {
  return addPings(await countPingsOnEach(cluster, links, times, waits, bytes));
}

/** As `countPings`, of each link, in the order of the links; undefined for one whose ends did not both answer in time. */
export function countPingsOnEach(
  cluster: Cluster,
  links: readonly Link[],
  times: number,
  waits: PingWaits,
  bytes = 0,
): Promise<(PingCounts | undefined)[]> {
  return Promise.all(links.map((link) => countOn(cluster, link, times, waits, bytes)));
}

/** What they come to together. */
export function addPings(counts: readonly (PingCounts | undefined)[]): PingCounts {
  const total = (field: keyof PingCounts): number =>
    counts.reduce((sum, count) => sum + (count?.[field] ?? 0), 0);
  return { sent: total('sent'), heard: total('heard'), copies: total('copies'), onTime: total('onTime') };
}

async function countOn(
  cluster: Cluster,
  link: Link,
  times: number,
  { onTimeMs, waitMs }: PingWaits,
  bytes: number,
): Promise<PingCounts | undefined> {
  const nonce = `${linkName(link)}@${cluster.time.now()}`.padEnd(bytes, '.');
  const sent = await cluster.call(link.from, '_/ping', { to: link.to, nonce, times }, ANSWER_MS);
  await cluster.time.sleep(onTimeMs);
  const asked = cluster.time.now();
  const early = await askHeard(cluster, link.to, nonce, times);
  // Of a receiver that took as long again to get to the question nobody knows what was there in time.
  const isPrompt = cluster.time.now() - asked < onTimeMs * NANOS_PER_MS;
  await cluster.time.sleep(waitMs - onTimeMs);
  const late = await askHeard(cluster, link.to, nonce, times);
  if (sent.kind !== 'answer' || early === undefined || !isPrompt || late === undefined) return undefined;
  // It began another life meanwhile, which knows nothing of what arrived in the one before.
  if (late.copies < early.copies) return undefined;
  return { sent: times, heard: late.probes, copies: late.copies, onTime: early.copies };
}

async function askHeard(
  cluster: Cluster,
  node: NodeId,
  nonce: string,
  times: number,
): Promise<{ readonly probes: number; readonly copies: number } | undefined> {
  const reply = await cluster.call(node, '_/heard', { nonce, times }, ANSWER_MS);
  if (reply.kind !== 'answer' || !isJsonObject(reply.body)) return undefined;
  const { probes = 0, copies = 0 } = reply.body;
  return { probes: Number(probes), copies: Number(copies) };
}

/** How many milliseconds the node's wall clock is ahead of true time by its own word, seen from the middle of a call. */
export async function probeClock(
  cluster: Cluster,
  node: NodeId,
  timeoutMs: number,
): Promise<number | undefined> {
  const { time } = cluster;
  const asked = time.wall();
  const reply = await cluster.call(node, '_/health', {}, timeoutMs);
  if (reply.kind !== 'answer' || !isJsonObject(reply.body)) return undefined;
  const { wall } = reply.body;
  return typeof wall === 'number' ? wall - (asked + time.wall()) / 2 : undefined;
}

/** What a node says of a small file that it wrote durably; undefined when it says nothing. */
export interface DiskProbe {
  readonly written: boolean;
  /** How long it took, by the node's own clock. */
  readonly ms: number;
  readonly error?: string;
}

/** Has the node write to its disk. */
export async function probeDisk(
  cluster: Cluster,
  node: NodeId,
  timeoutMs: number,
): Promise<DiskProbe | undefined> {
  const reply = await cluster.call(node, '_/disk', {}, timeoutMs);
  if (reply.kind !== 'answer' || !isJsonObject(reply.body)) return undefined;
  const { written, ms, error } = reply.body;
  const failure = typeof error === 'string' ? { error } : {};
  return { written: written === true, ms: Number(ms), ...failure };
}

/** The byte that the node finds at this place of a file; undefined when there is none, or no answer. */
export async function probeByte(
  cluster: Cluster,
  node: NodeId,
  file: string,
  offset: number,
): Promise<number | undefined> {
  const reply = await cluster.call(node, '_/disk', { file, offset }, ANSWER_MS);
  if (reply.kind !== 'answer' || !isJsonObject(reply.body)) return undefined;
  const { byte } = reply.body;
  return typeof byte === 'number' ? byte : undefined;
}

/** What a node says of its role. */
export interface RoleProbe {
  /** Whether it leads, by its own word. */
  readonly leads: boolean;
  /** Term, ballot or epoch of the role; 0 where it has none. */
  readonly epoch: number;
}

/** Asks a node whether it leads; undefined when it does not answer. */
export async function probeRole(
  cluster: Cluster,
  node: NodeId,
  timeoutMs: number,
): Promise<RoleProbe | undefined> {
  const reply = await cluster.call(node, '_/status', {}, timeoutMs);
  if (reply.kind !== 'answer' || !isJsonObject(reply.body)) return undefined;
  const { role, epoch } = reply.body;
  return { leads: role === 'leader' || role === 'primary', epoch: typeof epoch === 'number' ? epoch : 0 };
}

/** How often the node's program has passed each of its fail points in this life; undefined when it does not answer. */
export async function probePoints(
  cluster: Cluster,
  node: NodeId,
  timeoutMs: number,
): Promise<Readonly<Record<string, number>> | undefined> {
  const reply = await cluster.call(node, '_/points', {}, timeoutMs);
  if (reply.kind !== 'answer' || !isJsonObject(reply.body)) return undefined;
  const counts = Object.entries(reply.body).filter(([, count]) => typeof count === 'number');
  return Object.fromEntries(counts) as Record<string, number>;
}

/** What a node knows of its connections with each peer, in this life; undefined when it does not answer. */
export async function probeConnections(
  cluster: Cluster,
  node: NodeId,
  timeoutMs: number,
): Promise<Readonly<Record<NodeId, PeerConnections>> | undefined> {
  const reply = await cluster.call(node, '_/connections', {}, timeoutMs);
  if (reply.kind !== 'answer' || !isJsonObject(reply.body)) return undefined;
  return reply.body as unknown as Record<NodeId, PeerConnections>;
}

/** Has the sender close the link's connection in order; whether there was one, undefined when it does not answer. */
export async function hangUp(cluster: Cluster, link: Link, timeoutMs: number): Promise<boolean | undefined> {
  const reply = await cluster.call(link.from, '_/hang-up', { to: link.to }, timeoutMs);
  if (reply.kind !== 'answer' || !isJsonObject(reply.body)) return undefined;
  return reply.body['closed'] === true;
}

/** Whether the node can open a file; undefined when it does not answer, as one may not that can take no connection. */
export async function probeDescriptors(
  cluster: Cluster,
  node: NodeId,
  timeoutMs: number,
): Promise<boolean | undefined> {
  const reply = await cluster.call(node, '_/descriptors', {}, timeoutMs);
  if (reply.kind !== 'answer' || !isJsonObject(reply.body)) return undefined;
  return reply.body['opened'] === true;
}

/** Has the node compute for so many milliseconds; how many it was, and how many it took. Undefined when it does not answer. */
export async function probeProcessor(
  cluster: Cluster,
  node: NodeId,
  cpuMs: number,
  timeoutMs: number,
): Promise<{ readonly cpuMs: number; readonly ms: number } | undefined> {
  const reply = await cluster.call(node, '_/processor', { cpuMs }, timeoutMs);
  if (reply.kind !== 'answer' || !isJsonObject(reply.body)) return undefined;
  return { cpuMs: Number(reply.body['cpuMs']), ms: Number(reply.body['ms']) };
}

/** True if the node says that its program has started. */
export async function probeHealth(cluster: Cluster, node: NodeId, timeoutMs: number): Promise<boolean> {
  const reply = await cluster.call(node, '_/health', {}, timeoutMs);
  return reply.kind === 'answer';
}

async function probeLink(cluster: Cluster, link: Link, waitMs: number, times: number): Promise<LinkProbe> {
  const { time } = cluster;
  const nonce = `${linkName(link)}@${time.now()}`;
  const sent = await cluster.call(link.from, '_/ping', { to: link.to, nonce, times }, ANSWER_MS);
  if (sent.kind !== 'answer') return 'unasked';
  const deadline = time.now() + waitMs * NANOS_PER_MS;
  for (;;) {
    // Only a question that is asked after the whole wait proves silence.
    const last = time.now() >= deadline;
    const reply = await cluster.call(link.to, '_/heard', { nonce, times }, ANSWER_MS);
    if (reply.kind === 'answer' && isJsonObject(reply.body) && reply.body['heard'] === true) return 'heard';
    if (last) return reply.kind === 'answer' ? 'silent' : 'unasked';
    await time.sleep(POLL_MS);
  }
}
