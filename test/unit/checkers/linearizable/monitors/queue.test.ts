/**
 * The monitor of first-in-first-out queues: by hand, and against the oracle.
 */
import assert from 'node:assert/strict';
import { queueMonitor } from '../../../../../checkers/linearizable/monitors/queue/monitor.ts';
import { recordCalls } from '../../../../../checkers/linearizable/record.ts';
import { fifoQueue } from '../../../../../checkers/models/fifo-queue.ts';
import { alone, history, type Entry } from '../../histories.ts';
import { byHand, itShouldBeExact, type Kind } from './containers.ts';
import { held } from './held.ts';

const kind: Kind = {
  model: fifoQueue,
  monitor: queueMonitor({ insert: ['enqueue'], remove: ['dequeue'], peek: ['peek'] }),
  insert: 'enqueue',
  remove: 'dequeue',
  peek: 'peek',
  next: (contents) => contents[0],
};

const { insert: enqueue, remove: dequeue, peek, crashed, valid } = byHand(kind);

describe('the monitor of queues', () => {
  it('should reject an element that overtakes another', () => {
    const verdict = held(kind, history(...enqueue(1), ...enqueue(2), ...dequeue(2), ...dequeue(1)), null);
    assert.deepEqual(verdict, {
      valid: false,
      conflict: [0, 1, 2, 3],
      reason: '2 was first while 1, inserted before it, was still there',
    });
    assert.equal(valid([...enqueue(1), ...enqueue(2), ...dequeue(1), ...dequeue(2)]), true);
  });

  it('should reject an element that comes although one before it never goes', () => {
    assert.equal(valid([...enqueue(1), ...enqueue(2), ...dequeue(2)]), false);
    assert.equal(valid([...enqueue(1), ...enqueue(2), ...dequeue(1)]), true);
  });

  it('should reject an element out of nowhere', () => {
    assert.equal(valid([...enqueue(1), ...dequeue(2)]), false);
    assert.equal(valid([...enqueue(1), ...dequeue(1)]), true);
  });

  it('should reject an element that is dequeued twice', () => {
    assert.equal(valid([...enqueue(1), ...dequeue(1), ...dequeue(1)]), false);
    assert.equal(valid([...enqueue(1), ...dequeue(1), ...dequeue(null)]), true);
  });

  it('should reject an element that is dequeued before it was enqueued', () => {
    assert.equal(valid([...dequeue(1), ...enqueue(1)]), false);
    assert.equal(valid([...enqueue(1), ...dequeue(1)]), true);
  });

  it('should reject that nothing is found while something is there', () => {
    const verdict = held(kind, history(...enqueue(1), ...enqueue(2), ...dequeue(null), ...dequeue(1)), null);
    assert.deepEqual(verdict, {
      valid: false,
      conflict: [1, 2],
      reason: 'dequeue found nothing while 2 must have been there',
    });
    assert.equal(valid([...dequeue(null), ...enqueue(1), ...peek(1), ...dequeue(1), ...peek(null)]), true);
  });

  it('should start with the elements of the first state, in their order', () => {
    assert.equal(valid([...enqueue(3), ...dequeue(1), ...dequeue(2), ...dequeue(3)], [1, 2]), true);
    assert.equal(valid([...enqueue(3), ...dequeue(2), ...dequeue(1), ...dequeue(3)], [1, 2]), false);
    assert.equal(valid(peek(null), [1]), false);
    assert.equal(valid(peek(1), [1]), true);
  });

  it('should reject two elements that are first at the same time', () => {
    assert.equal(valid([...enqueue(1), ...enqueue(2), ...peek(1), ...peek(2), ...dequeue(1)]), false);
    assert.equal(valid([...enqueue(1), ...enqueue(2), ...peek(1), ...dequeue(1), ...peek(2)]), true);
  });

  it('should name the element that was seen, where another must wait for it to go', () => {
    // 1 is first until its dequeue begins, and 2 goes after it; then 3 is there for ever.
    const entries: Entry[] = [
      ...enqueue(1),
      [1, 'invoke', 'enqueue', 3],
      ...enqueue(2),
      ...peek(1),
      [2, 'invoke', 'peek'],
      [3, 'invoke', 'dequeue'],
      [1, 'ok', 'enqueue', 3],
      ...dequeue(1),
      [3, 'ok', 'dequeue', 2],
    ];
    assert.equal(valid([...entries, [2, 'ok', 'peek', null]]), false);
    assert.equal(valid([...entries, [2, 'ok', 'peek', 1]]), true);
  });

  it('should let crashed dequeues take what must be gone, each one element', () => {
    const start = [...enqueue(1), ...enqueue(2), ...enqueue(3)];
    assert.equal(valid([...start, crashed(1, 'dequeue'), ...dequeue(3)]), false);
    assert.equal(valid([...start, crashed(1, 'dequeue'), crashed(2, 'dequeue'), ...dequeue(3)]), true);
    assert.equal(valid([...start, crashed(1, 'dequeue'), ...dequeue(3), crashed(2, 'dequeue')]), false);
    assert.equal(valid([...start, crashed(1, 'dequeue'), ...dequeue(2)]), true);
  });

  it('should not let a crashed dequeue take what is seen later', () => {
    const start = [...enqueue(1), ...enqueue(2), crashed(1, 'dequeue')];
    assert.equal(valid([...start, ...peek(2), ...peek(1)]), false);
    assert.equal(valid([...start, ...peek(1), ...peek(2)]), true);
  });

  it('should let crashed dequeues empty the queue', () => {
    assert.equal(valid([...enqueue(1), crashed(1, 'dequeue'), ...dequeue(null)]), true);
    assert.equal(valid([...enqueue(1), ...dequeue(null), crashed(1, 'dequeue')]), false);
  });

  it('should use crashed enqueues that were seen, and no others', () => {
    assert.equal(valid([crashed(1, 'enqueue', 1), ...dequeue(1)]), true);
    assert.equal(valid([crashed(1, 'enqueue', 1), ...dequeue(null)]), true);
    assert.equal(valid([crashed(1, 'enqueue', 1), ...peek(1), ...dequeue(null)]), false);
    assert.equal(valid([crashed(1, 'enqueue', 1), ...peek(1), ...dequeue(1)]), true);
  });

  it('should not apply where an element is enqueued twice, and say so', () => {
    const verdict = kind.monitor.check(recordCalls(history(...enqueue(1), ...dequeue(1), ...enqueue(1))), []);
    assert.deepEqual(verdict, { valid: 'inapplicable', why: '1 is inserted twice' });
    assert.equal(valid([...enqueue(1)], [1]), 'inapplicable');
    assert.equal(valid([...enqueue(2)], [1]), true);
  });

  it('should not apply to operations and states that it does not know', () => {
    const size = recordCalls(history(...alone(0, 'size', null, 0)));
    assert.deepEqual(kind.monitor.check(size, []), { valid: 'inapplicable', why: 'it does not know size' });
    const known = recordCalls(history(...enqueue(1)));
    assert.equal(kind.monitor.check(known, 'text').valid, 'inapplicable');
    assert.equal(kind.monitor.check(known, []).valid, true);
  });

  itShouldBeExact(kind, [9001, 9002]);
});
