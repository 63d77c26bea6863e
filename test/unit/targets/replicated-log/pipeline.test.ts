/** When a batch may follow one that is on its way: a full one at once, a partial one after an answer or a while. */
import assert from 'node:assert/strict';
import { mayFollow, type Pipeline } from '../../../../targets/replicated-log/pipeline.ts';

const LIMITS = { maxInflight: 2, maxBatch: 16, gatherMs: 5 };
const may = (pipeline: Partial<Pipeline>, now = 100): boolean =>
  mayFollow({ inflight: 1, waiting: 1, sentAt: 100, ...pipeline }, LIMITS, now);

describe('pipelining', () => {
  it('should send at once when nothing is on its way, and nothing when nothing waits', () => {
    assert.equal(may({ inflight: 0 }), true);
    assert.equal(may({ inflight: 0, waiting: 0 }), false);
  });

  it('should send a full batch behind another, and let a partial one gather', () => {
    assert.equal(may({ waiting: 16 }), true);
    assert.equal(may({ waiting: 15 }), false);
  });

  it('should send what has gathered long enough', () => {
    assert.equal(may({}, 105), true);
    assert.equal(may({}, 104), false);
  });

  it('should never have more on the way than is allowed', () => {
    assert.equal(may({ inflight: 2, waiting: 100 }, 1000), false);
    assert.equal(may({ inflight: 1, waiting: 100 }, 1000), true);
  });
});
