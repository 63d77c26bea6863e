/**
 * Checking a file: what follows from its format, what has to be said, and what is told about it.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkFile } from '../../../harness/cli/check-file.ts';
import { formatHistory, type FormatName } from '../../../harness/history/read.ts';
import type { Json } from '../../../harness/json.ts';
import { alone, history, type Entry } from '../checkers/histories.ts';

const REGISTER: readonly Entry[] = [
  ...alone(0, 'read', null, null),
  ...alone(0, 'write', 1),
  ...alone(1, 'read', null, 1),
];

describe('checkFile', () => {
  let directory = '';
  before(() => (directory = mkdtempSync(join(tmpdir(), 'splitbrain-check-'))));
  after(() => rmSync(directory, { recursive: true }));

  const file = (name: string, entries: readonly Entry[], format: FormatName, independent = false): string => {
    const path = join(directory, name);
    writeFileSync(path, formatHistory(history(...entries), format, { independent }));
    return path;
  };

  it('should know the model of formats that are always of one', async () => {
    const { result, format } = await checkFile(file('x.log', REGISTER, 'etcd-log'));
    assert.deepEqual([result.valid, result.model, format], [true, 'cas-register', 'etcd-log']);
  });

  it('should ask for the model of other formats', async () => {
    const path = file('x.jsonl', REGISTER, 'jsonl');
    await assert.rejects(checkFile(path), {
      name: 'UsageError',
      message: /x\.jsonl: a jsonl history .*--model/,
    });
    assert.equal((await checkFile(path, { model: 'register' })).result.valid, true);
  });

  it('should check the history in a run directory', async () => {
    mkdirSync(join(directory, 'run'));
    file('run/history.jsonl', REGISTER, 'jsonl');
    assert.equal((await checkFile(join(directory, 'run'), { model: 'register' })).result.operations, 3);
    await assert.rejects(checkFile(join(directory, 'other'), { model: 'register' }), { name: 'UsageError' });
  });

  it('should take nil for a value of a register that begins with nil only', async () => {
    const path = file('x.json', REGISTER, 'jepsen-json');
    const strict = await checkFile(path, { model: 'register', init: null });
    const silent = await checkFile(path, { model: 'register', init: 0 });
    assert.deepEqual([strict.result.operations, silent.result.operations], [3, 2]);
    assert.match(silent.notes.join(' '), /gave nil \(1\) were left out: nil from .* with 0 says nothing/);
    const ours = await checkFile(file('y.jsonl', REGISTER, 'jsonl'), { model: 'register', init: 0 });
    assert.equal(ours.result.valid, false, 'our own histories mean what they say');
  });

  it('should read on while it checks, whatever a batch begins or ends with', async () => {
    // Some batches long; operations overlap where one ends.
    const writes = Array.from({ length: 20_000 }, (_, value): Entry[] => [
      [2 * value, 'invoke', 'write', value],
      ...alone(1, 'read', null, value - 1 < 0 ? null : value - 1),
      [2 * value, 'ok', 'write', value],
    ]);
    const path = file('long.json', [...writes.flat(), ...alone(3, 'read', null, null)], 'jepsen-json');
    const silent = await checkFile(path, { model: 'register', init: 0 });
    assert.deepEqual([silent.valid, silent.result.operations], [true, 39_999]);
    assert.match(silent.notes.join(' '), /gave nil \(2\) were left out/);
    assert.equal((await checkFile(path, { model: 'register' })).valid, false);
  });

  it('should split by key where it is told that the keys are', async () => {
    const entries = REGISTER.flatMap(([process, type, f, value = null]): Entry[] => [
      [process, type, f, value, { key: 'a' }],
    ]);
    const other = alone(5, 'read', null, null).map(([process, type, f, value = null]): Entry => [
      process,
      type,
      f,
      value,
      { key: 'b' },
    ]);
    const path = file('tuples.json', [...entries, ...other], 'jepsen-json', true);
    const { result } = await checkFile(path, { model: 'register', key: 'tuple' });
    assert.deepEqual([result.valid, result.keys.map(({ key }) => key)], [true, ['a', 'b']]);
    assert.equal((await checkFile(path, { model: 'register', key: 'none' })).result.valid, false);
  });

  it('should check one key alone, and name others where there is none such', async () => {
    const keyed = (key: Json, entries: readonly Entry[]): Entry[] =>
      entries.map(([process, type, f, value = null]) => [process, type, f, value, { key }]);
    const entries = [...keyed('a', alone(0, 'write', 1)), ...keyed('7', alone(1, 'read', null, 5))];
    const path = file('keys.jsonl', [...entries, ...keyed(7, alone(2, 'write', 1))], 'jsonl');
    const check = async (onlyKey: string): Promise<unknown> => {
      const { result } = await checkFile(path, { model: 'register', onlyKey });
      return [result.valid, result.keys.map(({ key }) => key)];
    };
    assert.deepEqual(await check('"a"'), [true, ['a']]);
    assert.deepEqual(await check('a'), [true, ['a']], 'a word is text');
    assert.deepEqual(await check('"7"'), [false, ['7']]);
    assert.deepEqual(await check('7'), [true, [7]], 'and a number is a number');
    await assert.rejects(check('b'), {
      name: 'UsageError',
      message: /keys\.jsonl: no operation has the key "b"; there are "a", "7", 7$/,
    });
    await assert.rejects(
      checkFile(file('none.jsonl', REGISTER, 'jsonl'), { model: 'register', onlyKey: '7' }),
      {
        name: 'UsageError',
        message: /none\.jsonl: no operation has a key; .*--key tuple/,
      },
    );
    const letters = file('letters.jsonl', keyed('7', alone(1, 'write', 5)), 'jsonl');
    const { result } = await checkFile(letters, { model: 'register', onlyKey: '7' });
    assert.equal(result.operations, 1, 'a number may stand for its text where there is no such number');
  });

  it('should take the completion of a key for its own, though it leaves the key out', async () => {
    const path = join(directory, 'bare.edn');
    const put =
      '{:process 0, :type :invoke, :f :write, :key 1, :value 2}\n{:process 0, :type :ok, :f :write}\n';
    writeFileSync(
      path,
      `${put}{:process 0, :type :invoke, :f :read}\n{:process 0, :type :ok, :f :read, :value 9}`,
    );
    const { result } = await checkFile(path, { model: 'register', onlyKey: '1' });
    assert.deepEqual([result.valid, result.operations], [true, 1]);
  });

  it('should not ask for linearizability where there are no times', async () => {
    const path = join(directory, 'x.plume');
    writeFileSync(path, 'w(1,1,0,0)\n');
    await assert.rejects(checkFile(path, { model: 'multi-register' }), {
      name: 'UsageError',
      message:
        /x\.plume: a plume history has no times; linearizability cannot be asked of it; --consistency seq/,
    });
  });

  it('should take a model from a module of the user', async () => {
    const model = join(directory, 'model.ts');
    writeFileSync(
      model,
      `const blind = { name: 'blind', summary: 'anything goes', operations: { read: '', write: '' }, init: () => 0, step: (s: number) => s };
       export { blind }; export default 7;`,
    );
    const path = file('z.jsonl', alone(0, 'read', null, 'anything'), 'jsonl');
    const { result } = await checkFile(path, { model: `${model}#blind` });
    assert.deepEqual([result.valid, result.model], [true, 'blind']);
    await assert.rejects(checkFile(path, { model }), {
      name: 'UsageError',
      message: /"default" of .*is no model.*blind/,
    });
  });
});
