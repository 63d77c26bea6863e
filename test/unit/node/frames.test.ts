/** The wire format: whatever the pieces, the frames that went in come out. */
import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import type { Json } from '../../../harness/json.ts';
import {
  DamagedFrame,
  damaged,
  decodeFrame,
  encodeFrame,
  FRAME,
  FRAME_BYTES_MAX,
  FrameDecoder,
} from '../../../harness/node/frames.ts';

/** Cuts bytes into pieces at these places, counted modulo what is left. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let rest = bytes;
  for (const size of sizes) {
    pieces.push(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  return [...pieces, rest].filter((piece) => piece.length > 0);
}

describe('frames', () => {
  it('should come out as they went in, however the bytes were cut', () => {
    const bodies = fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 8 });
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 40 })), (messages, sizes) => {
        const sent = messages.map((message) => JSON.parse(JSON.stringify(message)) as Json);
        const bytes = Buffer.concat(sent.map((body) => encodeFrame(FRAME.message, body)));
        const decoder = new FrameDecoder();
        const received = cut(bytes, sizes).flatMap((piece) => decoder.push(piece));
        assert.deepEqual(
          received,
          sent.map((body) => ({ kind: FRAME.message, body })),
        );
      }),
    );
  });

  it('should refuse to write a frame that is too long, and write one that is not', () => {
    assert.throws(() => encodeFrame(FRAME.message, 'x'.repeat(FRAME_BYTES_MAX)), RangeError);
    assert.equal(encodeFrame(FRAME.message, 'x'.repeat(FRAME_BYTES_MAX - 7)).length, FRAME_BYTES_MAX + 4);
  });

  it('should refuse a length that no node sends before its bytes arrive', () => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(FRAME_BYTES_MAX + 1);
    assert.throws(() => new FrameDecoder().push(header), /claims 16777217 bytes/);
  });

  it('should find out that any one bit of what is checked was damaged', () => {
    const frame = encodeFrame(FRAME.message, { term: 3, entry: 'x' });
    assert.deepEqual(decodeFrame(frame).body, { term: 3, entry: 'x' });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (place) => {
        const other = damaged(frame, place);
        assert.equal(
          Buffer.compare(other.subarray(0, 9), frame.subarray(0, 9)),
          0,
          'the body alone is damaged',
        );
        assert.throws(() => decodeFrame(other), DamagedFrame);
      }),
    );
    frame.writeUInt8(FRAME.probe, 8);
    assert.throws(() => new FrameDecoder().push(frame), DamagedFrame, 'the kind is checked as well');
  });

  it('should refuse what is not JSON', () => {
    const body = Buffer.from('{b"');
    const frame = Buffer.concat([encodeFrame(FRAME.message, 'b').subarray(0, 9), body]);
    frame.writeUInt32BE(crc32(frame.subarray(8)), 4);
    assert.throws(() => new FrameDecoder().push(frame), SyntaxError);
  });
});
