/**
 * One direction of one connection through a link proxy: parcels of bytes leave when they are due, as fast as the link's
 * rate lets them, or not at all while it is cut. They leave in the order in which they came, but for those
 * that are held back; a parcel that has begun to leave leaves whole.
 */
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Parcel } from './message-bender.ts';
import type { TokenBucket } from './token-bucket.ts';

/** What a link does to bytes. It may change at any time. */
export interface LinkCondition {
  /** Nothing moves, and nobody is told. */
  isCut(): boolean;
  /** Bounds bytes a second; undefined: no bound. */
  bucket(): TokenBucket | undefined;
  /** What becomes of these bytes; of what was kept of them, when no more come. */
  bend(bytes: Buffer): readonly Parcel[];
  rest(): readonly Parcel[];
  /** So many bytes have left, in place of so many of the sender's. */
  left(bytes: number, sent: number): void;
  /** All has left, and no more will come. */
  ended(): void;
}

/** Bytes held back at most, for each connection; beyond it the sender feels back-pressure. */
const HELD_BYTES_MAX = 16 * 1024 * 1024;

/** A parcel, and when it may leave. */
interface Held {
  bytes: Buffer;
  sent: number;
  readonly due: number;
}

/** Moves bytes from one socket to another. What comes when the other is gone goes nowhere. */
export class BytePump {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #condition: LinkCondition;
  /** In the order in which they came. */
  readonly #line: Held[] = [];
  /** Those that are held back, the next first. */
  readonly #heldBack: Held[] = [];
  /** The one that has left in part. */
  #leaving: Held | undefined;
  #heldBytes = 0;
  #lastDue = 0;
  #ended = false;
  #told = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: Socket, sink: Socket, condition: LinkCondition) {
    this.#source = source;
    this.#sink = sink;
    this.#condition = condition;
    source.on('data', (chunk) => this.#take(condition.bend(chunk)));
    source.on('end', () => {
      this.#ended = true;
      this.#take(condition.rest());
    });
    sink.on('drain', () => this.proceed());
    sink.on('close', () => this.proceed());
  }

  /** Bytes of our own, behind what is there. */
  add(bytes: Buffer): void {
    this.#take([{ bytes, sent: 0, delayMs: 0, heldBackMs: 0 }]);
  }

  /** Looks again at the condition, and moves what may move. */
  proceed(): void {
    clearTimeout(this.#timer);
    if (this.#condition.isCut()) {
      this.#source.pause();
      return;
    }
    if (this.#sink.destroyed) this.#drop();
    this.#sink.cork();
    const waitMs = this.#releaseDue();
    this.#sink.uncork();
    if (waitMs !== undefined && waitMs > 0) this.#timer = setTimeout(() => this.proceed(), Math.ceil(waitMs));
    if (this.#ended && this.#next() === undefined && !this.#told) {
      this.#told = true;
      this.#condition.ended();
    } else if (this.#heldBytes <= HELD_BYTES_MAX) {
      this.#source.resume();
    }
  }

  #take(parcels: readonly Parcel[]): void {
    for (const parcel of parcels) this.#hold(parcel);
    if (this.#heldBytes > HELD_BYTES_MAX) this.#source.pause();
    this.proceed();
  }

  #hold({ bytes, sent, delayMs, heldBackMs }: Parcel): void {
    const due = performance.now() + delayMs;
    this.#heldBytes += bytes.length;
    if (heldBackMs > 0) {
      const held = { bytes, sent, due: due + heldBackMs };
      const behind = this.#heldBack.findLastIndex((other) => other.due <= held.due);
      this.#heldBack.splice(behind + 1, 0, held);
      return;
    }
    // Never before what came earlier: jitter delays bytes, it does not reorder a stream.
    this.#lastDue = Math.max(this.#lastDue, due);
    this.#line.push({ bytes, sent, due: this.#lastDue });
  }

  /** Releases all that may leave; answers the milliseconds until more may, where that is known. */
  #releaseDue(): number | undefined {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (this.#sink.writableNeedDrain) return undefined;
      const now = performance.now();
      const bucketMs = this.#condition.bucket()?.waitMs(next.bytes.length, now) ?? 0;
      const waitMs = Math.max(next.due - now, bucketMs);
      if (waitMs > 0) return waitMs;
      this.#release(next, now);
    }
    return undefined;
  }

  #next(): Held | undefined {
    if (this.#leaving !== undefined) return this.#leaving;
    const [inLine, heldBack] = [this.#line[0], this.#heldBack[0]];
    if (inLine === undefined || heldBack === undefined) return inLine ?? heldBack;
    return heldBack.due < inLine.due ? heldBack : inLine;
  }

  #release(next: Held, now: number): void {
    const { bytes } = next;
    const count = this.#condition.bucket()?.take(bytes.length, now) ?? bytes.length;
    const isWhole = count === bytes.length;
    if (this.#leaving === undefined) {
      if (next === this.#line[0]) this.#line.shift();
      else this.#heldBack.shift();
    }
    if (count > 0) this.#sink.write(isWhole ? bytes : bytes.subarray(0, count));
    // What was lost settles all at once, and a copy nothing; all else byte by byte.
    const settled = isWhole ? next.sent : Math.min(count, next.sent);
    next.sent -= settled;
    next.bytes = bytes.subarray(count);
    this.#heldBytes -= count;
    this.#leaving = isWhole ? undefined : next;
    this.#condition.left(count, settled);
  }

  /** Nobody is there any more. */
  #drop(): void {
    this.#line.length = 0;
    this.#heldBack.length = 0;
    this.#leaving = undefined;
    this.#heldBytes = 0;
  }
}
