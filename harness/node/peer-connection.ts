/**
 * One connection to a peer, from dialling to its end. It watches for silence: the receiver acknowledges the
 * bytes it has read, and a connection whose bytes stay unacknowledged for too long is given up. Without that
 * the kernel would go on retransmitting with ever longer pauses, and a link that was cut for ten seconds
 * would stay dead for many more after it healed.
 */
import { connect, type LookupFunction, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { isJsonObject } from '../json.ts';
import type { Address } from './config.ts';
import type { ConnectionEnd } from './connections.ts';
import { FRAME, FrameDecoder } from './frames.ts';

/** Milliseconds to wait for a connection. */
const CONNECT_MS_MAX = 500;

/** Bounds of the milliseconds to wait for an acknowledgement. Within them it follows what the link needs. */
export const PATIENCE_MS = { min: 500, max: 4000 } as const;

/** Where a connection leads. */
export interface Destination extends Address {
  /** Finds the address of a host that is a name; the system does, unless given. */
  readonly lookup?: LookupFunction;
}

/** What the owner of a connection is told. */
export interface ConnectionEvents {
  /** The peer has answered the hello: it takes bytes. Comes once at most. */
  opened(): void;
  /** A full buffer has drained: it takes bytes again. */
  writable(): void;
  /** It is over; `silent` means that it may only have been too slow for our patience. Comes once, and last. */
  ended(end: ConnectionEnd): void;
}

/** A connection in the direction of `hello`; only acknowledgements come back. */
export class PeerConnection {
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #decoder = new FrameDecoder();
  #end: ConnectionEnd = 'unreachable';
  #established = false;
  #patienceMs: number;
  #written = 0;
  #acknowledged = 0;
  #waitingSince = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(destination: Destination, hello: Buffer, patienceMs: number, events: ConnectionEvents) {
    this.#events = events;
    this.#patienceMs = patienceMs;
    this.#socket = connect({ ...destination, noDelay: true });
    this.#socket.setTimeout(CONNECT_MS_MAX, () => this.#socket.destroy());
    this.#socket.on('connect', () => {
      this.#socket.setTimeout(0);
      this.#end = 'broken';
      this.write(hello);
    });
    this.#socket.on('data', (chunk) => this.#readAcknowledgements(chunk));
    this.#socket.on('drain', () => events.writable());
    // 'close' follows and is where the end is told.
    this.#socket.on('error', ({ syscall }: NodeJS.ErrnoException) => {
      if (syscall === 'getaddrinfo') this.#end = 'unresolved';
    });
    this.#socket.on('close', () => {
      clearTimeout(this.#timer);
      events.ended(this.#end);
    });
  }

  /** Whether the peer has answered, so that what is written has a chance to arrive. */
  get established(): boolean {
    return this.#established;
  }

  /** Whether it is established, and not ended by us. */
  get open(): boolean {
    return this.#established && this.#socket.writable;
  }

  /** Whether it takes bytes now; if not, `writable` will tell. */
  get writable(): boolean {
    return this.open && !this.#socket.writableNeedDrain;
  }

  /** Hands whole frames to the connection. If it breaks they are lost. */
  write(frames: Buffer): void {
    this.#socket.write(frames);
    this.#written += frames.length;
    if (this.#timer === undefined) this.#awaitAcknowledgement();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Closes it in order: what was written goes out first. What the peer still acknowledges is no longer read. */
  close(): void {
    this.#end = 'closed';
    this.#socket.destroySoon();
  }

  #readAcknowledgements(chunk: Buffer): void {
    const acknowledged = this.#lastAcknowledged(chunk);
    if (acknowledged <= this.#acknowledged) return;
    this.#acknowledged = acknowledged;
    // As TCP's own retransmission time-out does, patience grows with the time that the link really takes.
    const waitedMs = performance.now() - this.#waitingSince;
    this.#patienceMs = Math.min(PATIENCE_MS.max, Math.max(this.#patienceMs, 2 * waitedMs));
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (acknowledged < this.#written) this.#awaitAcknowledgement();
    if (!this.#established) {
      this.#established = true;
      this.#events.opened();
    }
  }

  #lastAcknowledged(chunk: Buffer): number {
    try {
      const body = this.#decoder.push(chunk).findLast(({ kind }) => kind === FRAME.ack)?.body;
      return isJsonObject(body) && typeof body['bytes'] === 'number' ? body['bytes'] : 0;
    } catch {
      // Whoever answers there is no node of ours.
      this.#socket.destroy();
      return 0;
    }
  }

  #awaitAcknowledgement(): void {
    this.#waitingSince = performance.now();
    this.#timer = setTimeout(() => {
      const before = this.#acknowledged;
      // After a pause of this process the acknowledgements are there but not yet read: the next round of
      // the event loop reads them, and only then is it time to judge.
      setImmediate(() => {
        if (this.#acknowledged > before || this.#socket.destroyed) return;
        this.#end = 'silent';
        this.#socket.destroy();
      });
    }, this.#patienceMs);
  }
}
