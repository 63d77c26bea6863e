/**
 * What models of values allow and forbid, one operation after another. Beside each step that is refused stands the
 * one that is not.
 */
import assert from 'node:assert/strict';
import { models } from '../../../../checkers/models/index.ts';
import { describeOperation, type Model } from '../../../../checkers/models/model.ts';
import type { ModelOperation } from '../../../../checkers/models/operation.ts';
import type { Json } from '../../../../harness/json.ts';
import { after, allows, op } from './steps.ts';

describe('models', () => {
  it('should be registered under their own names', () => {
    for (const [name, model] of Object.entries<Model>(models)) assert.equal(model.name, name);
  });
});

describe('register', () => {
  it('should read what was written last', () => {
    assert.ok(allows(models.register, 0, op('read', null, 0), op('write', 3, 3), op('read', null, 3)));
    assert.ok(!allows(models.register, 0, op('write', 3, 3), op('read', null, 0)));
  });

  it('should begin with nil and compare values as JSON', () => {
    assert.ok(allows(models.register, undefined, op('read', null, null)));
    assert.ok(allows(models.register, { a: 1, b: 2 }, op('read', null, { b: 2, a: 1 })));
    assert.ok(!allows(models.register, { a: 1, b: 2 }, op('read', null, { a: 1, b: 3 })));
  });
});

describe('cas-register', () => {
  const cas = (result: Json): ModelOperation => op('cas', [1, 2], result);

  it('should swap what it expects and nothing else', () => {
    assert.ok(allows(models['cas-register'], 1, cas([1, 2]), op('read', null, 2)));
    assert.ok(!allows(models['cas-register'], 3, cas([1, 2])));
  });

  it('should take a result of false for the observation that the value was another', () => {
    assert.ok(allows(models['cas-register'], 3, cas(false), op('read', null, 3)));
    assert.ok(!allows(models['cas-register'], 1, cas(false)));
  });

  it('should refuse an argument that is no pair', () => {
    assert.throws(() => allows(models['cas-register'], 1, op('cas', 4, 4)), {
      name: 'UsageError',
      message: /\[expected, next\], not 4/,
    });
  });
});

describe('multi-register', () => {
  const txn = (...items: Json[]): ModelOperation => op('txn', items, items);

  it('should read and write several registers at once', () => {
    const write = txn(['write', 'x', 1], ['w', 'y', 2]);
    assert.ok(allows(models['multi-register'], { x: 0, y: 0 }, write, txn(['read', 'x', 1], ['r', 'y', 2])));
    assert.ok(!allows(models['multi-register'], { x: 0, y: 0 }, write, txn(['read', 'x', 1], ['r', 'y', 0])));
  });

  it('should read its own writes, in order', () => {
    assert.ok(allows(models['multi-register'], {}, txn(['r', 'x', null], ['w', 'x', 1], ['r', 'x', 1])));
    assert.ok(!allows(models['multi-register'], {}, txn(['w', 'x', 1], ['r', 'x', null])));
  });

  it('should refuse what is no transaction', () => {
    assert.throws(() => allows(models['multi-register'], {}, txn(['swap', 'x', 1])), {
      name: 'UsageError',
      message: /not \["swap","x",1\]/,
    });
    assert.throws(() => models['multi-register'].init(7), { name: 'UsageError', message: /not 7/ });
  });
});

describe('multi-list', () => {
  const model = models['multi-list'];
  const txn = (...items: Json[]): ModelOperation => op('txn', items, items);

  it('should append to and read several lists at once', () => {
    const appends = txn(['append', 'x', 1], ['append', 2, 3]);
    assert.ok(allows(model, { x: [0] }, appends, txn(['r', 'x', [0, 1]], ['r', 2, [3]])));
    assert.ok(!allows(model, { x: [0] }, appends, txn(['r', 'x', [0, 1]], ['r', 2, null])));
  });

  it('should read its own appends, in order', () => {
    assert.ok(allows(model, {}, txn(['r', 'x', null], ['append', 'x', 1], ['r', 'x', [1]])));
    assert.ok(!allows(model, {}, txn(['append', 'x', 1], ['r', 'x', []])));
  });

  it('should refuse what is no transaction', () => {
    assert.throws(() => allows(model, {}, txn(['w', 'x', 1])), {
      name: 'UsageError',
      message: /not \["w","x",1\]/,
    });
    assert.throws(() => model.init(7), { name: 'UsageError', message: /not 7/ });
  });
});

describe('kv', () => {
  const at = (key: string, f: string, argument: Json, result: Json = argument): ModelOperation =>
    op(f, argument, result, key);

  it('should keep keys apart', () => {
    const put = at('x', 'put', 1);
    assert.ok(allows(models.kv, undefined, put, at('x', 'get', null, 1), at('y', 'read', null, null)));
    assert.ok(!allows(models.kv, undefined, put, at('y', 'get', null, 1)));
  });

  it('should append to text, to lists and to nothing', () => {
    assert.equal(after(models.kv, '', at('x', 'append', 'a'), at('x', 'append', 'b')), '"x" = "ab"');
    assert.equal(after(models.kv, null, at('x', 'append', 'a'), at('x', 'append', 'b')), '"x" = "ab"');
    assert.equal(after(models.kv, null, at('x', 'append', 1), at('x', 'append', 2)), '"x" = [1,2]');
    assert.ok(!allows(models.kv, null, at('x', 'put', 5), at('x', 'append', 'a')));
  });

  it('should compare and set, and delete', () => {
    assert.ok(allows(models.kv, { x: 1 }, at('x', 'cas', [1, 2]), at('x', 'get', null, 2)));
    assert.ok(!allows(models.kv, { x: 3 }, at('x', 'cas', [1, 2])));
    assert.ok(allows(models.kv, { x: 3 }, at('x', 'cas', [1, 2], false)));
    assert.ok(allows(models.kv, { x: 1 }, at('x', 'delete', null), at('x', 'get', null, null)));
  });

  it('should hold nil where nil was put, whatever absent keys hold', () => {
    const put = at('x', 'put', null);
    assert.ok(allows(models.kv, '', put, at('x', 'get', null, null), at('y', 'get', null, '')));
    assert.ok(!allows(models.kv, '', put, at('x', 'get', null, '')));
    assert.ok(allows(models.kv, '', put, at('x', 'delete', null), at('x', 'get', null, '')));
  });

  it('should start each key with what the whole holds there', () => {
    const initially = (key: Json, init?: Json): unknown => models.kv.perKey?.(key, init).init();
    assert.equal(initially('x', { x: 1 }), 1);
    assert.equal(initially('y', { x: 1 }), null);
    assert.equal(initially(1, { 1: 'text' }), null);
    assert.equal(initially('x', ''), '');
    assert.equal(initially('x'), null);
  });

  it('should be the same whether a key was deleted or never put', () => {
    const deleted = [at('x', 'put', 1), at('x', 'delete', null)].reduce<unknown>(
      (state, next) => models.kv.step(state, next),
      models.kv.init(),
    );
    assert.deepEqual(deleted, models.kv.init());
  });
});

