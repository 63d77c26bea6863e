/**
 * What a link does to the messages of one connection: which are lost, come twice, are damaged, or are held back while
 * later ones overtake them, and how late each is. A message is a frame of the nodes' own wire format (harness/node/frames.ts);
 * what is no message - the hello that opens a connection - is spared, and bytes that are no frames at all pass as they are.
 */
import { damaged, FRAME, framesIn, FrameSplitter, kindOf } from '../../node/frames.ts';
import type { Random } from '../../random.ts';
import type { LinkShape } from '../cluster.ts';

/** Bytes on their way. */
export interface Parcel {
  /** None, where they are lost. */
  readonly bytes: Buffer;
  /** How many of the sender's bytes are settled when it leaves. */
  readonly sent: number;
  readonly delayMs: number;
  /** Milliseconds beyond that, in which later ones may overtake it. */
  readonly heldBackMs: number;
}

const NOTHING = Buffer.alloc(0);

/** One connection's messages. */
export class MessageBender {
  readonly #splitter = new FrameSplitter();
  readonly #random: Random;
  readonly #shape: () => LinkShape;
  #opaque = false;

  /** @param shape how the link is bent now; it may change at any time */
  constructor(shape: () => LinkShape, random: Random) {
    this.#shape = shape;
    this.#random = random;
  }

  /** What becomes of these bytes. Frames are kept until they are whole. */
  bend(chunk: Buffer): Parcel[] {
    if (this.#opaque) return this.#late(chunk);
    let frames: Buffer;
    try {
      frames = this.#splitter.push(chunk);
    } catch {
      this.#opaque = true;
      return this.#late(this.#splitter.takeRest());
    }
    const shape = this.#shape();
    if (!bendsMessages(shape)) return this.#late(frames);
    return framesIn(frames).flatMap((frame) => this.#bendFrame(frame, shape));
  }

  /** What was kept, when no more comes. */
  rest(): Parcel[] {
    return this.#late(this.#splitter.takeRest());
  }

  #bendFrame(frame: Buffer, shape: LinkShape): Parcel[] {
    const kind = kindOf(frame);
    if (kind !== FRAME.message && kind !== FRAME.probe) return this.#late(frame);
    const { loss = 0, duplicate = 0, corrupt = 0 } = shape;
    if (this.#happens(loss))
      return [{ bytes: NOTHING, sent: frame.length, delayMs: this.#delayMs(), heldBackMs: 0 }];
    const bytes = this.#happens(corrupt) ? damaged(frame, this.#random.next()) : frame;
    const parcels = [this.#parcel(bytes, frame.length, shape)];
    if (this.#happens(duplicate)) parcels.push(this.#parcel(bytes, 0, shape));
    return parcels;
  }

  #parcel(bytes: Buffer, sent: number, { reorder }: LinkShape): Parcel {
    const heldBackMs = reorder !== undefined && this.#happens(reorder.share) ? reorder.byMs : 0;
    return { bytes, sent, delayMs: this.#delayMs(), heldBackMs };
  }

  /** In order, and only late. */
  #late(bytes: Buffer): Parcel[] {
    if (bytes.length === 0) return [];
    return [{ bytes, sent: bytes.length, delayMs: this.#delayMs(), heldBackMs: 0 }];
  }

  #delayMs(): number {
    const { delayMs = 0, jitterMs = 0 } = this.#shape();
    return jitterMs === 0 ? delayMs : delayMs + jitterMs * this.#random.next();
  }

  #happens(probability: number): boolean {
    return probability > 0 && this.#random.chance(probability);
  }
}

/** Whether messages must be looked at one by one. */
function bendsMessages({ loss, duplicate, reorder, corrupt, jitterMs }: LinkShape): boolean {
  return [loss, duplicate, reorder, corrupt, jitterMs].some((bend) => bend !== undefined);
}
