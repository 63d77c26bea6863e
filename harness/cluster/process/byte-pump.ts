/**
 * One direction of one connection through a link proxy: bytes come out in the order in which they went in,
 * later and more slowly as the link's condition says, or not at all while it is cut.
 */
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { TokenBucket } from './token-bucket.ts';

/** What a link does to bytes, shared by its connections. It may change at any time. */
export interface LinkCondition {
  /** Nothing moves, and nobody is told. */
  isCut(): boolean;
  /** Milliseconds that the bytes arriving now are held back. */
  delayMs(): number;
  /** Bounds bytes a second; undefined: no bound. */
  bucket(): TokenBucket | undefined;
}

/** Bytes held back at most, for each connection; beyond it the sender feels back-pressure. */
const HELD_BYTES_MAX = 16 * 1024 * 1024;

/** Bytes, and when they may leave. */
interface Held {
  bytes: Buffer;
  readonly due: number;
}

/** Moves bytes from one socket to another, and the end of the stream after them. */
export class BytePump {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #condition: LinkCondition;
  readonly #held: Held[] = [];
  #heldBytes = 0;
  #lastDue = 0;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: Socket, sink: Socket, condition: LinkCondition) {
    this.#source = source;
    this.#sink = sink;
    this.#condition = condition;
    source.on('data', (chunk) => this.#hold(chunk));
    source.on('end', () => {
      this.#ended = true;
      this.proceed();
    });
    sink.on('drain', () => this.proceed());
    sink.on('close', () => clearTimeout(this.#timer));
  }

  /** Looks again at the condition, and moves what may move. */
  proceed(): void {
    clearTimeout(this.#timer);
    if (this.#condition.isCut()) {
      this.#source.pause();
      return;
    }
    for (let head = this.#held[0]; head !== undefined; head = this.#held[0]) {
      if (this.#sink.writableNeedDrain || this.#sink.destroyed) return;
      const now = performance.now();
      const waitMs = Math.max(head.due - now, this.#condition.bucket()?.waitMs(head.bytes.length, now) ?? 0);
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.proceed(), Math.ceil(waitMs));
        return;
      }
      this.#release(head, now);
    }
    if (this.#ended) this.#sink.end();
    else this.#source.resume();
  }

  #hold(bytes: Buffer): void {
    // Never before what came earlier: jitter delays bytes, it does not reorder a stream.
    this.#lastDue = Math.max(this.#lastDue, performance.now() + this.#condition.delayMs());
    this.#held.push({ bytes, due: this.#lastDue });
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > HELD_BYTES_MAX) this.#source.pause();
    this.proceed();
  }

  #release(head: Held, now: number): void {
    const count = this.#condition.bucket()?.take(head.bytes.length, now) ?? head.bytes.length;
    this.#sink.write(head.bytes.subarray(0, count));
    this.#heldBytes -= count;
    if (count === head.bytes.length) this.#held.shift();
    else head.bytes = head.bytes.subarray(count);
  }
}
