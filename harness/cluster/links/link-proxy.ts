/**
 * The proxy of one directed link: the sender dials it in place of the receiver, so that the link can be cut,
 * broken and bent without root, and without touching any other link.
 *
 * Cut is silence: nothing moves, no FIN and no RST tells either side. The whole connection falls silent, its
 * acknowledgements too, which hinders nobody else: what the receiver itself has to say travels on its own
 * connection through its own proxy. When the link heals, connections from before the cut go on, as TCP would
 * retransmit; those dialled during the cut, which on a real network would never have come to be, are reset, so
 * that the sender dials again at once.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Address } from '../../node/config.ts';
import type { Random } from '../../random.ts';
import type { LinkShape } from '../cluster.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { BytePump, type LinkCondition } from './byte-pump.ts';
import { MessageBender } from './message-bender.ts';
import { TokenBucket } from './token-bucket.ts';

/** Proxies listen on this address. */
export const LOOPBACK = '127.0.0.1';

/** Milliseconds that the receiver has to accept a connection: as many as a node that dials it itself gives it. */
const DIAL_MS_MAX = 500;

/** A connection through the proxy: the sender's side and the receiver's. */
interface Connection {
  readonly inbound: Socket;
  readonly outbound: Socket;
  pumps: readonly BytePump[];
  /** The receiver has accepted it. */
  reached: boolean;
  /** One side broke while the link was cut; the other learns of it when the link heals. */
  broken: boolean;
  /** The receiver has forgotten it, and the sender is not to learn of that. */
  forgotten: boolean;
  /** What one side has done and the other has not been told. */
  untold: { readonly tell: () => void; readonly timer: NodeJS.Timeout } | undefined;
}

/** A directed link. */
export class LinkProxy {
  readonly #server: Server;
  readonly #receiver: () => Address;
  readonly #random: Random;
  readonly #connections = new Set<Connection>();
  /** Dialled during a cut: accepted by the system, answered by nobody. */
  readonly #unanswered = new Set<Socket>();
  #cut = false;
  #shape: LinkShape = {};
  #bucket: TokenBucket | undefined;

  /** @param receiver where the receiver listens now  @param random draws what becomes of messages */
  constructor(receiver: () => Address, random: Random) {
    this.#receiver = receiver;
    this.#random = random;
    this.#server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => this.#accept(socket));
  }

  /** Begins to listen, on a free port unless one is given; answers it. */
  async listen(port = 0): Promise<number> {
    this.#server.listen(port, LOOPBACK);
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  cut(): void {
    this.#cut = true;
    this.#proceed();
  }

  heal(): void {
    if (!this.#cut) return;
    this.#cut = false;
    for (const socket of this.#unanswered) breakOff(socket);
    for (const connection of this.#connections) if (connection.broken) this.#break(connection);
    this.#proceed();
  }

  /** Breaks the connections now open, on both sides. */
  reset(): void {
    for (const socket of this.#unanswered) breakOff(socket);
    for (const connection of this.#connections) this.#break(connection);
  }

  /** Breaks the connections now open on the receiver's side; what the sender goes on sending on them goes nowhere. */
  forget(): void {
    for (const connection of this.#connections) {
      connection.forgotten = true;
      breakOff(connection.outbound);
    }
  }

  /** Bends the link as `LinkShape` says, but for names, which are no matter of a link; what is under way keeps the delay it was given. */
  shape(shape: LinkShape): void {
    this.#shape = shape;
    this.#bucket = shape.rate === undefined ? undefined : new TokenBucket(shape.rate, performance.now());
    if (shape.closeMs === undefined) for (const { untold } of this.#connections) untold?.tell();
    this.#proceed();
  }

  async close(): Promise<void> {
    this.reset();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(inbound: Socket): void {
    // Every error of a socket ends in its 'close'.
    inbound.on('error', () => undefined);
    if (this.#cut) {
      this.#unanswered.add(inbound);
      inbound.on('close', () => this.#unanswered.delete(inbound));
      return;
    }
    const outbound = connect({ ...this.#receiver(), noDelay: true });
    outbound.on('error', () => undefined);
    const common = { reached: false, broken: false, forgotten: false, untold: undefined };
    const connection: Connection = { inbound, outbound, pumps: [], ...common };
    connection.pumps = this.#pumps(connection);
    this.#connections.add(connection);
    outbound.setTimeout(DIAL_MS_MAX, () => this.#break(connection));
    outbound.on('connect', () => {
      outbound.setTimeout(0);
      connection.reached = true;
    });
    for (const socket of [inbound, outbound]) {
      socket.on('close', (failed) => this.#onClose(connection, failed));
    }
    inbound.resume();
  }

  #pumps(connection: Connection): BytePump[] {
    const { inbound, outbound } = connection;
    const isCut = (): boolean => this.#cut;
    const bender = new MessageBender(() => this.#shape, this.#random);
    const acknowledgements = new Acknowledgements();
    const asIs = (bytes: Buffer): ReturnType<LinkCondition['bend']> =>
      bytes.length === 0 ? [] : [{ bytes, sent: 0, delayMs: 0, heldBackMs: 0 }];
    const forth: LinkCondition = {
      isCut,
      bucket: () => this.#bucket,
      bend: (bytes) => bender.bend(bytes),
      rest: () => bender.rest(),
      left(bytes, sent) {
        acknowledgements.left(bytes, sent);
        const owed = bytes === 0 ? acknowledgements.owed() : undefined;
        if (owed !== undefined) backward.add(owed);
      },
      ended: () => this.#later(connection, () => outbound.end()),
    };
    // What comes back are acknowledgements, which are not messages of this link: cut with it, never bent.
    const back: LinkCondition = {
      isCut,
      bucket: () => undefined,
      bend: (bytes) => asIs(acknowledgements.pass(bytes)),
      rest: () => asIs(acknowledgements.takeRest()),
      left: () => undefined,
      ended: () => this.#later(connection, () => inbound.end()),
    };
    const backward = new BytePump(outbound, inbound, back);
    return [new BytePump(inbound, outbound, forth), backward];
  }

  /** An end that was asked for travels with the bytes (byte-pump.ts); a failure breaks the other side at once. */
  #onClose(connection: Connection, failed: boolean): void {
    const { inbound, outbound, reached, forgotten, untold } = connection;
    if (inbound.destroyed && outbound.destroyed) {
      clearTimeout(untold?.timer);
      this.#connections.delete(connection);
    } else if (failed && outbound.destroyed && !reached && !this.#cut) {
      // A dial that was refused: nothing was open that could close slowly.
      this.#break(connection);
    } else if (failed && !forgotten) {
      this.#later(connection, () => this.#break(connection));
    }
  }

  /** Does to one side what the other did, when it is time. */
  #later(connection: Connection, act: () => void): void {
    const tell = (): void => {
      clearTimeout(connection.untold?.timer);
      connection.untold = undefined;
      if (this.#cut) connection.broken = true;
      else act();
    };
    const { closeMs } = this.#shape;
    // What is told already, or about to be, needs no second telling.
    if (closeMs === undefined) tell();
    else connection.untold ??= { tell, timer: setTimeout(tell, closeMs) };
  }

  #break({ inbound, outbound }: Connection): void {
    breakOff(inbound);
    breakOff(outbound);
  }

  #proceed(): void {
    for (const { pumps } of this.#connections) for (const pump of pumps) pump.proceed();
  }
}

/**
 * Ends a connection by RST. One whose end is under way already cannot be reset: libuv refuses, and Node 24 then
 * leaks the descriptor, never emits 'close', and spins for ever when the process exits.
 */
function breakOff(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
