/**
 * Packet filter rules of one node, derived from all faults in force. The whole set is written anew on every
 * change, in one atomic restore of chains of our own: healing one fault cannot take another's rules away,
 * and nothing outside those chains is touched.
 *
 * A link A->B is the connection that A dialled to B's peer port. Only packets towards that port are
 * dropped, so what B sends to A - on the connection that B dialled - goes on. The same rule stands on both
 * ends: at the sender's OUTPUT and at the receiver's INPUT, which both jump to the chain.
 */
import type { NodeId } from '../../node/program.ts';
import type { Link } from '../cluster.ts';
import { AGENT_USER } from './layout.ts';

const CHAIN = 'SPLITBRAIN';

/** Reads a rule set on stdin, waiting at most 5 s for the lock, and leaves other chains alone. */
export const RESTORE = 'iptables-restore -w 5 -n';

/** What rules need to know of a cluster. */
export interface Addresses {
  /** IPv4 address of each node. */
  readonly ips: ReadonlyMap<NodeId, string>;
  readonly peerPort: number;
}

/** A connection of which the receiver knows nothing any more, and which must not tell its sender so. */
export interface HalfOpen {
  readonly link: Link;
  /** The port of the sender. */
  readonly port: number;
}

/** A link out of a node that leads through its agent. */
export interface Redirect {
  readonly to: NodeId;
  /** Where the agent listens. */
  readonly listen: number;
}

/**
 * The input of `iptables-restore -n` for this node: the chain, emptied and filled with the cuts and the half-open
 * connections that touch the node. `fresh` adds the jumps to it: once, in a network namespace that has no rules yet.
 */
export function rulesOf(
  node: NodeId,
  cuts: Iterable<Link>,
  addresses: Addresses,
  fresh: boolean,
  halfOpen: Iterable<HalfOpen> = [],
): string {
  const lines = ['*filter', `:${CHAIN} - [0:0]`];
  if (fresh) lines.push(`-A INPUT -j ${CHAIN}`, `-A OUTPUT -j ${CHAIN}`);
  for (const { from, to } of cuts) {
    if (from !== node && to !== node) continue;
    const [source, destination] = [addressOf(from, addresses), addressOf(to, addresses)];
    lines.push(`-A ${CHAIN} -s ${source} -d ${destination} -p tcp --dport ${addresses.peerPort} -j DROP`);
  }
  for (const { link, port } of halfOpen) {
    if (link.to !== node) continue;
    const [sender, receiver] = [addressOf(link.from, addresses), addressOf(link.to, addresses)];
    const back = `-s ${receiver} -d ${sender} -p tcp --sport ${addresses.peerPort} --dport ${port}`;
    lines.push(`-A ${CHAIN} ${back} --tcp-flags RST RST -j DROP`);
  }
  return [...lines, 'COMMIT', ''].join('\n');
}

/**
 * The same for the table that rewrites addresses: this node's own connections to these peers go to its agent, and the
 * agent's own do not.
 */
export function redirectsOf(redirects: readonly Redirect[], addresses: Addresses, fresh: boolean): string {
  const lines = ['*nat', `:${CHAIN} - [0:0]`];
  if (fresh) lines.push(`-A OUTPUT -j ${CHAIN}`);
  for (const { to, listen } of redirects) {
    const own = `-m owner ! --uid-owner ${AGENT_USER}`;
    const towards = `-d ${addressOf(to, addresses)} -p tcp --dport ${addresses.peerPort}`;
    lines.push(`-A ${CHAIN} ${towards} ${own} -j REDIRECT --to-ports ${listen}`);
  }
  return [...lines, 'COMMIT', ''].join('\n');
}

function addressOf(node: NodeId, addresses: Addresses): string {
  const ip = addresses.ips.get(node);
  if (ip === undefined) throw new RangeError(`no node "${node}" in this cluster`);
  return ip;
}
