/**
 * The wire format between nodes: a length, a checksum, a kind, a JSON text. Lengths come first, so that a receiver
 * knows before it reads how much memory a frame asks for, and refuses what no honest node sends. The checksum is
 * there because TCP's own lets one damaged packet in ten thousand or so through (Stone and Partridge, SIGCOMM 2000), and
 * because a link that damages messages must be noticed here and not be repaired below.
 *
 *     4 bytes   length of what follows, big-endian
 *     4 bytes   CRC-32 of what follows
 *     1 byte    kind
 *     n bytes   JSON, UTF-8
 */
import { crc32 } from 'node:zlib';
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

const NOTHING = Buffer.alloc(0);

/** Where the parts of a frame begin. */
const AT = { checksum: 4, kind: 8, body: 9 } as const;
/** What every frame has, and the shortest JSON. */
const FRAME_BYTES_MIN = AT.body - AT.checksum + 1;

/** A frame is not what was sent: its checksum says so. */
export class DamagedFrame extends Error {
  override readonly name = 'DamagedFrame';
}

/** Writes a frame. Throws a RangeError when it is longer than `FRAME_BYTES_MAX`. */
export function encodeFrame(kind: number, body: Json): Buffer {
  const text = JSON.stringify(body);
  const end = AT.body + Buffer.byteLength(text);
  const length = end - AT.checksum;
  if (length > FRAME_BYTES_MAX)
    throw new RangeError(`a message of ${length} bytes exceeds ${FRAME_BYTES_MAX}`);
  const frame = Buffer.allocUnsafe(end);
  frame.writeUInt32BE(length, 0);
  frame.writeUInt8(kind, AT.kind);
  frame.write(text, AT.body, 'utf8');
  frame.writeUInt32BE(crc32(frame.subarray(AT.kind)), AT.checksum);
  return frame;
}

/** The kind of a whole frame. */
export function kindOf(frame: Buffer): number {
  return frame.readUInt8(AT.kind);
}

/** Reads a whole frame. Throws a `DamagedFrame` when its checksum is wrong, and a SyntaxError when it is not JSON. */
export function decodeFrame(frame: Buffer): Frame {
  const checked = frame.subarray(AT.kind);
  if (crc32(checked) !== frame.readUInt32BE(AT.checksum))
    throw new DamagedFrame(`a frame of ${frame.length} bytes is not what was sent: its checksum is wrong`);
  return { kind: kindOf(frame), body: JSON.parse(frame.toString('utf8', AT.body)) as Json };
}

/** A copy of a whole frame in which one bit of the body is another. @param place in [0, 1), runs over all its bits */
export function damaged(frame: Buffer, place: number): Buffer {
  const copy = Buffer.from(frame);
  const bit = Math.floor(place * 8 * (frame.length - AT.body));
  const at = AT.body + (bit >> 3);
  copy.writeUInt8(copy.readUInt8(at) ^ (1 << (bit & 7)), at);
  return copy;
}

/** Finds the frames of one connection in the pieces in which its bytes arrive. */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** Bytes that must be there before there is anything to read. */
  #wanted: number = AT.checksum;

  /** The frames that this piece completes, one behind the other (`framesIn`). Throws an Error on a length that no frame has. */
  push(chunk: Buffer): Buffer {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered < this.#wanted) return NOTHING;
    // Joined only when a whole frame is there: a long frame in many pieces is copied once.
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    let end = 0;
    for (;;) {
      this.#wanted = wantedBytes(bytes, end);
      if (bytes.length < end + this.#wanted) break;
      end += this.#wanted;
    }
    this.#chunks = end < bytes.length ? [bytes.subarray(end)] : [];
    this.#buffered = bytes.length - end;
    return bytes.subarray(0, end);
  }

  /** Takes out what was kept of a frame that is not whole yet, or of what is no frame. */
  takeRest(): Buffer {
    const rest = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#buffered = 0;
    this.#wanted = AT.checksum;
    return rest;
  }
}

/** Reads the frames of one connection from the pieces in which they arrive. */
export class FrameDecoder {
  readonly #splitter = new FrameSplitter();

  /** The frames that this piece completes. Throws an Error on a malformed one; the connection is then beyond use. */
  push(chunk: Buffer): Frame[] {
    return framesIn(this.#splitter.push(chunk)).map(decodeFrame);
  }
}

/** The whole frames that these bytes are, each by itself. */
export function framesIn(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + wantedBytes(bytes, at);
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return frames;
}

/** Length of the frame that begins there, or of its length field while that is incomplete. */
function wantedBytes(bytes: Buffer, at: number): number {
  if (bytes.length < at + AT.checksum) return AT.checksum;
  const length = bytes.readUInt32BE(at);
  if (length < FRAME_BYTES_MIN || length > FRAME_BYTES_MAX) throw new Error(`a frame claims ${length} bytes`);
  return AT.checksum + length;
}
