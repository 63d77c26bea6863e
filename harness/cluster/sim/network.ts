/**
 * The network between simulated nodes: a directed link for each pair, which drops, delays, doubles and reorders
 * as the seed and the faults have it. Messages are copied on their way, since nodes share one memory here and
 * must not share values. What belongs to a link's connection, and not to its messages, is in connection.ts.
 */
import { HarnessError } from '../../errors.ts';
import { received, type Json } from '../../json.ts';
import type { NodeId } from '../../node/program.ts';
import type { PeerConnections } from '../../node/connections.ts';
import { QUEUE_MAX } from '../../node/peer-link.ts';
import { NANOS_PER_MS } from '../../time.ts';
import type { Random } from '../../random.ts';
import { linkName, type Link, type LinkShape } from '../cluster.ts';
import { SimConnection } from './connection.ts';
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
  /** The receiver will find it damaged, and break the connection. */
  readonly damaged: boolean;
  lost: boolean;
}

interface Directed {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly subject: Subject;
  cut: boolean;
  shape: LinkShape;
  readonly connection: SimConnection;
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
  readonly #up = new Set<NodeId>();
  /** Nodes that have no descriptor left. */
  readonly #limited = new Set<NodeId>();
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
        connection: new SimConnection(),
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
    const link = this.#linkOf(from, to);
    const { loss, duplicates } = this.#settings;
    const delayMs = 'message' in parcel ? (link.delays.get(link.sent++) ?? 0) : 0;
    const random = link.random.here();
    let lost = happens(loss, random);
    let twice = happens(duplicates, random);
    // What bends it is drawn last, so that the draws before are the same with the bend and without.
    lost = happens(link.shape.loss ?? 0, random) || lost;
    twice = happens(link.shape.duplicate ?? 0, random) || twice;
    const damaged = happens(link.shape.corrupt ?? 0, random);
    const transit = this.#depart(link, parcel, damaged);
    const obstacle = this.#obstacle(link) ?? (lost ? 'lost' : undefined);
    if (obstacle === undefined) this.#dispatch(link, transit, delayMs);
    else this.#drop(link, transit, obstacle);
    if (twice && obstacle === undefined) this.#dispatch(link, this.#depart(link, parcel, damaged), 0);
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

  /** Breaks connections, which loses what is on its way. */
  reset(links: readonly Link[]): void {
    for (const link of links.map((named) => this.#find(named))) {
      this.#lose(link, 'reset');
      link.connection.break(this.#nowMs);
    }
  }

  /** Receivers forget connections, which loses what is on its way, and all that is sent until senders notice. */
  forget(links: readonly Link[]): void {
    for (const link of links.map((named) => this.#find(named))) {
      this.#lose(link, 'orphaned');
      link.connection.orphan(this.#nowMs);
    }
  }

  shape(links: readonly Link[], shape: LinkShape): void {
    for (const link of links.map((named) => this.#find(named))) link.shape = shape;
  }

  /** Whether the node has a descriptor for one connection more. */
  limit(node: NodeId, limited: boolean): void {
    if (limited) this.#limited.add(node);
    else this.#limited.delete(node);
  }

  /** The node is up: it dials everybody, and everybody dials it. */
  attach(node: NodeId): void {
    this.#up.add(node);
    for (const link of this.#around(node)) {
      if (link.from === node) link.connection.newSender();
      else link.connection.newReceiver();
      this.#dial(link);
    }
  }

  /** The node died: its connections broke, and what was on its way to it is lost. */
  breakOff(node: NodeId): void {
    this.#up.delete(node);
    for (const link of this.#around(node)) {
      const { closeMs = 0 } = link.shape;
      if (link.from === node) link.connection.hangUp(this.#nowMs, closeMs);
      else {
        this.#lose(link, 'down');
        if (closeMs > 0) link.connection.orphan(this.#nowMs, closeMs);
        else link.connection.break(this.#nowMs);
      }
    }
  }

  /** Closes the connection in order; false when there is none. Throws as `send` does. */
  hangUp(from: NodeId, to: NodeId): boolean {
    const link = this.#linkOf(from, to);
    return link.connection.hangUp(this.#nowMs, link.shape.closeMs ?? 0);
  }

  /** What the node knows of its connections with each peer. */
  connections(node: NodeId): Record<NodeId, PeerConnections> {
    const nowMs = this.#nowMs;
    const peers = [...(this.#links.get(node)?.keys() ?? [])];
    const of = (peer: NodeId): PeerConnections => {
      const [out, back] = [this.#linkOf(node, peer), this.#linkOf(peer, node)];
      // Real nodes dial whether they have something to say or not.
      for (const link of [out, back]) this.#dial(link);
      return { out: out.connection.out(nowMs), in: back.connection.in(nowMs) };
    };
    return Object.fromEntries(peers.map((peer) => [peer, of(peer)]));
  }

  get #nowMs(): number {
    return this.#world.now / NANOS_PER_MS;
  }

  #around(node: NodeId): Directed[] {
    const all = [...this.#links.values()].flatMap((links) => [...links.values()]);
    return all.filter(({ from, to }) => from === node || to === node);
  }

  /** Why what is sent on this link now has no chance; undefined if it has one. */
  #obstacle(link: Directed): LossReason | undefined {
    const carries = link.connection.carries(this.#nowMs, link.cut);
    if (link.cut) return 'cut';
    if (!carries) return 'orphaned';
    this.#dial(link);
    return link.connection.isOpen(this.#nowMs) || this.#mayDial(link) ? undefined : 'unconnected';
  }

  /** Makes a connection, where there is none and nothing prevents it. */
  #dial(link: Directed): void {
    const { from, to, shape, cut, connection } = link;
    const isHeard = this.#up.has(from) && this.#up.has(to) && !cut;
    if (isHeard && (this.#mayDial(link) || shape.unresolved === true))
      connection.dial(this.#nowMs, shape.unresolved !== true);
  }

  #mayDial({ from, to, shape }: Directed): boolean {
    return shape.unresolved !== true && !this.#limited.has(from) && !this.#limited.has(to);
  }

  /** A copy of the parcel leaves. */
  #depart(link: Directed, parcel: Parcel, damaged: boolean): Transit {
    const transit: Transit = { id: this.#transits++, parcel: copyOf(parcel), damaged, lost: false };
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
      if (transit.damaged) {
        this.#refuse(link, transit);
        return;
      }
      if (this.#world.observer !== undefined && 'message' in parcel)
        this.#world.note({ what: 'deliver', id, from, to });
      receiver.deliver(from, parcel);
    });
    if (taken !== true && link.transits.delete(transit)) this.#drop(link, transit, 'down');
  }

  /** The receiver finds it damaged, and breaks the connection with all that is on it. */
  #refuse(link: Directed, transit: Transit): void {
    this.#drop(link, transit, 'damaged');
    this.#lose(link, 'damaged');
    link.connection.break(this.#nowMs, true);
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
    const now = this.#nowMs;
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

  #linkOf(from: NodeId, to: NodeId): Directed {
    const link = this.#links.get(from)?.get(to);
    if (link !== undefined) return link;
    const peers = [...(this.#links.get(from)?.keys() ?? [])];
    throw new Error(`no peer '${to}'; the peers of ${from} are ${peers.join(', ')}`);
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
