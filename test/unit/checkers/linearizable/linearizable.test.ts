/**
 * What the checker answers: verdicts with their evidence, in words and as data.
 */
import assert from 'node:assert/strict';
import { checkLinearizable, linearizable, models } from '../../../../checkers/index.ts';
import { UsageError } from '../../../../harness/errors.ts';
import type { Json } from '../../../../harness/json.ts';
import { alone, history, TICK, type Entry } from '../histories.ts';

const check = (entries: readonly Entry[], model = 'register', init: Json = null) =>
  checkLinearizable(history(...entries), { model, init });

const keyed = (key: Json, entries: readonly Entry[]): Entry[] =>
  entries.map(([process, type, f, value = null]) => [process, type, f, value, { key }]);

/** A write of 2 is overlapped by two reads of it, and read back as 1 when it is over. */
const STALE: readonly Entry[] = [
  ...alone(0, 'write', 1),
  [0, 'invoke', 'write', 2],
  [1, 'invoke', 'read'],
  [1, 'ok', 'read', 2],
  [0, 'ok', 'write', 2],
  [1, 'invoke', 'read'],
  [2, 'invoke', 'read'],
  [2, 'ok', 'read', 1],
  [1, 'ok', 'read', 2],
];

describe('checkLinearizable', () => {
  it('should accept an empty history', async () => {
    const { valid, operations } = await check([]);
    assert.deepEqual({ valid, operations }, { valid: true, operations: 0 });
  });

  it('should accept a read of the old or the new value beside a write, and no other', async () => {
    const read = (value: Json): Promise<{ valid: unknown }> =>
      check([
        ...alone(0, 'write', 1),
        [0, 'invoke', 'write', 2],
        [1, 'invoke', 'read'],
        [1, 'ok', 'read', value],
        [0, 'ok', 'write', 2],
      ]);
    assert.equal((await read(1)).valid, true);
    assert.equal((await read(2)).valid, true);
    assert.equal((await read(3)).valid, false);
  });

  it('should let a crashed write take effect, later or never', async () => {
    const crashed: Entry[] = [...alone(0, 'write', 1), [1, 'invoke', 'write', 2], [1, 'info', 'write', 2]];
    for (const later of [
      [1, 1],
      [1, 2],
      [2, 2],
    ]) {
      const { valid } = await check([...crashed, ...later.flatMap((value) => alone(0, 'read', null, value))]);
      assert.equal(valid, true, `reads ${later.join(', ')}`);
    }
    const back = await check([...crashed, ...alone(0, 'read', null, 2), ...alone(0, 'read', null, 1)]);
    assert.equal(back.valid, false);
  });

  it('should take an operation without completion for a crashed one', async () => {
    const open: Entry[] = [[1, 'invoke', 'write', 2]];
    assert.equal((await check([...open, ...alone(0, 'read', null, 2)])).valid, true);
    assert.equal((await check(alone(0, 'read', null, 2))).valid, false);
  });

  it('should not let a failed write take effect', async () => {
    const write = (type: 'fail' | 'info'): Entry[] => [
      [0, 'invoke', 'write', 2],
      [0, type, 'write', 2],
    ];
    assert.equal((await check([...write('fail'), ...alone(1, 'read', null, 2)])).valid, false);
    assert.equal((await check([...write('info'), ...alone(1, 'read', null, 2)])).valid, true);
  });

  it('should name the longest linearization and what cannot follow it, but nothing that is later', async () => {
    const { keys } = await check([...STALE, ...alone(3, 'read', null, 9)]);
    const [key] = keys;
    assert.ok(key !== undefined);
    assert.deepEqual(key.linearization, [0, 2, 3, 6]);
    assert.deepEqual([key.explained, key.completed, key.state], [4, 6, '2']);
    const why = 'not allowed in the state 2';
    assert.deepEqual(key.stuck, [{ process: 2, text: 'read → 1', invoked: 7, returned: 8, why }]);
    assert.deepEqual(key.prefix, { end: 8, exact: true });
    assert.deepEqual(key.window, [7 * TICK, 8 * TICK]);
  });

  it('should check every key and tell which is wrong', async () => {
    const { valid, keys } = await check([...keyed('a', STALE), ...keyed('b', alone(5, 'write', 7))]);
    assert.equal(valid, false);
    assert.deepEqual(
      keys.map((key) => [key.key, key.valid]),
      [
        ['a', false],
        ['b', true],
      ],
    );
  });

  it('should join the keys again when asked not to split', async () => {
    const entries = [...keyed('a', alone(0, 'write', 1)), ...keyed('b', alone(0, 'read', null, 1))];
    const whole = await checkLinearizable(history(...entries), { model: 'register', split: false });
    assert.equal(whole.valid, true);
    assert.equal((await check(entries)).valid, false);
  });

  it('should refuse a model, a first state or an operation that makes no sense', async () => {
    await assert.rejects(check([], 'regster'), {
      name: 'UsageError',
      message: /no model "regster".*cas-register/,
    });
    await assert.rejects(check([], 'mutex', 3), {
      name: 'UsageError',
      message: /"unlocked" or "locked", not 3/,
    });
    await assert.rejects(check(alone(0, 'dequeue', null)), {
      name: 'UsageError',
      message: /operation 0 is a "dequeue".*register.*read, write/,
    });
    const noPair = checkLinearizable(history(...alone(0, 'cas', 3)), { model: 'cas-register' });
    await assert.rejects(
      noPair,
      (error) => error instanceof UsageError && /not 3 for \{.*"f":"cas"/.test(error.message),
    );
  });
});

describe('linearizable', () => {
  const context = { logs: {}, timeoutMs: 5000 };

  it('should explain a violation in words', async () => {
    const { valid, summary, problems } = await linearizable('register').check(
      history(...keyed(7, STALE)),
      context,
    );
    assert.equal(valid, false);
    assert.equal(
      summary,
      'No order of the operations explains their answers (model register, 5 operations).',
    );
    const [problem] = problems;
    assert.equal(problem?.title, 'Key 7 is not linearizable');
    assert.match(
      problem.explanation,
      /^These \d operations are impossible even without all others: the value 1 was there both before/,
    );
    assert.match(problem.explanation, /process 2's read → 1 \(index 7–8\) has no place\./);
    assert.match(
      problem.explanation,
      /The history up to index 8 suffices to show it, and no less does\. In the longest order that was found, /,
    );
    assert.match(
      problem.explanation,
      /ends with process 1's read → 2 \(index 6–9\), and leaves the state 2\./,
    );
    assert.deepEqual(problem.operations, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(problem.window, [7 * TICK, 8 * TICK]);
  });

  it('should have no problem with a linearizable history', async () => {
    const { valid, summary, problems } = await linearizable(models.register, { init: 1 }).check(
      history(...alone(0, 'read', null, 1)),
      context,
    );
    assert.deepEqual([valid, problems], [true, []]);
    assert.equal(summary, 'Linearizable: 1 operation fit the model register.');
  });
});
