/**
 * Checking a file: what follows from its format, what has to be said, and what is told about it.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkFile } from '../../../harness/cli/check-file.ts';
import { formatHistory, type FormatName } from '../../../harness/history/read.ts';
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
