/**
 * The links of a docker cluster, and all that is done to them now: one state, from which each node's network is derived
 * whenever it changes (node-network.ts); so the faults that overlap here need to know nothing of each other.
 */
import type { NodeId } from '../../node/program.ts';
import { linkName, type Link, type LinkShape } from '../cluster.ts';
import { settleAll } from '../settle.ts';
import type { NetworkState, NodeNetwork, Place } from './node-network.ts';
import { noteNetem, queuedPart } from './netem.ts';
import type { HalfOpen } from './rules.ts';

/** Milliseconds for which a sender is kept from learning that its receiver has forgotten a connection: several times its patience. */
const HALF_OPEN_MS = 60_000;

/** Work on a node's network. */
export type NetworkWork<T> = (network: NodeNetwork, place: Place) => Promise<T>;

/** Does work on this node's network, after all that was asked of the node before. */
export type OnNetwork = <T>(node: NodeId, work: NetworkWork<T>) => Promise<T>;

/** What is done to the links of one cluster. */
export class DockerLinks {
  readonly #onNetwork: OnNetwork;
  readonly #cuts = new Map<string, Link>();
  readonly #shapes = new Map<string, { readonly link: Link; readonly shape: LinkShape }>();
  #halfOpen: (HalfOpen & { readonly until: number })[] = [];
  /** Whether the kernel has netem; unknown until it matters. */
  #netem: boolean | undefined;

  constructor(onNetwork: OnNetwork) {
    this.#onNetwork = onNetwork;
  }

  /** What they come to for this node. */
  stateOf(node: NodeId): NetworkState {
    const now = performance.now();
    this.#halfOpen = this.#halfOpen.filter(({ until }) => until > now);
    const shaped = [...this.#shapes.values()].filter(({ link }) => link.from === node);
    return {
      cuts: [...this.#cuts.values()],
      halfOpen: this.#halfOpen,
      shapes: new Map(shaped.map(({ link, shape }) => [link.to, shape])),
      netem: this.#netem === true,
    };
  }

  cut(links: readonly Link[]): Promise<void> {
    for (const link of links) this.#cuts.set(linkName(link), link);
    return this.#apply(endsOf(links));
  }

  heal(links: readonly Link[]): Promise<void> {
    for (const link of links) this.#cuts.delete(linkName(link));
    return this.#apply(endsOf(links));
  }

  async shape(links: readonly Link[], shape: LinkShape): Promise<void> {
    const senders = [...new Set(links.map(({ from }) => from))];
    if (Object.keys(queuedPart(shape)).length > 0) await this.#findNetem(senders);
    for (const link of links) {
      if (Object.keys(shape).length === 0) this.#shapes.delete(linkName(link));
      else this.#shapes.set(linkName(link), { link, shape });
    }
    await this.#apply(senders);
  }

  async reset(links: readonly Link[]): Promise<void> {
    const bySender = Map.groupBy(links, ({ from }) => from);
    await settleAll(
      [...bySender].map(([sender, own]) =>
        this.#onNetwork(sender, (network, place) =>
          network.reset(
            place,
            own.map(({ to }) => to),
          ),
        ),
      ),
    );
  }

  async forget(links: readonly Link[]): Promise<void> {
    const byReceiver = Map.groupBy(links, ({ to }) => to);
    await settleAll(
      [...byReceiver].map(([receiver, own]) =>
        this.#onNetwork(receiver, async (network, place) => {
          const senders = own.map(({ from }) => from);
          const open = await network.portsFrom(place, senders);
          const until = performance.now() + HALF_OPEN_MS;
          this.#halfOpen.push(...open.map((connection) => ({ ...connection, until })));
          await network.apply(place);
          await network.forget(place, senders);
        }),
      ),
    );
  }

  /** Asks one of these nodes what the kernel, which they all share, can do. */
  async #findNetem(nodes: readonly NodeId[]): Promise<void> {
    for (const node of nodes) {
      if (this.#netem !== undefined) return;
      this.#netem = await this.#onNetwork(node, (network, place) => network.hasNetem(place));
    }
    if (this.#netem !== undefined) noteNetem(this.#netem);
  }

  async #apply(nodes: readonly NodeId[]): Promise<void> {
    await settleAll(nodes.map((node) => this.#onNetwork(node, (network, place) => network.apply(place))));
  }
}

/** Both ends of a link have its rules: one of them is enough while the other is starting. */
function endsOf(links: readonly Link[]): NodeId[] {
  return [...new Set(links.flatMap(({ from, to }) => [from, to]))];
}
