/** From entries of a history to calls in columns, and to some of these. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ABSENT, NEVER, type Calls } from '../../../../checkers/linearizable/calls.ts';
import { ClassTable } from '../../../../checkers/linearizable/class-table.ts';
import { recordCalls } from '../../../../checkers/linearizable/record.ts';
import { canonical, type Json } from '../../../../harness/json.ts';
import { alone, history, TICK, type Entry } from '../histories.ts';

/** Each call's moments, and what it was. */
function told(calls: Calls): Json[] {
  const { invoked, returned, process } = calls.columns;
  return Array.from({ length: calls.length }, (_, call) => {
    const { f, argument, result = '?' } = calls.operation(call);
    const end = returned[call] === NEVER ? null : (returned[call] ?? null);
    return [process[call] ?? null, invoked[call] ?? null, end, f, argument, result];
  });
}

describe('recordCalls', () => {
  it('should pair invocations with completions, whatever is between them', () => {
    const entries: Entry[] = [
      [0, 'invoke', 'write', 1],
      [1, 'invoke', 'read'],
      ['nemesis', 'info', 'cut'],
      [0, 'ok', 'write', 1],
      [0, 'invoke', 'read'],
      [1, 'ok', 'read', 1],
      [0, 'ok', 'read', null],
    ];
    const calls = recordCalls(history(...entries));
    assert.deepEqual(told(calls), [
      [0, 0, 3, 'write', 1, 1],
      [1, 1, 5, 'read', null, 1],
      [0, 4, 6, 'read', null, null],
    ]);
    assert.deepEqual([...calls.columns.invokedAt], [0, TICK, 4 * TICK]);
    assert.deepEqual([...calls.columns.returnedAt], [3 * TICK, 5 * TICK, 6 * TICK]);
    assert.equal(calls.completed, 3);
  });

  it('should leave out what failed, and keep what crashed or never ended without an answer', () => {
    const end = (type: 'ok' | 'fail' | 'info'): Json[] =>
      told(recordCalls(history([0, 'invoke', 'write', 1], [0, type, 'write', 2])));
    assert.deepEqual(end('fail'), []);
    assert.deepEqual(end('info'), [[0, 0, null, 'write', 1, '?']]);
    assert.deepEqual(end('ok'), [[0, 0, 1, 'write', 1, 2]]);
    const open = recordCalls(history([0, 'invoke', 'write', 1], [1, 'invoke', 'read']));
    assert.deepEqual([open.length, open.completed, open.hasCrashed(1)], [2, 0, true]);
    assert.equal(open.columns.result[0], ABSENT);
  });

  it('should pass over a completion that nothing was invoked for', () => {
    const stray = history([3, 'ok', 'read', 1], ...alone(0, 'read', null, 2));
    assert.deepEqual(told(recordCalls(stray)), [[0, 1, 2, 'read', null, 2]]);
  });

  it('should take the key from the completion where the invocation has none', () => {
    const keyed = history([0, 'invoke', 'read', null], [0, 'ok', 'read', 5, { key: 'x' }]);
    assert.deepEqual(recordCalls(keyed).operation(0), { f: 'read', argument: null, result: 5, key: 'x' });
    const unkeyed = history(...alone(0, 'read', null, 5));
    assert.deepEqual(recordCalls(unkeyed).operation(0), { f: 'read', argument: null, result: 5 });
  });

  it('should keep every call of a long history', () => {
    const COUNT = 3000;
    const calls = recordCalls(
      history(...Array.from({ length: COUNT }, (_, value) => alone(value % 7, 'write', value)).flat()),
    );
    assert.equal(calls.length, COUNT);
    assert.deepEqual(
      calls.operations().map(({ argument }) => argument),
      Array.from({ length: COUNT }, (_, value) => value),
    );
  });
});

describe('Calls', () => {
  const calls = recordCalls(
    history(
      [0, 'invoke', 'write', 1],
      [1, 'invoke', 'read'],
      [0, 'ok', 'write', 1],
      [2, 'invoke', 'write', 2],
      [1, 'ok', 'read', 1],
      [2, 'ok', 'write', 2],
    ),
  );

  it('should give a prefix in which what had not returned has crashed', () => {
    assert.deepEqual(told(calls.before(5)), [
      [0, 0, 2, 'write', 1, 1],
      [1, 1, 4, 'read', null, 1],
      [2, 3, null, 'write', 2, '?'],
    ]);
    assert.deepEqual(told(calls.before(3)), [
      [0, 0, 2, 'write', 1, 1],
      [1, 1, null, 'read', null, '?'],
    ]);
    assert.deepEqual(told(calls.before(0)), []);
    assert.deepEqual(told(calls.before(6)), told(calls));
  });

  it('should leave the whole alone when it gives a part', () => {
    const whole = told(calls);
    calls.before(1);
    assert.deepEqual(told(calls.pick([2, 0])), [whole[2], whole[0]]);
    assert.deepEqual(told(calls.range(1, 3)), [whole[1], whole[2]]);
    assert.deepEqual(told(calls), whole);
  });

  it('should be in memory that threads share, where there are many', () => {
    const many = calls.pick(Array.from({ length: 10_000 }, () => 0));
    for (const [of, isShared] of [
      [many, true],
      [calls, false],
    ] as const) {
      for (const column of Object.values(of.columns) as Int32Array[]) {
        assert.equal(column.buffer instanceof SharedArrayBuffer, isShared);
      }
    }
  });
});

describe('ClassTable', () => {
  it('should give calls one class if and only if a model could not tell them apart', () => {
    const operation = fc.record({
      f: fc.constantFrom('read', 'write'),
      argument: fc.nat(3),
      result: fc.option(fc.nat(3)),
      key: fc.constantFrom('x', 'y', undefined),
      ends: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const entries = operations.flatMap(({ f, argument, result, key, ends }, process): Entry[] => {
          const more = key === undefined ? {} : { key };
          const invocation: Entry = [process, 'invoke', f, argument, more];
          return ends ? [invocation, [process, 'ok', f, result, more]] : [invocation];
        });
        const calls = recordCalls(history(...entries));
        const names: string[] = [];
        let made = 0;
        const table = new ClassTable(calls, () => made++);
        for (let call = 0; call < calls.length; call++) {
          const { f, argument, result, key } = calls.operation(call);
          const name = canonical([f, argument, result ?? null, result !== undefined, key ?? null]);
          if (!names.includes(name)) names.push(name);
          assert.equal(table.classOf(call), names.indexOf(name));
        }
      }),
    );
  });
});
