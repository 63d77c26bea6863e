/**
 * The network between simulated nodes: a directed link for each pair, which drops, delays, doubles and reorders
 * as the seed and the faults have it. Messages are copied on their way, since nodes share one memory here and
 * must not share values.
 */
import { HarnessError } from '../../errors.ts';
import { received, type Json } from '../../json.ts';
import type { NodeId } from '../../node/program.ts';
import { QUEUE_MAX } from '../../node/peer-link.ts';
import { NANOS_PER_MS } from '../../time.ts';
import type { Random } from '../../random.ts';
import type { Link, LinkShape } from '../cluster.ts';
import type { SimOptions } from './options.ts';
import { EVENT, type World } from './world.ts';

/** What travels on a link: a message of the program, or a probe of the harness, in line with them. */
export type Parcel = { readonly message: Json } | { readonly probe: string };

/** Where a link ends. */
export interface Receiver {
  /** Something arrived: `take` is called when the node gets to it. False when it is down, and never will. */
  arrive(take: () => void): boolean;
  deliver(from: NodeId, parcel: Parcel): void;
}

/** A parcel on its way. */
interface Transit {
  readonly parcel: Parcel;
  lost: boolean;
}

interface Directed {
  readonly from: NodeId;
  readonly to: NodeId;
  cut: boolean;
  shape: LinkShape;
  /** When a link with a rate has sent all that it was given. */
  busyUntil: number;
  /** Oldest first; also what waits at a node that is paused. */
  readonly transits: Set<Transit>;
}

/** All links of a cluster. */
export class SimNetwork {
  readonly #world: World;
  readonly #options: SimOptions;
  readonly #random: Random;
  readonly #links = new Map<NodeId, Map<NodeId, Directed>>();
  readonly #receivers = new Map<NodeId, Receiver>();

  constructor(world: World, nodes: readonly NodeId[], options: SimOptions) {
    this.#world = world;
    this.#options = options;
    this.#random = world.random('network');
    for (const from of nodes) {
      const others = nodes.filter((to) => to !== from);
      const link = (to: NodeId): Directed => ({
        from,
        to,
        cut: false,
        shape: {},
        busyUntil: 0,
        transits: new Set(),
      });
      this.#links.set(from, new Map(others.map((to) => [to, link(to)])));
    }
  }

  connect(node: NodeId, receiver: Receiver): void {
    this.#receivers.set(node, receiver);
  }

  /** Sends and forgets. Throws an Error when there is no such peer. */
  send(from: NodeId, to: NodeId, parcel: Parcel): void {
    const link = this.#links.get(from)?.get(to);
    if (link === undefined) {
      const peers = [...(this.#links.get(from)?.keys() ?? [])];
      throw new Error(`no peer '${to}'; the peers of ${from} are ${peers.join(', ')}`);
    }
    if (link.cut || this.#happens(this.#options.loss)) return;
    this.#dispatch(link, copyOf(parcel));
    if (this.#happens(this.#options.duplicates)) this.#dispatch(link, copyOf(parcel));
  }

  /** Links that are cut drop everything, also what is on its way. */
  cut(links: readonly Link[]): void {
    for (const link of links.map((named) => this.#find(named))) {
      link.cut = true;
      lose(link);
    }
  }

  heal(links: readonly Link[]): void {
    for (const link of links.map((named) => this.#find(named))) link.cut = false;
  }

  /** Loses what is on its way on these links, as a connection that breaks does. */
  reset(links: readonly Link[]): void {
    for (const link of links.map((named) => this.#find(named))) lose(link);
  }

  shape(links: readonly Link[], shape: LinkShape): void {
    for (const link of links.map((named) => this.#find(named))) link.shape = shape;
  }

  /** The node died: its connections broke, and what was on its way to it is lost. */
  breakOff(node: NodeId): void {
    for (const links of this.#links.values()) {
      const link = links.get(node);
      if (link !== undefined) lose(link);
    }
  }

  #dispatch(link: Directed, parcel: Parcel): void {
    const transit: Transit = { parcel, lost: false };
    link.transits.add(transit);
    if (link.transits.size > QUEUE_MAX.messages) loseOldest(link);
    this.#world.after(this.#travelMs(link, parcel), EVENT.message, () => {
      if (!transit.lost) this.#arrive(link, transit);
    });
  }

  #arrive(link: Directed, transit: Transit): void {
    const receiver = this.#receivers.get(link.to);
    // Until the node gets to it, it is on its way and may still be lost.
    const taken = receiver?.arrive(() => {
      if (link.transits.delete(transit)) receiver.deliver(link.from, transit.parcel);
    });
    if (taken !== true) link.transits.delete(transit);
  }

  #travelMs(link: Directed, parcel: Parcel): number {
    const { delayMs = 0, jitterMs = 0, rate } = link.shape;
    const jitter = jitterMs === 0 ? 0 : jitterMs * this.#random.next();
    const travel = this.#options.latency(this.#random) + delayMs + jitter;
    if (rate === undefined) return travel;
    const now = this.#world.now / NANOS_PER_MS;
    link.busyUntil = Math.max(now, link.busyUntil) + (1000 * JSON.stringify(parcel).length) / rate;
    return travel + link.busyUntil - now;
  }

  #happens(probability: number): boolean {
    return probability > 0 && this.#random.chance(probability);
  }

  #find({ from, to }: Link): Directed {
    const link = this.#links.get(from)?.get(to);
    if (link !== undefined) return link;
    throw new HarnessError(`No link ${from}>${to} in this cluster of ${[...this.#links.keys()].join(', ')}`);
  }
}

function copyOf(parcel: Parcel): Parcel {
  return 'message' in parcel ? { message: received(parcel.message) } : parcel;
}

function lose(link: Directed): void {
  for (const transit of link.transits) transit.lost = true;
  link.transits.clear();
}

/** As real links do (harness/node/peer-link.ts): the newest message says most. */
function loseOldest(link: Directed): void {
  for (const oldest of link.transits) {
    oldest.lost = true;
    link.transits.delete(oldest);
    return;
  }
}
