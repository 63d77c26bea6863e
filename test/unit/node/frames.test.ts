/** The wire format: whatever the pieces, the frames that went in come out. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Json } from '../../../harness/json.ts';
import { encodeFrame, FRAME, FRAME_BYTES_MAX, FrameDecoder } from '../../../harness/node/frames.ts';

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
    assert.equal(encodeFrame(FRAME.message, 'x'.repeat(FRAME_BYTES_MAX - 3)).length, FRAME_BYTES_MAX + 4);
  });

  it('should refuse a length that no node sends before its bytes arrive', () => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(FRAME_BYTES_MAX + 1);
    assert.throws(() => new FrameDecoder().push(header), /claims 16777217 bytes/);
  });

  it('should refuse what is not JSON', () => {
    const frame = encodeFrame(FRAME.message, 'ab');
    frame.writeUInt8(0x7b, 5);
    assert.throws(() => new FrameDecoder().push(frame), SyntaxError);
  });
});
