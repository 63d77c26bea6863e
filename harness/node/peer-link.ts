/**
 * The directed link from this node to one peer: a bounded queue, and one connection at a time that is dialled
 * again whenever it ends. Messages go at most once: what was handed to a connection that broke is lost, what
 * was still queued waits for the next one. When the queue is full the oldest go first, since protocols
 * repeat themselves and the newest message says most.
 */
import type { ConnectionEnd, PeerConnections } from './connections.ts';
import { encodeFrame, FRAME } from './frames.ts';
import { PATIENCE_MS, PeerConnection, type Destination } from './peer-connection.ts';
import type { NodeId, NodeLog } from './program.ts';

/** Bounds of what waits for a connection, in messages and in bytes. */
export const QUEUE_MAX = { messages: 4096, bytes: 16 * 1024 * 1024 } as const;

/** Bounds of the pause between two connections. It doubles until one is established. */
const BACKOFF_MS = { min: 50, max: 200 } as const;

/** Bytes handed to a connection at once. */
const BATCH_BYTES = 256 * 1024;

/** Which link it is, and where it leads. */
export interface PeerLinkOptions {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly destination: Destination;
  readonly log: NodeLog;
}

/** A link; it dials at once. */
export class PeerLink {
  readonly #options: PeerLinkOptions;
  readonly #hello: Buffer;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #dropped = 0;
  #connection: PeerConnection | undefined;
  #backoffMs: number = BACKOFF_MS.min;
  #patienceMs: number = PATIENCE_MS.min;
  #redial: NodeJS.Timeout | undefined;
  #flushing = false;
  #closed = false;
  #dialled = 0;
  #opened = 0;
  readonly #ended: Record<ConnectionEnd, number> = {
    unresolved: 0,
    unreachable: 0,
    silent: 0,
    broken: 0,
    closed: 0,
  };

  constructor(options: PeerLinkOptions) {
    this.#options = options;
    this.#hello = encodeFrame(FRAME.hello, { from: options.from, to: options.to });
    this.#dial();
  }

  /** Queues a frame; frames sent in one turn of the event loop leave together. */
  send(frame: Buffer): void {
    this.#queue.push(frame);
    this.#queuedBytes += frame.length;
    while (this.#queue.length > QUEUE_MAX.messages || this.#queuedBytes > QUEUE_MAX.bytes) this.#dropOldest();
    if (this.#flushing || this.#connection?.writable !== true) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  /** What has become of its connections so far. */
  connections(): PeerConnections['out'] {
    const open = this.#connection?.open === true;
    return { dialled: this.#dialled, opened: this.#opened, open, ended: { ...this.#ended } };
  }

  /** Closes the connection in order; false when none is open. */
  hangUp(): boolean {
    if (this.#connection?.open !== true) return false;
    this.#connection.close();
    return true;
  }

  /** Ends the link for good. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#redial);
    this.#connection?.destroy();
  }

  #dial(): void {
    this.#dialled++;
    this.#connection = new PeerConnection(this.#options.destination, this.#hello, this.#patienceMs, {
      opened: () => this.#onOpened(),
      writable: () => this.#flush(),
      ended: (end) => this.#onEnded(end),
    });
  }

  #onOpened(): void {
    this.#opened++;
    this.#backoffMs = BACKOFF_MS.min;
    this.#flush();
  }

  #onEnded(end: ConnectionEnd): void {
    this.#ended[end]++;
    if (this.#closed) return;
    if (this.#connection?.established === true) {
      this.#patienceMs = PATIENCE_MS.min;
      this.#options.log.info('peer-lost', { peer: this.#options.to, end });
    } else if (end === 'silent') {
      this.#patienceMs = Math.min(PATIENCE_MS.max, 2 * this.#patienceMs);
    }
    this.#connection = undefined;
    this.#redial = setTimeout(() => this.#dial(), this.#backoffMs);
    this.#backoffMs = Math.min(BACKOFF_MS.max, 2 * this.#backoffMs);
  }

  #flush(): void {
    while (this.#queue.length > 0 && this.#connection?.writable === true) {
      const batch = this.#takeBatch();
      this.#queuedBytes -= batch.length;
      this.#connection.write(batch);
    }
    if (this.#queue.length === 0 && this.#dropped > 0) {
      this.#options.log.info('peer-queue-drained', { peer: this.#options.to, dropped: this.#dropped });
      this.#dropped = 0;
    }
  }

  #takeBatch(): Buffer {
    let bytes = 0;
    let count = 0;
    for (const frame of this.#queue) {
      if (count > 0 && bytes + frame.length > BATCH_BYTES) break;
      bytes += frame.length;
      count++;
    }
    return Buffer.concat(this.#queue.splice(0, count), bytes);
  }

  #dropOldest(): void {
    const oldest = this.#queue.shift();
    this.#queuedBytes -= oldest?.length ?? 0;
    this.#dropped++;
    if (this.#dropped === 1)
      this.#options.log.warn('peer-queue-full', { peer: this.#options.to, ...QUEUE_MAX });
  }
}
