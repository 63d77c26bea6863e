/**
 * Packet filter rules of one node, derived from all cuts in force. The whole set is written anew on every
 * change, in one atomic restore of a chain of our own: healing one fault cannot take another's rules away,
 * and nothing outside that chain is touched.
 *
 * A link A->B is the connection that A dialled to B's peer port. Only packets towards that port are
 * dropped, so what B sends to A - on the connection that B dialled - goes on. The same rule stands on both
 * ends: at the sender's OUTPUT and at the receiver's INPUT, which both jump to the chain.
 */
import type { NodeId } from '../../node/program.ts';
import type { Link } from '../cluster.ts';

const CHAIN = 'SPLITBRAIN';

/** Reads a rule set on stdin, waiting at most 5 s for the lock, and leaves other chains alone. */
export const RESTORE = 'iptables-restore -w 5 -n';

/** What rules need to know of a cluster. */
export interface Addresses {
  /** IPv4 address of each node. */
  readonly ips: ReadonlyMap<NodeId, string>;
  readonly peerPort: number;
}

/**
 * The input of `iptables-restore -n` for this node: the chain, emptied and filled with the cuts that touch
 * the node. `fresh` adds the jumps to it: once, in a network namespace that has no rules yet.
 */
export function rulesOf(node: NodeId, cuts: Iterable<Link>, addresses: Addresses, fresh: boolean): string {
  const lines = ['*filter', `:${CHAIN} - [0:0]`];
  if (fresh) lines.push(`-A INPUT -j ${CHAIN}`, `-A OUTPUT -j ${CHAIN}`);
  for (const { from, to } of cuts) {
    if (from !== node && to !== node) continue;
    const [source, destination] = [addressOf(from, addresses), addressOf(to, addresses)];
    lines.push(`-A ${CHAIN} -s ${source} -d ${destination} -p tcp --dport ${addresses.peerPort} -j DROP`);
  }
  return [...lines, 'COMMIT', ''].join('\n');
}

function addressOf(node: NodeId, addresses: Addresses): string {
  const ip = addresses.ips.get(node);
  if (ip === undefined) throw new RangeError(`no node "${node}" in this cluster`);
  return ip;
}
