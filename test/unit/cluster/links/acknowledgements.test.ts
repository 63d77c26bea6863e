/** Acknowledgements that stay true to the sender while messages are lost and doubled. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Acknowledgements } from '../../../../harness/cluster/links/acknowledgements.ts';
import { encodeFrame, FRAME, FrameDecoder } from '../../../../harness/node/frames.ts';

function ack(bytes: number): Buffer {
  return encodeFrame(FRAME.ack, { bytes });
}

/** What these bytes acknowledge. */
function counts(bytes: Buffer | undefined): unknown[] {
  return bytes === undefined ? [] : new FrameDecoder().push(bytes).map(({ body }) => body);
}

describe('acknowledgements', () => {
  it('should pass as they are while nothing is lost or doubled, in whatever pieces they come', () => {
    const acknowledgements = new Acknowledgements();
    acknowledgements.left(100, 100);
    const [first, second] = [ack(60), ack(100)];
    const passed = [
      acknowledgements.pass(first.subarray(0, 5)),
      acknowledgements.pass(Buffer.concat([first.subarray(5), second])),
    ];
    assert.deepEqual(Buffer.concat(passed), Buffer.concat([first, second]));
    assert.equal(acknowledgements.owed(), undefined);
  });

  it('should tell the sender of what was lost, though the receiver says nothing more', () => {
    const acknowledgements = new Acknowledgements();
    acknowledgements.left(100, 100);
    acknowledgements.pass(ack(100));
    acknowledgements.left(0, 30);
    assert.deepEqual(counts(acknowledgements.owed()), [{ bytes: 130 }]);
    assert.equal(acknowledgements.owed(), undefined, 'once is enough');
  });

  it('should not count what was lost before what came earlier was read', () => {
    const acknowledgements = new Acknowledgements();
    acknowledgements.left(100, 100);
    acknowledgements.left(0, 30);
    assert.equal(acknowledgements.owed(), undefined);
    assert.deepEqual(counts(acknowledgements.pass(ack(40))), [{ bytes: 40 }]);
    assert.deepEqual(counts(acknowledgements.pass(ack(100))), [{ bytes: 130 }]);
  });

  it('should not count a copy', () => {
    const acknowledgements = new Acknowledgements();
    acknowledgements.left(50, 50);
    acknowledgements.left(50, 0);
    acknowledgements.left(20, 20);
    assert.deepEqual(counts(acknowledgements.pass(ack(50))), [{ bytes: 50 }]);
    assert.deepEqual(counts(acknowledgements.pass(ack(100))), []);
    assert.deepEqual(counts(acknowledgements.pass(ack(120))), [{ bytes: 70 }]);
  });

  it('should come to all that was sent when all was read, and never go back, whatever was lost and doubled', () => {
    const message = fc.record({
      bytes: fc.integer({ min: 1, max: 50 }),
      fate: fc.constantFrom('as is', 'lost', 'copy'),
    });
    fc.assert(
      fc.property(fc.array(message, { minLength: 1 }), fc.infiniteStream(fc.nat(60)), (messages, steps) => {
        const acknowledgements = new Acknowledgements();
        let [sent, received, read, told] = [0, 0, 0, 0];
        const hear = (bytes: Buffer | undefined): void => {
          for (const count of counts(bytes) as { bytes: number }[]) {
            assert.ok(count.bytes >= told && count.bytes <= sent);
            told = count.bytes;
          }
        };
        for (const { bytes, fate } of messages) {
          const [arrives, stands] = [fate === 'lost' ? 0 : bytes, fate === 'copy' ? 0 : bytes];
          received += arrives;
          sent += stands;
          acknowledgements.left(arrives, stands);
          hear(acknowledgements.owed());
          read = Math.min(received, read + Number(steps.next().value));
          hear(acknowledgements.pass(ack(read)));
        }
        hear(acknowledgements.pass(ack(received)));
        assert.equal(told, sent);
      }),
    );
  });
});
