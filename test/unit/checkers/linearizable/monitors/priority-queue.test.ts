/**
 * The monitor of priority queues: by hand, and against the oracle.
 */
import assert from 'node:assert/strict';
import { priorityQueueMonitor } from '../../../../../checkers/linearizable/monitors/priority-queue/monitor.ts';
import { recordCalls } from '../../../../../checkers/linearizable/record.ts';
import { priorityQueue } from '../../../../../checkers/models/priority-queue.ts';
import { history, type Entry } from '../../histories.ts';
import { byHand, itShouldBeExact, itShouldLetCrashedRemovesTake, type Kind } from './containers.ts';
import { held } from './held.ts';

const kind: Kind = {
  model: priorityQueue,
  monitor: priorityQueueMonitor({ insert: ['insert'], remove: ['poll'], peek: ['peek'] }),
  insert: 'insert',
  remove: 'poll',
  peek: 'peek',
  next: (contents) => (contents.length === 0 ? undefined : Math.max(...contents)),
};

const { insert, remove: poll, peek, valid } = byHand(kind);

describe('the monitor of priority queues', () => {
  it('should reject an element that goes before a greater one', () => {
    assert.deepEqual(held(kind, history(...insert(1), ...insert(2), ...poll(1), ...poll(2)), null), {
      valid: false,
      conflict: [0, 1, 2, 3],
      reason: 'poll gave 1 while 2 must have been there',
    });
    assert.equal(valid([...insert(1), ...insert(2), ...poll(2), ...poll(1)]), true);
    assert.equal(valid([...insert(1), ...poll(1), ...insert(2), ...poll(2)]), true);
  });

  it('should reject an element that goes while one greater or another always is there', () => {
    const during = (greater: Entry[]): Entry[] => [
      ...insert(1),
      ...insert(2),
      [1, 'invoke', 'poll'],
      ...greater,
      [1, 'ok', 'poll', 1],
    ];
    assert.equal(valid(during([...insert(3), ...poll(3), ...poll(2)])), true);
    const covered: Entry[] = [[2, 'invoke', 'insert', 3], ...poll(2), [2, 'ok', 'insert', 3]];
    assert.equal(valid(during(covered)), true);
    assert.equal(valid(during([...insert(3)])), false);
  });

  it('should compare numbers as numbers', () => {
    assert.equal(
      valid([...insert(-1), ...insert(0.5), ...insert(10), ...poll(10), ...poll(0.5), ...poll(-1)]),
      true,
    );
    assert.equal(valid([...insert(9), ...insert(10), ...poll(9)]), false);
  });

  it('should reject that nothing is found while something is there', () => {
    assert.deepEqual(held(kind, history(...insert(1), ...insert(2), ...poll(2), ...poll(null)), null), {
      valid: false,
      conflict: [0, 3],
      reason: 'poll found nothing while 1 must have been there',
    });
    assert.equal(valid([...insert(1), ...insert(2), ...poll(2), ...poll(1), ...poll(null)]), true);
  });

  it('should reject a peek that sees an element while a greater one is there', () => {
    assert.equal(valid([...insert(2), ...insert(1), ...peek(1)]), false);
    assert.equal(valid([...insert(1), ...peek(1), ...insert(2), ...peek(2)]), true);
  });

  it('should start with the elements of the first state, in any order', () => {
    assert.equal(valid([...insert(2), ...poll(3), ...poll(2), ...poll(1), ...poll(null)], [3, 1]), true);
    assert.equal(valid([...insert(2), ...poll(2)], [3, 1]), false);
  });

  itShouldLetCrashedRemovesTake(kind);

  it('should not apply where an element is inserted twice, or is no number, and say so', () => {
    const twice = kind.monitor.check(recordCalls(history(...insert(1), ...poll(1), ...insert(1))), []);
    assert.deepEqual(twice, { valid: 'inapplicable', why: '1 is inserted twice' });
    const text = kind.monitor.check(recordCalls(history(...insert('a'))), []);
    assert.deepEqual(text, { valid: 'inapplicable', why: '"a" is no number' });
  });

  itShouldBeExact(kind, [9002, 9001]);
});
