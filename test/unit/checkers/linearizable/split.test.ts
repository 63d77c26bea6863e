/** Independent parts of a history, and what says nothing. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { defineModel, models, type Model } from '../../../../checkers/index.ts';
import { recordCalls } from '../../../../checkers/linearizable/record.ts';
import {
  modelOfPart,
  requireKnown,
  splitCalls,
  withoutSilent,
} from '../../../../checkers/linearizable/split.ts';
import type { Json } from '../../../../harness/json.ts';
import { alone, history, type Entry } from '../histories.ts';

const write = (process: number, value: Json, key?: Json): Entry[] =>
  alone(process, 'write', value).map(([who, type, f, argument = null]) =>
    key === undefined ? [who, type, f, argument] : [who, type, f, argument, { key }],
  );

/** Two fields, unless an operation is over both. */
const pair = defineModel<Json>({
  name: 'pair',
  summary: 'two fields',
  operations: { write: 'sets one', both: 'sets both' },
  init: () => null,
  step: (_state, { argument }) => argument,
  partition: ({ f, argument }) => (f === 'both' ? undefined : Number(argument) % 2),
});

/** Each part's key and the positions of its invocations. */
function parts(entries: readonly Entry[], model: Model): Json[] {
  return splitCalls(recordCalls(history(...entries)), model).map(({ key, calls }) => [
    key ?? 'none',
    [...calls.columns.invoked],
  ]);
}

describe('splitCalls', () => {
  it('should split by key, in order of first calls, and keep the order within', () => {
    const entries = [...write(0, 1, 'b'), ...write(0, 2, 'a'), ...write(1, 3, 'b'), ...write(1, 4)];
    assert.deepEqual(parts(entries, models.register), [
      ['b', [0, 4]],
      ['a', [2]],
      ['none', [6]],
    ]);
    assert.deepEqual(parts([...write(0, 1), ...write(0, 2)], models.register), [['none', [0, 2]]]);
    assert.deepEqual(parts([], models.register), []);
  });

  it('should split within a key by the parts of the model, unless an operation is over several', () => {
    const entries = [...write(0, 1, 'x'), ...write(0, 2, 'x'), ...write(0, 3, 'y'), ...write(0, 5, 'x')];
    assert.deepEqual(parts(entries, pair), [
      [
        ['x', 1],
        [0, 6],
      ],
      [['x', 0], [2]],
      [['y', 1], [4]],
    ]);
    const over: Entry[] = [
      [1, 'invoke', 'both', 0, { key: 'x' }],
      [1, 'ok', 'both', 0, { key: 'x' }],
    ];
    assert.deepEqual(parts([...entries, ...over], pair), [
      ['x', [0, 2, 6, 8]],
      [['y', 1], [4]],
    ]);
    assert.deepEqual(parts([...write(0, 1), ...write(0, 2)], pair), [
      [1, [0]],
      [0, [2]],
    ]);
  });

  it('should put every call into one part', () => {
    const call = fc.record({ value: fc.nat(5), key: fc.constantFrom('a', 'b', 1, undefined) });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
        const entries = calls.flatMap(({ value, key }) => write(0, value, key));
        const all = recordCalls(history(...entries));
        const invoked = splitCalls(all, pair).flatMap(({ calls: of }) => {
          const own = [...of.columns.invoked];
          assert.deepEqual(
            own,
            own.toSorted((a, b) => a - b),
          );
          const keys = new Set(of.operations().map(({ key }) => key));
          assert.equal(keys.size, 1);
          return own;
        });
        assert.deepEqual(
          invoked.toSorted((a, b) => a - b),
          [...all.columns.invoked],
        );
      }),
    );
  });
});

describe('withoutSilent', () => {
  it('should leave out what crashed and changes nothing, and nothing else', () => {
    const entries: Entry[] = [
      [0, 'invoke', 'read'],
      [1, 'invoke', 'write', 1],
      [2, 'invoke', 'cas', [3, 3]],
      [4, 'invoke', 'cas', [3, 4]],
      ...alone(3, 'read', null, 1),
    ];
    const calls = recordCalls(history(...entries));
    const left = (model: Model): Json[] =>
      withoutSilent(calls, model)
        .operations()
        .map(({ f, argument }) => [f, argument]);
    assert.deepEqual(left(models['cas-register']), [
      ['write', 1],
      ['cas', [3, 4]],
      ['read', null],
    ]);
    assert.equal(left({ ...models['cas-register'], pure: () => false }).length, 5);
  });
});

describe('requireKnown', () => {
  it('should name an operation that the model does not know, if the history has one', () => {
    const calls = recordCalls(history(...alone(0, 'write', 1), ...alone(0, 'pop', null)));
    assert.throws(() => {
      requireKnown(calls, models.register);
    }, /operation 2 is a "pop".*register does not know/);
    requireKnown(calls, { ...models.register, operations: { write: '', pop: '' } });
    // The name is known to the columns, but the call failed.
    requireKnown(recordCalls(history([0, 'invoke', 'pop'], [0, 'fail', 'pop'])), models.register);
  });
});

describe('modelOfPart', () => {
  const calls = recordCalls(history(...write(0, 1, 'a'), ...write(0, 2, 'b')));

  it('should take the model of one key where there is one', () => {
    const whole = { model: models.kv, init: { a: 5 } };
    const ofKey = modelOfPart(whole, { key: 'a', calls });
    assert.equal(ofKey.model.init(ofKey.init), 5);
    assert.equal(modelOfPart(whole, { key: 'b', calls }).model.init(), null);
    const register = { model: models.register, init: 3 };
    assert.deepEqual(modelOfPart(register, { key: 'a', calls }), register);
  });

  it('should take the product of the keys for a whole whose operations all have keys', () => {
    const whole = { model: models.kv, init: { a: 5 } };
    const product = modelOfPart(whole, { key: undefined, calls });
    const read = (key: Json, result: Json): unknown =>
      product.model.step(product.model.init(product.init), { f: 'read', argument: null, result, key });
    assert.notEqual(read('a', 5), undefined);
    assert.equal(read('a', null), undefined);
    assert.notEqual(read('b', null), undefined);
    const unkeyed = recordCalls(history(...write(0, 1, 'a'), ...write(0, 2)));
    assert.deepEqual(modelOfPart(whole, { key: undefined, calls: unkeyed }), whole);
  });
});