describe('set', () => {
  it('should be read in any order, each element once', () => {
    const adds = [op('add', 2, 2), op('add', 1, 1), op('add', 2, 2)];
    assert.ok(allows(models.set, undefined, ...adds, op('read', null, [1, 2])));
    assert.ok(allows(models.set, undefined, ...adds, op('read', null, [2, 1])));
    assert.ok(!allows(models.set, undefined, ...adds, op('read', null, [2])));
  });

  it('should tell whether it holds an element', () => {
    assert.ok(allows(models.set, [1], op('contains', 1, true), op('remove', 1, 1), op('contains', 1, false)));
    assert.ok(!allows(models.set, [1], op('contains', 1, false)));
  });
});

describe('counter', () => {
  it('should count up and down', () => {
    assert.ok(allows(models.counter, 5, op('add', 2, 2), op('add', -4, -4), op('read', null, 3)));
    assert.ok(!allows(models.counter, 5, op('add', 2, 2), op('read', null, 5)));
  });

  it('should refuse what is no number', () => {
    assert.throws(() => allows(models.counter, 0, op('add', 'x', 'x')), {
      name: 'UsageError',
      message: /not in "x"/,
    });
  });
});

describe('bank', () => {
  const init = { a: 5, b: 0 };
  const transfer = (from: Json, to: Json, amount: Json): ModelOperation =>
    op('transfer', { from, to, amount }, true);
  const read = (result: Json): ModelOperation => op('read', null, result);

  it('should move amounts and lose nothing', () => {
    assert.ok(allows(models.bank, init, transfer('a', 'b', 3), read({ b: 3, a: 2 })));
    assert.ok(!allows(models.bank, init, transfer('a', 'b', 3), read({ b: 3, a: 5 })));
    assert.ok(allows(models.bank, init, transfer('a', 'a', 5), read(init)));
  });

  it('should not let an account become negative', () => {
    assert.ok(allows(models.bank, init, transfer('a', 'b', 5)));
    assert.ok(!allows(models.bank, init, transfer('a', 'b', 6)));
    assert.ok(!allows(models.bank, init, transfer('b', 'a', 1)));
  });

  it('should know accounts by numbers too', () => {
    assert.ok(allows(models.bank, { 0: 5, 1: 0 }, transfer(0, 1, 5), read({ 0: 0, 1: 5 })));
  });

  it('should refuse what it cannot account for', () => {
    const refuses = (operation: ModelOperation, message: RegExp): void => {
      assert.throws(() => allows(models.bank, init, operation), { name: 'UsageError', message });
    };
    refuses(transfer('a', 'c', 1), /no account c; the bank started with a, b/);
    refuses(transfer('a', 'b', -1), /transfer takes .*-1/);
    refuses(transfer('a', 'toString', 1), /no account toString/);
    assert.throws(() => models.bank.init(), { name: 'UsageError', message: /not nil/ });
  });
});

describe('operations in words', () => {
  const told = (model: Model, operation: ModelOperation): string => describeOperation(model, operation);

  it('should be told as people write them', () => {
    assert.equal(told(models.register, op('read', null, 3)), 'read → 3');
    assert.equal(told(models['cas-register'], op('cas', [1, 2], false)), 'cas 1 → 2 (did not match)');
    assert.equal(told(models.kv, op('get', null, null, 'x')), 'get "x" → nil');
    assert.equal(told(models['fifo-queue'], op('dequeue', null, null)), 'dequeue → empty');
    assert.equal(
      told(
        models['multi-register'],
        op('txn', [
          ['r', 'x', null],
          ['w', 'y', 1],
        ]),
      ),
      'txn(read x → ?, write y = 1)',
    );
    assert.equal(
      told(models['multi-list'], op('txn', [['append', 'x', 1]], [['append', 'x', 1]])),
      'txn(append 1 to x)',
    );
    assert.equal(told(models.set, op('contains', 1, true)), 'contains 1 → true');
    assert.equal(told(models.stack, op('push', 3)), 'push 3');
    assert.equal(told(models['priority-queue'], op('poll', null)), 'poll → ?');
    assert.equal(told(models['fenced-lock'], op('acquire', null, 7)), 'acquire → 7');
    assert.equal(told(models['list-append'], op('read', null, [1, 2])), 'read → [1,2]');
    assert.equal(
      told(models.bank, op('transfer', { from: 'a', to: 'b', amount: 3 }, true)),
      'transfer 3 from a to b',
    );
  });
});
