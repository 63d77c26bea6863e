/**
 * Keeps the acknowledgements of one connection true to its sender while messages on it are lost or doubled. A receiver
 * acknowledges the bytes that it has read (harness/node/frames.ts), a sender waits until those that it wrote are
 * acknowledged (harness/node/peer-connection.ts); so what was dropped must count as read, and a copy must not.
 *
 * As long as nothing was lost or doubled, acknowledgements pass as they are and are not even read.
 */
import { isJsonObject } from '../../json.ts';
import { decodeFrame, encodeFrame, FRAME, framesIn, FrameSplitter } from '../../node/frames.ts';

/** A stretch of what left for the receiver: so many bytes there, for so many of the sender's. */
interface Stretch {
  received: number;
  sent: number;
}

/** What travels back on one connection. */
export class Acknowledgements {
  readonly #splitter = new FrameSplitter();
  /** What has left, and was not acknowledged when we last looked; oldest first. */
  readonly #open: Stretch[] = [];
  readonly #done: Stretch = { received: 0, sent: 0 };
  /** Whether the two counts have ever differed. */
  #touched = false;
  /** No acknowledgements come here, whatever it is. */
  #opaque = false;
  /** What the receiver said last, not yet read. */
  #latest: Buffer | undefined;
  /** The bytes that it has read, as it last said. */
  #read = 0;
  #told = 0;

  /** So many bytes have left for the receiver in place of so many of the sender's. */
  left(received: number, sent: number): void {
    if (received !== sent) this.#touched = true;
    const last = this.#open.at(-1);
    if (last !== undefined && last.received === last.sent && received === sent) {
      last.received += received;
      last.sent += sent;
    } else {
      this.#open.push({ received, sent });
    }
  }

  /** What the sender is to get for these bytes of the receiver's. */
  pass(chunk: Buffer): Buffer {
    if (this.#opaque) return chunk;
    let frames: Buffer;
    try {
      frames = this.#splitter.push(chunk);
    } catch {
      this.#opaque = true;
      return this.#splitter.takeRest();
    }
    if (frames.length > 0) this.#latest = frames;
    if (!this.#touched) return frames;
    return this.owed() ?? NOTHING;
  }

  /** An acknowledgement of what the sender has not been told yet; undefined when there is nothing to tell. */
  owed(): Buffer | undefined {
    if (this.#opaque || !this.#touched) return undefined;
    this.#readLatest();
    const bytes = this.#translate();
    if (bytes <= this.#told) return undefined;
    this.#told = bytes;
    return encodeFrame(FRAME.ack, { bytes });
  }

  /** What is kept of a frame that will never be whole, since the connection ends. */
  takeRest(): Buffer {
    return this.#splitter.takeRest();
  }

  #readLatest(): void {
    const last = this.#latest === undefined ? undefined : framesIn(this.#latest).at(-1);
    this.#latest = undefined;
    const body = last === undefined ? undefined : decodeFrame(last).body;
    if (isJsonObject(body) && typeof body['bytes'] === 'number') this.#read = body['bytes'];
  }

  /** How many of the sender's bytes are read, or will never be. */
  #translate(): number {
    const done = this.#done;
    for (
      let first = this.#open[0];
      first !== undefined && done.received + first.received <= this.#read;
      first = this.#open[0]
    ) {
      done.received += first.received;
      done.sent += first.sent;
      this.#open.shift();
    }
    const [first] = this.#open;
    const isPlain = first !== undefined && first.received === first.sent;
    return done.sent + (isPlain ? this.#read - done.received : 0);
  }
}

const NOTHING = Buffer.alloc(0);
