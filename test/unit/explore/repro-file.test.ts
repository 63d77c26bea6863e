import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../../../harness/errors.ts';
import { readRepro, writeRepro } from '../../../harness/explore/repro.ts';
import type { Scenario } from '../../../harness/explore/scenario.ts';
import { temporaryDirectory } from '../../e2e/cli.ts';
import { madeUp } from './scenarios.ts';

const FAILURE = { kind: 'linearizable', summary: 'No order explains */ what "was" read.' };

describe('repro.json', () => {
  const scratch = temporaryDirectory();
  after(() => scratch.remove());

  /** A file of its own with this change to a good one. */
  function changed(name: string, change: (text: string) => string): string {
    const directory = join(scratch.path, name);
    mkdirSync(directory);
    const file = writeRepro(directory, { scenario: madeUp('1'), failure: FAILURE });
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    return file;
  }

  function refusal(file: string): string {
    let message = '';
    assert.throws(
      () => readRepro(file),
      (error) => {
        assert.ok(error instanceof UsageError);
        ({ message } = error);
        return true;
      },
    );
    assert.ok(message.startsWith(file), message);
    return message.slice(file.length);
  }

  it('should come back as it was written', () => {
    const { scenario, failure, versions } = readRepro(changed('same', (text) => text));
    assert.deepEqual(scenario, madeUp('1'));
    assert.deepEqual(failure, FAILURE);
    assert.equal(versions.node, process.versions.node);
  });

  it('should hold an operation or a fault a line', () => {
    const lines = readFileSync(
      changed('lines', (text) => text),
      'utf8',
    ).split('\n');
    const { operations = [], faults } = madeUp('1');
    for (const item of [...operations, ...faults])
      assert.equal(lines.filter((line) => line.includes(JSON.stringify(item))).length, 1);
  });

  it('should come back without operations, and with nothing at all', () => {
    const { operations: _, ...generated } = madeUp('1');
    for (const scenario of [generated, { ...generated, operations: [], faults: [] }] as Scenario[])
      assert.deepEqual(
        readRepro(writeRepro(scratch.path, { scenario, failure: FAILURE })).scenario,
        scenario,
      );
  });

  it('should name a target by a path from the file, and give it back as an absolute one', () => {
    const target = resolve(scratch.path, 'targets', 'mine.ts');
    const home = join(scratch.path, 'runs');
    mkdirSync(home);
    const file = writeRepro(home, { scenario: { ...madeUp('1'), target }, failure: FAILURE });
    assert.match(readFileSync(file, 'utf8'), /"target": "\.\.\/targets\/mine\.ts"/);
    assert.equal(readRepro(file).scenario.target, target);
  });

  it('should be refused with the place of the mistake', () => {
    assert.match(refusal(join(scratch.path, 'absent.json')), /^: cannot be read: .*ENOENT/);
    assert.match(refusal(changed('torn', (text) => text.slice(0, 500))), /^: is no JSON/);
    assert.match(
      refusal(changed('other', () => '{"a": 1}')),
      /^: splitbrainRepro: .*; expected a repro\.json/,
    );
    assert.match(
      refusal(changed('newer', (text) => text.replace('"splitbrainRepro": 1', '"splitbrainRepro": 2'))),
      /^: splitbrainRepro: this splitbrain reads version 1, and the file is of version 2/,
    );
    assert.match(
      refusal(changed('nodes', (text) => text.replace(/"nodes": \[.*\]/, '"nodes": []'))),
      /^: scenario: nodes: /,
    );
    assert.match(
      refusal(changed('fault', (text) => text.replace(/"start":\d+/, '"start":"soon"'))),
      /^: scenario: faults\.0\.start: /,
    );
  });

  it('should have a test beside it that parses whatever the failure says', () => {
    const file = changed('test', (text) => text);
    const test = readFileSync(join(file, '..', 'repro.test.ts'), 'utf8');
    assert.match(test, /from 'splitbrain\/explore'/);
    assert.match(test, /No order explains \* \/ what/);
    assert.equal(test.match(/\*\//g)?.length, 1);
  });
});
