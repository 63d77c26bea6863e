/**
 * The proxy of one directed link: the sender dials it in place of the receiver, so that the link can be cut,
 * broken, delayed and throttled without root, and without touching any other link.
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
import type { Random } from '../../random.ts';
import type { LinkShape } from '../cluster.ts';
import { BytePump, type LinkCondition } from './byte-pump.ts';
import { TokenBucket } from './token-bucket.ts';

/** Both nodes and all proxies live on this address. */
export const LOOPBACK = '127.0.0.1';

/** A connection through the proxy: the sender's side and the receiver's. */
interface Connection {
  readonly inbound: Socket;
  readonly outbound: Socket;
  readonly pumps: readonly BytePump[];
  /** One side broke while the link was cut; the other learns of it when the link heals. */
  broken: boolean;
}

/** A directed link. */
export class LinkProxy {
  readonly #server: Server;
  readonly #receiverPort: () => number;
  readonly #random: Random;
  readonly #connections = new Set<Connection>();
  /** Dialled during a cut: accepted by the system, answered by nobody. */
  readonly #unanswered = new Set<Socket>();
  #cut = false;
  #shape: LinkShape = {};
  #bucket: TokenBucket | undefined;

  /** @param receiverPort where the receiver listens now  @param random draws the jitter */
  constructor(receiverPort: () => number, random: Random) {
    this.#receiverPort = receiverPort;
    this.#random = random;
    this.#server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => this.#accept(socket));
  }

  /** Begins to listen on a free port; answers the address, `host:port`. */
  async listen(): Promise<string> {
    this.#server.listen(0, LOOPBACK);
    await once(this.#server, 'listening');
    return `${LOOPBACK}:${(this.#server.address() as AddressInfo).port}`;
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

  /** Bends the link; bytes under way keep the delay they were given. */
  shape(shape: LinkShape): void {
    this.#shape = shape;
    this.#bucket = shape.rate === undefined ? undefined : new TokenBucket(shape.rate, performance.now());
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
    const outbound = connect({ host: LOOPBACK, port: this.#receiverPort(), noDelay: true });
    outbound.on('error', () => undefined);
    const connection = { inbound, outbound, pumps: this.#pumps(inbound, outbound), broken: false };
    this.#connections.add(connection);
    for (const socket of [inbound, outbound]) {
      socket.on('close', (failed) => this.#onClose(connection, failed));
    }
    inbound.resume();
  }

  #pumps(inbound: Socket, outbound: Socket): BytePump[] {
    const isCut = (): boolean => this.#cut;
    const forth: LinkCondition = {
      isCut,
      bucket: () => this.#bucket,
      delayMs: () => (this.#shape.delayMs ?? 0) + (this.#shape.jitterMs ?? 0) * this.#random.next(),
    };
    // What comes back are acknowledgements, which are not messages of this link: cut with it, never bent.
    const back: LinkCondition = { isCut, bucket: () => undefined, delayMs: () => 0 };
    return [new BytePump(inbound, outbound, forth), new BytePump(outbound, inbound, back)];
  }

  /** An end that was asked for travels with the bytes (byte-pump.ts); a failure breaks the other side at once. */
  #onClose(connection: Connection, failed: boolean): void {
    if (connection.inbound.destroyed && connection.outbound.destroyed) this.#connections.delete(connection);
    else if (this.#cut) connection.broken ||= failed;
    else if (failed) this.#break(connection);
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
