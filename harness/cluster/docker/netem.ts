/**
 * Delay and rate of links by the kernel's own traffic control, where it has netem (tc-netem(8)): a class for each peer
 * under an htb at the root, to which a filter sends what this node says on its own connection to that peer, and a netem
 * in each class. So a link is late in one direction, and the answers that travel back on it are not.
 *
 * Classes and filters are made once; after that a change changes the parameters of one netem, and what waits in it stays.
 */
import type { LinkShape, Way } from '../cluster.ts';
import { emulated, native } from '../unable.ts';

/** The network interface of a container with one network. */
const DEVICE = 'eth0';
/** What a class may pass: more than a bridge does. */
const UNBOUNDED = 'rate 10gbit burst 15k quantum 60000';
/** Packets that wait in a queue at most: more than what a sender may have under way. */
const PACKETS_MAX = 50_000;

/** Tells whether the kernel has what it takes. */
export const NETEM_TRIAL = [
  'tc qdisc add dev lo root handle 1: htb',
  `tc class add dev lo parent 1: classid 1:1 htb ${UNBOUNDED}`,
  'tc qdisc add dev lo parent 1:1 netem delay 1ms',
  'tc qdisc del dev lo root',
].join(' && ');

/** A link out of this node. */
export interface QueuedLink {
  /** IPv4 address of the receiver. */
  readonly ip: string;
  /** Its position in the cluster, from 0: names the class. */
  readonly position: number;
  readonly shape: LinkShape;
}

/** The part of a shape that netem does. */
export function queuedPart({ delayMs, jitterMs, rate }: LinkShape): LinkShape {
  return {
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(jitterMs === undefined ? {} : { jitterMs }),
    ...(rate === undefined ? {} : { rate }),
  };
}

/** The part that it does not. */
export function unqueuedPart({ delayMs: _, jitterMs: __, rate: ___, ...rest }: LinkShape): LinkShape {
  return rest;
}

/**
 * Commands that bring these shapes of all links out of a node into force.
 *
 * @param fresh in a network namespace that has no queues yet: makes them first
 */
export function queuesOf(links: readonly QueuedLink[], peerPort: number, fresh: boolean): string {
  const commands = fresh
    ? [
        `tc qdisc replace dev ${DEVICE} root handle 1: htb default 0 direct_qlen ${PACKETS_MAX}`,
        ...links.flatMap((link) => classOf(link, peerPort)),
      ]
    : [];
  return [...commands, ...links.map(netemOf)].join('\n');
}

function classOf({ ip, position }: QueuedLink, peerPort: number): string[] {
  const flow = `1:${(position + 1).toString(16)}`;
  const match = `match ip dst ${ip}/32 match ip protocol 6 0xff match ip dport ${peerPort} 0xffff`;
  return [
    `tc class add dev ${DEVICE} parent 1: classid ${flow} htb ${UNBOUNDED}`,
    `tc filter add dev ${DEVICE} parent 1: protocol ip prio ${position + 1} u32 ${match} flowid ${flow}`,
  ];
}

function netemOf({ position, shape }: QueuedLink): string {
  const { delayMs = 0, jitterMs = 0, rate = 0 } = shape;
  const major = (0x100 + position).toString(16);
  // netem's delay is the middle of what it draws from, ours the least.
  const middle = Math.round(1000 * (delayMs + jitterMs / 2));
  const deviation = Math.round((1000 * jitterMs) / 2);
  const bits = Math.round(8 * rate);
  return (
    `tc qdisc replace dev ${DEVICE} parent 1:${(position + 1).toString(16)} handle ${major}: ` +
    `netem limit ${PACKETS_MAX} delay ${middle}us ${deviation}us rate ${bits}bit`
  );
}

/** Whether a container has found netem in the kernel; until one has tried, the kernel counts as one that lacks it. */
let found = false;

/** A container has tried. */
export function noteNetem(works: boolean): void {
  found = works;
}

/** How messages are made late, and how their rate is bounded. */
export function queueingWay(): Way {
  return found
    ? native('tc netem in the container of the sender')
    : emulated('a proxy beside the sender, where the kernel has no netem');
}
