/**
 * The fault ledger: what is now struck or cut, and by which faults. Faults of several families overlap, so
 * a link heals, and a node counts as healthy, only when the last fault that holds it lets go; that is how
 * healing one leaves the others alone.
 */
import type { JsonObject } from '../json.ts';
import type { NodeId } from '../node/program.ts';
import { NANOS_PER_MS } from '../time.ts';
import { linkName, type Cluster, type Link, type Reply } from './cluster.ts';
import { applyConditions, type Condition } from './condition.ts';
import type { FaultLedger } from './fault.ts';
import { mergeViews, type Membership, type MembershipView } from './membership.ts';
import { probeRole } from './probe.ts';
import { settleAll } from './settle.ts';

const STATUS_TIMEOUT_MS = 500;
/** Milliseconds between two questions to all nodes. */
const SURVEY_MS = 100;

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

/** Keeps the ledger of one cluster; `membership` for a target whose members change. */
export function createLedger(cluster: Cluster, membership?: Membership): FaultLedger {
  const struck = new Counts();
  const distrusted = new Counts();
  /** Nodes whose disk was broken since they last started. */
  const shaken = new Set<NodeId>();
  const conditions: Condition[] = [];
  const cuts = new Map<string, Cut>();
  const clients = new ClientCuts(cluster);
  const members = new Members(cluster, membership);
  const restart = async (node: NodeId, version?: string): Promise<void> => {
    try {
      await cluster.restart(node, version);
      if (!distrusted.has(node)) shaken.delete(node);
    } catch (error) {
      if (!distrusted.has(node)) throw error;
    }
  };
  const healthy = (): NodeId[] => members.now.filter((node) => !struck.has(node));
  let last: Promise<unknown> = Promise.resolve();
  // Faults that strike again and again do so beside all others: what one does to links and their books is done as a whole.
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };

  return {
    cluster,
    healthy,
    strike: (node) => struck.add(node),
    release: (node) => struck.remove(node),
    cut: (links) => inTurn(() => cut(cluster, cuts, links)),
    uncut: (links) => inTurn(() => uncut(cluster, cuts, links)),
    cutLinks: () => [...cuts.values()].map((held) => held.link),
    impose: (condition) =>
      inTurn(async () => {
        conditions.push(condition);
        await applyConditions(cluster, condition, conditions);
      }),
    conditions: () => [...conditions],
    lift: (condition) =>
      inTurn(async () => {
        const place = conditions.indexOf(condition);
        if (place === -1) return;
        await applyConditions(cluster, condition, conditions.toSpliced(place, 1));
        conditions.splice(conditions.indexOf(condition), 1);
      }),
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
      await settleAll(dead.map((node) => restart(node)));
      return dead;
    },
    leader: () => findLeader(cluster, healthy()),
    cutClients: (nodes) => void clients.cuts.add(nodes),
    freeClients: (nodes) => void clients.cuts.delete(nodes),
    callAsClient: (node, path, body, timeoutMs) => clients.call(node, path, body, timeoutMs),
    members: () => members.now,
    surveyMembers: () => members.survey(),
    settleMembers: (limitMs) => members.settle(limitMs),
    ...(membership === undefined ? {} : { membership }),
  };
}

async function cut(cluster: Cluster, cuts: Map<string, Cut>, links: readonly Link[]): Promise<void> {
  // In the books first: a cut that fails half-way must be healed as well.
  const fresh = links.filter((link) => !cuts.has(linkName(link)));
  for (const link of fresh) cuts.set(linkName(link), { link, holders: new Set() });
  for (const link of links) cuts.get(linkName(link))?.holders.add(links);
  await cluster.cut(fresh);
}

async function uncut(cluster: Cluster, cuts: Map<string, Cut>, links: readonly Link[]): Promise<void> {
  const held = [...cuts.values()].filter(({ holders }) => holders.has(links));
  await cluster.heal(held.filter(({ holders }) => holders.size === 1).map(({ link }) => link));
  // Out of the books last: a healing that failed is tried again.
  for (const { link, holders } of held) {
    holders.delete(links);
    if (holders.size === 0) cuts.delete(linkName(link));
  }
}

/** What keeps clients from nodes. */
class ClientCuts {
  /** Each list stands for its fault. */
  readonly cuts = new Set<readonly NodeId[]>();
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** A request on its way out, or its answer on its way back, goes nowhere while the node is cut from clients. */
  async call(node: NodeId, path: string, body: JsonObject, timeoutMs: number): Promise<Reply> {
    const { time } = this.#cluster;
    const begun = time.now();
    if (!this.#isCut(node)) {
      const reply = await this.#cluster.call(node, path, body, timeoutMs);
      if (!this.#isCut(node)) return reply;
    }
    await time.sleep(Math.max(0, timeoutMs - (time.now() - begun) / NANOS_PER_MS));
    return { kind: 'lost', error: `no answer within ${timeoutMs} ms` };
  }

  #isCut(node: NodeId): boolean {
    for (const nodes of this.cuts) if (nodes.includes(node)) return true;
    return false;
  }
}

/** Which nodes the cluster is made of. */
class Members {
  now: readonly NodeId[];
  readonly #cluster: Cluster;
  readonly #membership: Membership | undefined;

  constructor(cluster: Cluster, membership: Membership | undefined) {
    this.#cluster = cluster;
    this.#membership = membership;
    this.now = cluster.nodes;
  }

  /** What all say together. A change that is not decided yet changes nothing here. */
  async survey(): Promise<MembershipView | undefined> {
    const { nodes, spares } = this.#cluster;
    if (this.#membership === undefined) return { members: nodes, pending: false, epoch: 0 };
    const membership = this.#membership;
    const views = await Promise.all(
      [...nodes, ...spares].map((node) => membership.view(this.#cluster, node)),
    );
    const merged = mergeViews(views.filter((view) => view !== undefined));
    if (merged !== undefined) this.now = merged.members;
    return merged;
  }

  /** A change that was given up may have come to pass when nobody looked. */
  async settle(limitMs: number): Promise<void> {
    if (this.#membership === undefined) return;
    const { time } = this.#cluster;
    const deadline = time.now() + limitMs * NANOS_PER_MS;
    for (;;) {
      const view = await this.survey();
      const states = await Promise.all(this.now.map((node) => this.#cluster.state(node)));
      const down = this.now.filter((_, index) => states[index] === 'down');
      await settleAll(down.map((node) => this.#cluster.restart(node)));
      const settled = view !== undefined && !view.pending && down.length === 0;
      if (settled || time.now() >= deadline) return;
      await time.sleep(SURVEY_MS);
    }
  }
}

/** Asks these nodes who leads; of several that think they do, the one with the highest epoch. */
async function findLeader(cluster: Cluster, nodes: readonly NodeId[]): Promise<NodeId | undefined> {
  const claims = await Promise.all(
    nodes.map(async (node) => {
      const role = await probeRole(cluster, node, STATUS_TIMEOUT_MS);
      return role?.leads === true ? { node, epoch: role.epoch } : undefined;
    }),
  );
  const leaders = claims.filter((claim) => claim !== undefined).sort((a, b) => b.epoch - a.epoch);
  return leaders[0]?.node;
}
