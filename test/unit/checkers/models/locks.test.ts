/**
 * What models of locks allow and forbid, one operation after another. Beside each step that is refused stands the
 * one that is not.
 */
import assert from 'node:assert/strict';
import { models } from '../../../../checkers/models/index.ts';
import type { ModelOperation } from '../../../../checkers/models/operation.ts';
import type { Json } from '../../../../harness/json.ts';
import { after, allows, op } from './steps.ts';

const [acquire, release] = [op('acquire', null, null), op('release', null, null)];

describe('mutex', () => {
  it('should be held by one at a time', () => {
    assert.ok(allows(models.mutex, undefined, acquire, release, acquire));
    assert.ok(!allows(models.mutex, 'unlocked', acquire, acquire));
    assert.ok(!allows(models.mutex, 'unlocked', release));
    assert.ok(allows(models.mutex, 'locked', release));
  });
});

describe('semaphore', () => {
  it('should have as many holders as permits', () => {
    assert.ok(allows(models.semaphore, 2, acquire, acquire, release, acquire));
    assert.ok(!allows(models.semaphore, 2, acquire, acquire, acquire));
    assert.ok(allows(models.semaphore, undefined, acquire));
    assert.ok(!allows(models.semaphore, undefined, acquire, acquire));
  });

  it('should not get back more than it gave', () => {
    assert.ok(allows(models.semaphore, 2, acquire, release));
    assert.ok(!allows(models.semaphore, 2, acquire, release, release));
  });

  it('should refuse what is no number of permits', () => {
    for (const init of [0, 1.5, 'three']) {
      assert.throws(() => models.semaphore.init(init), { name: 'UsageError', message: /number of permits/ });
    }
    assert.equal(after(models.semaphore, 3, acquire), '1 of 3 held');
  });
});

describe('read-write-lock', () => {
  const model = models['read-write-lock'];
  const [read, write] = [op('acquire-read', null, null), op('acquire-write', null, null)];
  const [unread, unwrite] = [op('release-read', null, null), op('release-write', null, null)];

  it('should have many readers or one writer', () => {
    assert.ok(allows(model, undefined, read, read, unread, unread, write, unwrite, read));
    assert.ok(!allows(model, undefined, read, write));
    assert.ok(!allows(model, undefined, write, read));
    assert.ok(!allows(model, undefined, write, write));
  });

  it('should be released as it was acquired', () => {
    assert.ok(allows(model, 1, unread));
    assert.ok(!allows(model, 1, unwrite));
    assert.ok(allows(model, 'write-locked', unwrite));
    assert.ok(!allows(model, 'write-locked', unread));
  });

  it('should say who holds it', () => {
    assert.equal(after(model, 'unlocked', read, read), 'read-locked by 2');
    assert.equal(after(model, 'unlocked', write), 'write-locked');
    assert.throws(() => model.init(-1), { name: 'UsageError', message: /not -1/ });
  });
});

describe('fenced-lock', () => {
  const model = models['fenced-lock'];
  const take = (token?: Json): ModelOperation => op('acquire', null, token);

  it('should give ever greater tokens, to one holder at a time', () => {
    assert.ok(allows(model, undefined, take(3), release, take(7)));
    assert.ok(!allows(model, undefined, take(3), release, take(3)));
    assert.ok(!allows(model, undefined, take(3), take(7)));
    assert.ok(!allows(model, 3, take(2)));
  });

  it('should be held by an acquire that crashed, whose token forbids nothing', () => {
    assert.ok(allows(model, undefined, take(3), release, take(), release, take(4)));
    assert.ok(!allows(model, undefined, take(3), release, take(), take(4)));
  });

  it('should refuse a token that is no number', () => {
    assert.throws(() => allows(model, undefined, take('x')), { name: 'UsageError', message: /not "x"/ });
    assert.throws(() => model.init('x'), { name: 'UsageError', message: /not "x"/ });
    assert.equal(after(model, 3, take(5)), 'held, last token 5');
  });
});
