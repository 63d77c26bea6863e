/**
 * The wire format between nodes: a length, a kind, a JSON text. Lengths come first, so that a receiver knows
 * before it reads how much memory a frame asks for, and refuses what no honest node sends.
 *
 *     4 bytes   length of what follows, big-endian
 *     1 byte    kind
 *     n bytes   JSON, UTF-8
 */
import type { Json } from '../json.ts';

/** What a frame is. */
export const FRAME = {
  /** First on a connection, `{ from, to }`: who speaks, and whom it means to reach. */
  hello: 1,
  /** A message of the program. */
  message: 2,
  /** A probe of the harness, `{ nonce }`: remembered by the receiver, unseen by the program. */
  probe: 3,
  /** The only frame that travels back: how many bytes of this connection the receiver has read so far. */
  ack: 4,
} as const;

/** A decoded frame; kinds that are not in `FRAME` are for the reader to refuse. */
export interface Frame {
  readonly kind: number;
  readonly body: Json;
}

/** Longest frame, in bytes after the length. Raft snapshots are the largest things that travel. */
export const FRAME_BYTES_MAX = 16 * 1024 * 1024;

const LENGTH_BYTES = 4;

/** Writes a frame. Throws a RangeError when it is longer than `FRAME_BYTES_MAX`. */
export function encodeFrame(kind: number, body: Json): Buffer {
  const text = JSON.stringify(body);
  const length = 1 + Buffer.byteLength(text);
  if (length > FRAME_BYTES_MAX)
    throw new RangeError(`a message of ${length} bytes exceeds ${FRAME_BYTES_MAX}`);
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + length);
  frame.writeUInt32BE(length, 0);
  frame.writeUInt8(kind, LENGTH_BYTES);
  frame.write(text, LENGTH_BYTES + 1, 'utf8');
  return frame;
}

/** Reads the frames of one connection from the pieces in which they arrive. */
export class FrameDecoder {
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** Bytes that must be there before there is anything to read. */
  #wanted = LENGTH_BYTES;

  /** The frames that this piece completes. Throws an Error on a malformed one; the connection is then beyond use. */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered < this.#wanted) return [];
    // Joined only when a whole frame is there: a long frame in many pieces is copied once.
    let bytes = Buffer.concat(this.#chunks);
    const frames: Frame[] = [];
    while (bytes.length >= (this.#wanted = wantedBytes(bytes))) {
      frames.push(decodeFrame(bytes.subarray(LENGTH_BYTES, this.#wanted)));
      bytes = bytes.subarray(this.#wanted);
    }
    this.#chunks = [bytes];
    this.#buffered = bytes.length;
    return frames;
  }
}

/** Length of the frame at the beginning of these bytes, or of its length field while that is incomplete. */
function wantedBytes(bytes: Buffer): number {
  if (bytes.length < LENGTH_BYTES) return LENGTH_BYTES;
  const length = bytes.readUInt32BE(0);
  if (length < 2 || length > FRAME_BYTES_MAX) throw new Error(`a frame claims ${length} bytes`);
  return LENGTH_BYTES + length;
}

function decodeFrame(bytes: Buffer): Frame {
  return { kind: bytes.readUInt8(0), body: JSON.parse(bytes.toString('utf8', 1)) as Json };
}
