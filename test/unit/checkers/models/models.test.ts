/**
 * What each model allows and forbids, one operation after another. Beside each step that is refused stands the
 * one that is not.
 */
import assert from 'node:assert/strict';
import { models, type Model, type ModelOperation } from '../../../../checkers/index.ts';
import { describeOperation, describeState } from '../../../../checkers/models/model.ts';
import type { Json } from '../../../../harness/json.ts';

const op = (f: string, argument: Json, result?: Json, key?: Json): ModelOperation => ({
  f,
  argument,
  result,
  ...(key === undefined ? {} : { key }),
});

/** Whether the model allows these operations one after another. */
function allows(model: Model, init: Json | undefined, ...operations: readonly ModelOperation[]): boolean {
  let state: unknown = model.init(init);
  return operations.every((operation) => (state = model.step(state, operation)) !== undefined);
}

/** The state after these operations, in words. */
function after(model: Model, init: Json | undefined, ...operations: readonly ModelOperation[]): string {
  return describeState(
    model,
    operations.reduce<unknown>((state, next) => model.step(state, next), model.init(init)),
  );
}

describe('models', () => {
  it('should be registered under their own names', () => {
    for (const [name, model] of Object.entries<Model>(models)) assert.equal(model.name, name);
  });

  it('should never change a state by an operation that they call pure', () => {
    const results: Json[] = [null, false, true, 0, 1, 'a', [], [0]];
    const inits: Json[] = [null, 0, 1, 'a', [], [0], { x: 1 }];
    let checked = 0;
    for (const model of Object.values<Model>(models)) {
      for (const init of inits) {
        const state = attempt(() => model.init(init));
        if (state === undefined) continue;
        for (const f of Object.keys(model.operations)) {
          for (const [argument, result] of [
            ...results.map((value) => [1, value]),
            ...results.map((value) => [[0, 1], value]),
          ]) {
            const operation = op(f, argument ?? null, result, 'x');
            if (attempt(() => model.pure?.(operation)) !== true) continue;
            const next: unknown = attempt(() => model.step(state, operation));
            if (next === undefined) continue;
            assert.deepEqual(next, state, `${model.name}: ${describeOperation(model, operation)}`);
            checked++;
          }
        }
      }
    }
    assert.ok(checked > 50, `only ${checked} pure steps were possible`);
  });
});

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

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

  it('should be the same whether a key was deleted or never put', () => {
    const deleted = [at('x', 'put', 1), at('x', 'delete', null)].reduce<unknown>(
      (state, next) => models.kv.step(state, next),
      models.kv.init(),
    );
    assert.deepEqual(deleted, models.kv.init());
  });
});

describe('mutex', () => {
  it('should be held by one at a time', () => {
    assert.ok(
      allows(
        models.mutex,
        undefined,
        op('acquire', null, null),
        op('release', null, null),
        op('acquire', null, null),
      ),
    );
    assert.ok(!allows(models.mutex, 'unlocked', op('acquire', null, null), op('acquire', null, null)));
    assert.ok(!allows(models.mutex, 'unlocked', op('release', null, null)));
    assert.ok(allows(models.mutex, 'locked', op('release', null, null)));
  });
});

describe('fifo-queue', () => {
  const dequeue = (result?: Json): ModelOperation => op('dequeue', null, result);

  it('should give elements in the order in which they came', () => {
    assert.ok(allows(models['fifo-queue'], [1, 2], dequeue(1), dequeue(2), dequeue(null)));
    assert.ok(!allows(models['fifo-queue'], [1, 2], dequeue(2)));
  });

  it('should be found empty only when it is', () => {
    assert.ok(allows(models['fifo-queue'], [], dequeue(null)));
    assert.ok(!allows(models['fifo-queue'], [1], dequeue(null)));
  });

  it('should lose its first element to a dequeue that crashed', () => {
    assert.equal(after(models['fifo-queue'], [1, 2], dequeue()), '[2]');
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
    assert.equal(told(models.set, op('contains', 1, true)), 'contains 1 → true');
  });
});
