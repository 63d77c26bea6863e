/**
 * `splitbrain check` from the command line: what it prints, and how it exits.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatHistory } from '../../harness/history/read.ts';
import { alone, history, type Entry } from '../unit/checkers/histories.ts';
import { splitbrain, temporaryDirectory } from './cli.ts';

describe('splitbrain check', () => {
  const directory = temporaryDirectory();
  after(() => directory.remove());

  const file = (name: string, ...entries: readonly Entry[]): string => {
    const path = join(directory.path, name);
    writeFileSync(path, formatHistory(history(...entries), 'jsonl'));
    return path;
  };
  const good = (): string => file('good.jsonl', ...alone(0, 'write', 1), ...alone(1, 'read', null, 1));
  const bad = (): string => file('bad.jsonl', ...alone(0, 'write', 1), ...alone(4, 'read', null, 5));

  it('should accept a linearizable history', async () => {
    const { code, stdout } = await splitbrain(['check', good(), '--model', 'register']);
    assert.equal(code, 0);
    assert.match(stdout, /good\.jsonl: linearizable\n.*2 operations fit the model register/);
  });

  it('should explain one that is not', async () => {
    const { code, stdout } = await splitbrain(['check', bad(), '--model', 'register']);
    assert.equal(code, 1);
    assert.match(stdout, /bad\.jsonl: NOT linearizable/);
    assert.match(stdout, /process 4's read → 5 \(index 2–3\)/);
    assert.match(stdout, /✓ {2}0 {8}write 1 {4}0–1\n {14}= 1\n {2}✗ {2}4 {8}read → 5 {3}2–3/);
  });

  it('should print one line a file for several, and exit with the worst', async () => {
    const { code, stdout } = await splitbrain(['check', bad(), good(), '--model', 'register']);
    assert.equal(code, 1);
    assert.match(stdout, /^NOT linearizable {2}\S+bad\.jsonl .*\nlinearizable {6}\S+good\.jsonl .*\n$/);
  });

  it('should check the others when one of several cannot be read, and never exit as if all were well', async () => {
    const torn = join(directory.path, 'torn.jsonl');
    writeFileSync(torn, '{"index":0,');
    const { code, stdout, stderr } = await splitbrain(['check', torn, good(), '--model', 'register']);
    assert.equal(code, 254);
    assert.match(stdout, /^linearizable {6}\S+good\.jsonl .*\n$/);
    assert.match(stderr, /torn\.jsonl: holds no operations/);
    const worse = await splitbrain(['check', torn, bad(), '--model', 'register', '--json']);
    assert.equal(worse.code, 1);
    const [first, second] = worse.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { path: string; error?: string });
    assert.match(first?.error ?? '', /torn\.jsonl: holds no operations/);
    assert.deepEqual([second?.path, second?.error], [bad(), undefined]);
  });

  it('should print JSON for machines', async () => {
    const { code, stdout } = await splitbrain(['check', bad(), '--model', 'register', '--json']);
    const { result } = JSON.parse(stdout) as {
      result: { valid: boolean; keys: { linearization: number[] }[] };
    };
    assert.deepEqual([code, result.valid, result.keys[0]?.linearization], [1, false, [0]]);
  });

  it('should exit with 2 when it cannot tell', async () => {
    const crashed = Array.from({ length: 24 }, (_, value): Entry => [100 + value, 'invoke', 'write', value]);
    const hard = file(
      'hard.jsonl',
      ...crashed,
      ...alone(0, 'write', 'new'),
      ...alone(0, 'read', null, 'other'),
    );
    const { code, stdout } = await splitbrain(['check', hard, '--model', 'register', '--timeout', '300ms']);
    assert.equal(code, 2);
    assert.match(stdout, /hard\.jsonl: unknown[^]*The time was up/);
  });

  it('should refuse what makes no sense', async () => {
    const { code, stderr } = await splitbrain(['check', good(), '--model', 'register', '--timeout', 'soon']);
    assert.equal(code, 254);
    assert.match(stderr, /--timeout: "soon" is no duration/);
  });
});
