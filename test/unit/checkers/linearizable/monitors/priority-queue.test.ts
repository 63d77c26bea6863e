/**
 * The monitor of priority queues: by hand, and against the oracle.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../../harness/json.ts';
import { priorityQueueMonitor } from '../../../../../checkers/linearizable/monitors/priority-queue/monitor.ts';
import { recordCalls } from '../../../../../checkers/linearizable/record.ts';
import { priorityQueue } from '../../../../../checkers/models/priority-queue.ts';
import { alone, history, type Entry } from '../../histories.ts';
import { assertWitness, checked, fuzz, longUsage, type Kind } from './queue-histories.ts';

const kind: Kind = {
  model: priorityQueue,
  monitor: priorityQueueMonitor({ insert: ['insert'], remove: ['poll'], peek: ['peek'] }),
  insert: 'insert',
  remove: 'poll',
  peek: 'peek',
  next: (contents) => (contents.length === 0 ? undefined : Math.max(...contents)),
};

const insert = (element: Json): Entry[] => alone(0, 'insert', element);
const poll = (element: Json): Entry[] => alone(0, 'poll', null, element);
const peek = (element: Json): Entry[] => alone(0, 'peek', null, element);
const crashed = (process: number, f: string, argument: Json = null): Entry => [
  process,
  'invoke',
  f,
  argument,
];

function valid(entries: readonly Entry[], initial?: Json): boolean | 'inapplicable' {
  return checked(kind, history(...entries), initial).valid;
}

describe('the monitor of priority queues', () => {
  it('should reject an element that goes before a greater one', () => {
    assert.deepEqual(checked(kind, history(...insert(1), ...insert(2), ...poll(1), ...poll(2))), {
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
    assert.deepEqual(checked(kind, history(...insert(1), ...insert(2), ...poll(2), ...poll(null))), {
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

  it('should let crashed polls take what was in the way, each one element', () => {
    const start = [...insert(1), ...insert(2), ...insert(3)];
    assert.equal(valid([...start, crashed(1, 'poll'), ...poll(1)]), false);
    assert.equal(valid([...start, crashed(1, 'poll'), crashed(2, 'poll'), ...poll(1)]), true);
    assert.equal(valid([...start, crashed(1, 'poll'), ...poll(2)]), true);
    assert.equal(valid([...start, ...poll(2), crashed(1, 'poll')]), false);
  });

  it('should not apply where an element is inserted twice, or is no number, and say so', () => {
    const twice = kind.monitor.check(recordCalls(history(...insert(1), ...poll(1), ...insert(1))), []);
    assert.deepEqual(twice, { valid: 'inapplicable', why: '1 is inserted twice' });
    const text = kind.monitor.check(recordCalls(history(...insert('a'))), []);
    assert.deepEqual(text, { valid: 'inapplicable', why: '"a" is no number' });
  });

  it('should find two swapped elements in a long history, and name only these', () => {
    const swapped = recordCalls(longUsage(kind, 'long', [9001, 9002], [9001, 9002]));
    const verdict = kind.monitor.check(swapped, []);
    const { length } = swapped;
    assert.ok(verdict.valid === false);
    assert.deepEqual(verdict.conflict, [length - 4, length - 3, length - 2, length - 1]);
    const right = recordCalls(longUsage(kind, 'long', [9001, 9002], [9002, 9001]));
    const explained = kind.monitor.check(right, []);
    assert.ok(explained.valid === true);
    assertWitness(right, explained.order?.() ?? assert.fail('no witness'), kind.model, null);
  });

  it('should agree with the oracle on random histories', function () {
    this.timeout(60_000);
    const tally = fuzz(kind, 'priority queue', 20_000);
    assert.ok(tally.true > 2000 && tally.false > 2000 && tally.inapplicable < 200, JSON.stringify(tally));
    assert.ok(tally.large < 40, JSON.stringify(tally));
  });
});
