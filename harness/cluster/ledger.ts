/**
 * The fault ledger: what is now struck or cut, and by which faults. Faults of several families overlap, so
 * a link heals, and a node counts as healthy, only when the last fault that holds it lets go; that is how
 * healing one leaves the others alone.
 */
import { isJsonObject } from '../json.ts';
import type { NodeId } from '../node/program.ts';
import { linkName, type Cluster, type Link } from './cluster.ts';
import { applyConditions, type Condition } from './condition.ts';
import type { FaultLedger } from './fault.ts';
import { settleAll } from './settle.ts';

const STATUS_TIMEOUT_MS = 500;

/** A cut link, and the lists of links that were cut with it: each stands for its fault. */
interface Cut {
  readonly link: Link;
  readonly holders: Set<readonly Link[]>;
}

/** How many faults hold each node. */
class Counts {
  readonly #counts = new Map<NodeId, number>();

  has(node: NodeId): boolean {
    return this.#counts.has(node);
  }

  add(node: NodeId): void {
    this.#counts.set(node, (this.#counts.get(node) ?? 0) + 1);
  }

  remove(node: NodeId): void {
    const left = (this.#counts.get(node) ?? 0) - 1;
    if (left > 0) this.#counts.set(node, left);
    else this.#counts.delete(node);
  }
}

/** Keeps the ledger of one cluster. */
export function createLedger(cluster: Cluster): FaultLedger {
  const struck = new Counts();
  const distrusted = new Counts();
  /** Nodes whose disk was broken since they last started. */
  const shaken = new Set<NodeId>();
  const conditions: Condition[] = [];
  const cuts = new Map<string, Cut>();
  const clientCuts = new Set<readonly NodeId[]>();
  const restart = async (node: NodeId): Promise<void> => {
    try {
      await cluster.restart(node);
      if (!distrusted.has(node)) shaken.delete(node);
    } catch (error) {
      if (!distrusted.has(node)) throw error;
    }
  };
  const healthy = (): NodeId[] => cluster.nodes.filter((node) => !struck.has(node));

  return {
    cluster,
    healthy,
    strike: (node) => struck.add(node),
    release: (node) => struck.remove(node),
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
    async impose(condition) {
      conditions.push(condition);
      await applyConditions(cluster, condition, conditions);
    },
    conditions: () => [...conditions],
    async lift(condition) {
      const place = conditions.indexOf(condition);
      if (place === -1) return;
      await applyConditions(cluster, condition, conditions.toSpliced(place, 1));
      conditions.splice(conditions.indexOf(condition), 1);
    },
    distrust(node) {
      distrusted.add(node);
      shaken.add(node);
    },
    trust: (node) => distrusted.remove(node),
    restart,
    async revive(nodes) {
      const suspects = nodes.filter((node) => shaken.has(node) && healthy().includes(node));
      const states = await Promise.all(suspects.map((node) => cluster.state(node)));
      const dead = suspects.filter((_, index) => states[index] === 'down');
      await settleAll(dead.map(restart));
      return dead;
    },
    leader: () => findLeader(cluster, healthy()),
    cutClients: (nodes) => void clientCuts.add(nodes),
    freeClients: (nodes) => void clientCuts.delete(nodes),
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
