/**
 * The monitor of stacks: by hand, and against the oracle.
 */
import assert from 'node:assert/strict';
import { stackMonitor } from '../../../../../checkers/linearizable/monitors/stack/monitor.ts';
import { recordCalls } from '../../../../../checkers/linearizable/record.ts';
import { stack } from '../../../../../checkers/models/stack.ts';
import { history, type Entry } from '../../histories.ts';
import { byHand, itShouldBeExact, itShouldLetCrashedRemovesTake, type Kind } from './containers.ts';
import { held } from './held.ts';

const kind: Kind = {
  model: stack,
  monitor: stackMonitor({ insert: ['push'], remove: ['pop'], peek: ['peek'] }),
  insert: 'push',
  remove: 'pop',
  peek: 'peek',
  next: (contents) => contents.at(-1),
};

const { insert: push, remove: pop, peek, crashed, valid } = byHand(kind);

describe('the monitor of stacks', () => {
  it('should reject an element that goes before one above it', () => {
    assert.deepEqual(held(kind, history(...push(1), ...push(2), ...pop(1), ...pop(2)), null), {
      valid: false,
      conflict: [0, 1, 2, 3],
      reason: 'no order of the calls on 1 and 2 is last in, first out',
    });
    assert.equal(valid([...push(1), ...push(2), ...pop(2), ...pop(1)]), true);
  });

  it('should reject an element that goes although one above it never does', () => {
    assert.equal(valid([...push(1), ...push(2), ...pop(1)]), false);
    assert.equal(valid([...push(1), ...push(2), ...pop(2)]), true);
  });

  it('should reject elements of which each two fit, but not all three', () => {
    // 3 goes before 1 does, and 2 can go no later than 3 if it is to let it out; but then 1 is on top of 2.
    const entries: Entry[] = [
      ...push(3),
      ...push(2),
      [1, 'invoke', 'push', 1],
      [3, 'invoke', 'pop'],
      [1, 'ok', 'push', 1],
      [2, 'invoke', 'pop'],
      [3, 'ok', 'pop', 3],
      [1, 'invoke', 'pop'],
      [2, 'ok', 'pop', 2],
      [1, 'ok', 'pop', 1],
    ];
    assert.equal(valid(entries), false);
    for (const left of [1, 2, 3]) {
      const others = entries.filter(([process, , , element]) => element !== left && process !== left);
      assert.equal(valid(others), true);
    }
  });

  it('should reject that nothing is found while something is there', () => {
    assert.deepEqual(held(kind, history(...push(1), ...push(2), ...pop(2), ...pop(null)), null), {
      valid: false,
      conflict: [0, 3],
      reason: 'pop found nothing while 1 must have been there',
    });
    assert.equal(valid([...push(1), ...push(2), ...pop(2), ...pop(1), ...pop(null), ...peek(null)]), true);
  });

  it('should reject a peek that sees an element below another', () => {
    assert.equal(valid([...push(1), ...push(2), ...peek(1)]), false);
    assert.equal(valid([...push(1), ...peek(1), ...push(2), ...peek(2)]), true);
  });

  it('should start with the elements of the first state, the last on top', () => {
    assert.equal(valid([...push(3), ...pop(3), ...pop(2), ...pop(1), ...pop(null)], [1, 2]), true);
    assert.equal(valid([...pop(1), ...pop(2)], [1, 2]), false);
  });

  itShouldLetCrashedRemovesTake(kind);

  it('should use crashed pushes that were seen, and no others', () => {
    assert.equal(valid([...push(1), crashed(1, 'push', 2), ...pop(2), ...pop(1)]), true);
    assert.equal(valid([...push(1), crashed(1, 'push', 2), ...pop(1), ...pop(null)]), true);
    assert.equal(valid([...push(1), crashed(1, 'push', 2), ...peek(2), ...pop(1)]), false);
  });

  it('should not apply where an element is pushed twice, and say so', () => {
    const verdict = kind.monitor.check(recordCalls(history(...push(1), ...pop(1), ...push(1))), []);
    assert.deepEqual(verdict, { valid: 'inapplicable', why: '1 is inserted twice' });
  });

  itShouldBeExact(kind, [9002, 9001]);
});
