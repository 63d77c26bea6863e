/**
 * The fault ledger: what is now down, paused or cut, and how often. Faults of several families overlap, so
 * a link or a node is released only when the last fault that holds it lets go; that is how healing one
 * leaves the others alone.
 */
import type { NodeId } from '../node/program.ts';
import type { Cluster, Link } from './cluster.ts';
import type { FaultLedger } from './fault.ts';

const STATUS_TIMEOUT_MS = 500;

const nameOf = (link: Link): string => `${link.from}>${link.to}`;

/** Keeps the ledger of one cluster. */
export function createLedger(cluster: Cluster): FaultLedger {
  const struck = new Map<NodeId, 'down' | 'paused'>();
  const cuts = new Map<string, { readonly link: Link; holders: number }>();
  const healthy = (): NodeId[] => cluster.nodes.filter((node) => !struck.has(node));

  return {
    cluster,
    healthy,
    strike(node, how) {
      struck.set(node, how);
    },
    release(node) {
      struck.delete(node);
    },
    async cut(links) {
      const fresh: Link[] = [];
      for (const link of links) {
        const held = cuts.get(nameOf(link));
        if (held !== undefined) held.holders++;
        else {
          cuts.set(nameOf(link), { link, holders: 1 });
          fresh.push(link);
        }
      }
      await cluster.cut(fresh);
    },
    async uncut(links) {
      const freed: Link[] = [];
      for (const link of links) {
        const held = cuts.get(nameOf(link));
        if (held === undefined) continue;
        held.holders--;
        if (held.holders > 0) continue;
        cuts.delete(nameOf(link));
        freed.push(link);
      }
      await cluster.heal(freed);
    },
    cutLinks: () => [...cuts.values()].map((held) => held.link),
    leader: () => findLeader(cluster, healthy()),
  };
}

/** Asks these nodes who leads; of several that think they do, the one with the highest epoch. */
async function findLeader(cluster: Cluster, nodes: readonly NodeId[]): Promise<NodeId | undefined> {
  const claims = await Promise.all(
    nodes.map(async (node) => {
      const reply = await cluster.call(node, '_/status', {}, STATUS_TIMEOUT_MS);
      if (reply.kind !== 'answer' || typeof reply.body !== 'object' || reply.body === null) return undefined;
      const { role, epoch } = reply.body as { role?: unknown; epoch?: unknown };
      if (role !== 'leader' && role !== 'primary') return undefined;
      return { node, epoch: typeof epoch === 'number' ? epoch : 0 };
    }),
  );
  const leaders = claims.filter((claim) => claim !== undefined).sort((a, b) => b.epoch - a.epoch);
  return leaders[0]?.node;
}
