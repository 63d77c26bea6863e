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
import { linkName, type Link, type LinkShape } from '../cluster.ts';
import { subjectOf, type Subject } from './event-queue.ts';
import type { MomentRandom } from './moment-random.ts';
import type { LossReason } from './observer.ts';
import { drawMs, type SimSettings } from './options.ts';
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
  readonly id: number;
  readonly parcel: Parcel;
  lost: boolean;
}

interface Directed {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly subject: Subject;
  cut: boolean;
  shape: LinkShape;
  /** When a link with a rate has sent all that it was given. */
  busyUntil: number;
  /** Draws what becomes of its messages. */
  readonly random: MomentRandom;
  /** Messages of the program that were sent on it. */
  sent: number;
  /** Which of them take longer, in milliseconds, by number. */
  readonly delays: ReadonlyMap<number, number>;
  /** Oldest first; also what waits at a node that is paused. */
  readonly transits: Set<Transit>;
}

/** All links of a cluster. */
export class SimNetwork {
  readonly #world: World;
  readonly #settings: SimSettings;
  readonly #links = new Map<NodeId, Map<NodeId, Directed>>();
  readonly #receivers = new Map<NodeId, Receiver>();
  #transits = 0;

  constructor(world: World, nodes: readonly NodeId[], settings: SimSettings) {
    this.#world = world;
    this.#settings = settings;
    for (const from of nodes) {
      const others = nodes.filter((to) => to !== from);
      const link = (to: NodeId): Directed => ({
        from,
        to,
        subject: subjectOf(linkName({ from, to })),
        cut: false,
        shape: {},
        busyUntil: 0,
        random: world.place(`link/${from}>${to}`),
        sent: 0,
        delays: delaysOf(settings, from, to),
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
    const { loss, duplicates } = this.#settings;
    const delayMs = 'message' in parcel ? (link.delays.get(link.sent++) ?? 0) : 0;
    const random = link.random.here();
    let lost = happens(loss, random);
    let twice = happens(duplicates, random);
    // What bends it is drawn last, so that the draws before are the same with the bend and without.
    lost = happens(link.shape.loss ?? 0, random) || lost;
    twice = happens(link.shape.duplicate ?? 0, random) || twice;
    const transit = this.#depart(link, parcel);
    if (link.cut || lost) this.#drop(link, transit, link.cut ? 'cut' : 'lost');
    else this.#dispatch(link, transit, delayMs);
    if (twice && !link.cut && !lost) this.#dispatch(link, this.#depart(link, parcel), 0);
  }

  /** Links that are cut drop everything, also what is on its way. */
  cut(links: readonly Link[]): void {
    for (const link of links.map((named) => this.#find(named))) {
      link.cut = true;
      this.#lose(link, 'cut');
    }
  }

  heal(links: readonly Link[]): void {
    for (const link of links.map((named) => this.#find(named))) link.cut = false;
  }

  /** Loses what is on its way on these links, as a connection that breaks does. */
  reset(links: readonly Link[]): void {
    for (const link of links.map((named) => this.#find(named))) this.#lose(link, 'reset');
  }

  shape(links: readonly Link[], shape: LinkShape): void {
    for (const link of links.map((named) => this.#find(named))) link.shape = shape;
  }

  /** The node died: its connections broke, and what was on its way to it is lost. */
  breakOff(node: NodeId): void {
    for (const links of this.#links.values()) {
      const link = links.get(node);
      if (link !== undefined) this.#lose(link, 'down');
    }
  }

  /** A copy of the parcel leaves. */
  #depart(link: Directed, parcel: Parcel): Transit {
    const transit: Transit = { id: this.#transits++, parcel: copyOf(parcel), lost: false };
    if (this.#world.observer !== undefined && 'message' in parcel)
      this.#world.note({
        what: 'send',
        id: transit.id,
        from: link.from,
        to: link.to,
        message: parcel.message,
      });
    return transit;
  }

  #dispatch(link: Directed, transit: Transit, delayMs: number): void {
    link.transits.add(transit);
    if (link.transits.size > QUEUE_MAX.messages) this.#loseOldest(link);
    const arrive = (): void => {
      if (!transit.lost) this.#arrive(link, transit);
    };
    const travelMs = this.#travelMs(link, transit.parcel) + delayMs;
    this.#world.after(travelMs, EVENT.message, arrive, link.subject, transit.parcel);
  }

  #arrive(link: Directed, transit: Transit): void {
    const { id, parcel } = transit;
    const { from, to } = link;
    const receiver = this.#receivers.get(to);
    // Until the node gets to it, it is on its way and may still be lost.
    const taken = receiver?.arrive(() => {
      if (!link.transits.delete(transit)) return;
      if ('message' in parcel) this.#world.note({ what: 'deliver', id, from, to });
      receiver.deliver(from, parcel);
    });
    if (taken !== true && link.transits.delete(transit)) this.#drop(link, transit, 'down');
  }

  #travelMs(link: Directed, parcel: Parcel): number {
    const { delayMs = 0, jitterMs = 0, rate, reorder } = link.shape;
    const random = link.random.here();
    const latency = drawMs(this.#settings.latencyMs, random);
    // As in `send`: what bends it is drawn last.
    const jitter = jitterMs === 0 ? 0 : jitterMs * random.next();
    const heldBack = reorder !== undefined && happens(reorder.share, random) ? reorder.byMs : 0;
    const travel = latency + delayMs + jitter + heldBack;
    if (rate === undefined) return travel;
    const now = this.#world.now / NANOS_PER_MS;
    link.busyUntil = Math.max(now, link.busyUntil) + (1000 * JSON.stringify(parcel).length) / rate;
    return travel + link.busyUntil - now;
  }

  #lose(link: Directed, why: LossReason): void {
    for (const transit of link.transits) this.#drop(link, transit, why);
    link.transits.clear();
  }

  /** As real links do (harness/node/peer-link.ts): the newest message says most. */
  #loseOldest(link: Directed): void {
    for (const oldest of link.transits) {
      this.#drop(link, oldest, 'overflow');
      link.transits.delete(oldest);
      return;
    }
  }

  #drop({ from, to }: Directed, transit: Transit, why: LossReason): void {
    transit.lost = true;
    if ('message' in transit.parcel) this.#world.note({ what: 'drop', id: transit.id, from, to, why });
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

function happens(probability: number, random: Random): boolean {
  return probability > 0 && random.chance(probability);
}

function delaysOf({ delays }: SimSettings, from: NodeId, to: NodeId): ReadonlyMap<number, number> {
  const own = delays.filter((delay) => delay.from === from && delay.to === to);
  return new Map(own.map(({ nth, ms }) => [nth, ms]));
}
