/**
 * What queues, stacks and lists allow and forbid, one operation after another. Beside each step that is refused
 * stands the one that is not.
 */
import assert from 'node:assert/strict';
import { models } from '../../../../checkers/models/index.ts';
import type { ModelOperation } from '../../../../checkers/models/operation.ts';
import type { Json } from '../../../../harness/json.ts';
import { after, allows, op } from './steps.ts';

const adds =
  (f: string) =>
  (element: Json): ModelOperation =>
    op(f, element, element);
const gives =
  (f: string) =>
  (result?: Json): ModelOperation =>
    op(f, null, result);

describe('fifo-queue', () => {
  const model = models['fifo-queue'];
  const [enqueue, dequeue, peek] = [adds('enqueue'), gives('dequeue'), gives('peek')];

  it('should give elements in the order in which they came', () => {
    assert.ok(allows(model, [1, 2], enqueue(3), dequeue(1), dequeue(2), dequeue(3), dequeue(null)));
    assert.ok(!allows(model, [1, 2], dequeue(2)));
  });

  it('should be found empty only when it is', () => {
    assert.ok(allows(model, [], dequeue(null), peek(null)));
    assert.ok(!allows(model, [1], dequeue(null)));
    assert.ok(!allows(model, [1], peek(null)));
  });

  it('should show its first element and keep it', () => {
    assert.ok(allows(model, [1, 2], peek(1), peek(), dequeue(1), peek(2)));
    assert.ok(!allows(model, [1, 2], peek(2)));
  });

  it('should lose its first element to a dequeue that crashed', () => {
    assert.equal(after(model, [1, 2], dequeue()), '[2]');
    assert.equal(after(model, [], dequeue()), '[]');
  });

  it('should refuse nil as an element, because it stands for an empty queue', () => {
    const nil = { name: 'UsageError', message: /nil is no element/ };
    assert.throws(() => allows(model, [], enqueue(null)), nil);
    assert.throws(() => model.init([1, null]), nil);
    assert.ok(allows(model, [], enqueue(0), dequeue(0)));
  });
});

describe('stack', () => {
  const [push, pop, peek] = [adds('push'), gives('pop'), gives('peek')];

  it('should give the latest element first', () => {
    assert.ok(allows(models.stack, [1, 2], push(3), peek(3), pop(3), pop(2), pop(1), pop(null)));
    assert.ok(!allows(models.stack, [1, 2], pop(1)));
    assert.ok(!allows(models.stack, [1, 2], peek(1)));
  });

  it('should be found empty only when it is', () => {
    assert.ok(allows(models.stack, undefined, pop(null), peek(null)));
    assert.ok(!allows(models.stack, [1], pop(null)));
  });

  it('should lose its element on top to a pop that crashed', () => {
    assert.equal(after(models.stack, [1, 2], pop()), '[1]');
    assert.equal(after(models.stack, [], pop()), '[]');
  });

  it('should start with a list', () => {
    const message = /stack starts with a list.*not "x"/;
    assert.throws(() => models.stack.init('x'), { name: 'UsageError', message });
    assert.deepEqual(models.stack.init(['x']), ['x']);
  });
});

describe('priority-queue', () => {
  const model = models['priority-queue'];
  const [insert, poll, peek] = [adds('insert'), gives('poll'), gives('peek')];

  it('should give the greatest first, as often as it is there', () => {
    assert.ok(allows(model, [5, 9], insert(7), insert(9), poll(9), poll(9), poll(7), poll(5), poll(null)));
    assert.ok(!allows(model, [5, 9], insert(7), poll(7)));
    assert.ok(!allows(model, [9], poll(9), poll(9)));
  });

  it('should be peeked at, and found empty only when it is', () => {
    assert.ok(allows(model, [5, 9], peek(9), poll(9), peek(5)));
    assert.ok(!allows(model, [5, 9], peek(5)));
    assert.ok(!allows(model, [5], poll(null)));
  });

  it('should compare numbers by size and refuse anything else', () => {
    assert.equal(after(model, [10, 9, -1], insert(9.5)), '[-1,9,9.5,10]');
    assert.equal(after(model, [10, 9, -1], poll()), '[-1,9]');
    assert.throws(() => allows(model, [], insert('x')), { name: 'UsageError', message: /not "x"/ });
  });
});

describe('list-append', () => {
  const model = models['list-append'];
  const [append, read] = [adds('append'), gives('read')];

  it('should be read as a whole, in order', () => {
    assert.ok(allows(model, undefined, read(null), read([]), append(1), append(2), read([1, 2])));
    assert.ok(!allows(model, undefined, append(1), append(2), read([2, 1])));
    assert.ok(!allows(model, undefined, append(1), read(null)));
  });

  it('should start with a list', () => {
    assert.ok(allows(model, [1], append(2), read([1, 2])));
    assert.throws(() => model.init(1), { name: 'UsageError', message: /not 1/ });
  });
});
