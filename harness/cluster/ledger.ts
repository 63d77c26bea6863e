/**
 * The fault ledger: what is now struck or cut, and by which faults. Faults of several families overlap, so
 * a link heals, and a node counts as healthy, only when the last fault that holds it lets go; that is how
 * healing one leaves the others alone.
 */
import { isJsonObject } from '../json.ts';
import type { NodeId } from '../node/program.ts';
import { linkName, type Cluster, type Link } from './cluster.ts';
import type { FaultLedger } from './fault.ts';

const STATUS_TIMEOUT_MS = 500;

/** A cut link, and the lists of links that were cut with it: each stands for its fault. */
interface Cut {
  readonly link: Link;
  readonly holders: Set<readonly Link[]>;
}

/** Keeps the ledger of one cluster. */
export function createLedger(cluster: Cluster): FaultLedger {
  const struck = new Map<NodeId, number>();
  const cuts = new Map<string, Cut>();
  const healthy = (): NodeId[] => cluster.nodes.filter((node) => !struck.has(node));

  return {
    cluster,
    healthy,
    strike(node) {
      struck.set(node, (struck.get(node) ?? 0) + 1);
    },
    release(node) {
      const left = (struck.get(node) ?? 0) - 1;
      if (left > 0) struck.set(node, left);
      else struck.delete(node);
    },
    async cut(links) {
      // In the books first: a cut that fails half-way must be healed as well.
      const fresh = links.filter((link) => !cuts.has(linkName(link)));
      for (const link of fresh) cuts.set(linkName(link), { link, holders: new Set() });
      for (const link of links) cuts.get(linkName(link))?.holders.add(links);
      await cluster.cut(fresh);
    },
    async uncut(links) {
      const held = [...cuts.values()].filter(({ holders }) => holders.has(links));
      await cluster.heal(held.filter(({ holders }) => holders.size === 1).map(({ link }) => link));
      // Out of the books last: a healing that failed is tried again.
      for (const { link, holders } of held) {
        holders.delete(links);
        if (holders.size === 0) cuts.delete(linkName(link));
      }
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
      if (reply.kind !== 'answer' || !isJsonObject(reply.body)) return undefined;
      const { role, epoch } = reply.body;
      if (role !== 'leader' && role !== 'primary') return undefined;
      return { node, epoch: typeof epoch === 'number' ? epoch : 0 };
    }),
  );
  const leaders = claims.filter((claim) => claim !== undefined).sort((a, b) => b.epoch - a.epoch);
  return leaders[0]?.node;
}
