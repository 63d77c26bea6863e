/**
 * `splitbrain check` from the command line: what it prints, and how it exits.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { formatHistory } from '../../harness/history/read.ts';
import { alone, history, type Entry } from '../unit/checkers/histories.ts';
import { ROOT, splitbrain, temporaryDirectory } from './cli.ts';

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
    assert.match(
      stdout,
      /^NOT linearizable {2}\S+bad\.jsonl .*\nlinearizable {6}\S+good\.jsonl .*\n2 files: 1 linearizable, 1 NOT\n$/,
    );
  });

  it('should check the others when one of several cannot be read, and never exit as if all were well', async () => {
    const torn = join(directory.path, 'torn.jsonl');
    writeFileSync(torn, '{"index":0,');
    const { code, stdout, stderr } = await splitbrain(['check', torn, good(), '--model', 'register']);
    assert.equal(code, 254);
    assert.match(stdout, /^linearizable {6}\S+good\.jsonl .*\n2 files: 1 linearizable, 1 not read\n$/);
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

  it('should check what is in a directory or matches a pattern, and pass over the rest', async () => {
    good();
    bad();
    writeFileSync(join(directory.path, 'expected.tsv'), 'file\tverdict\n');
    const only = join(directory.path, 'only');
    mkdirSync(only);
    renameSync(good(), join(only, 'good.jsonl'));
    const alone = await splitbrain(['check', only, '--model', 'register']);
    assert.equal(alone.code, 0);
    assert.match(alone.stdout, /good\.jsonl: linearizable\n/);
    const all = await splitbrain(['check', join(directory.path, '**/{good,bad}*'), '--model', 'register']);
    assert.equal(all.code, 1);
    assert.match(all.stdout, /\n2 files: 1 linearizable, 1 NOT\n$/);
    rmSync(only, { recursive: true });
    const none = await splitbrain(['check', join(directory.path, '*.tsv')]);
    assert.equal(none.code, 254);
    assert.match(none.stderr, /\*\.tsv: no history found \(1 file looked at\)/);
  });

  it('should read standard input, gzip or not', () => {
    const text = formatHistory(history(...alone(0, 'write', 1)), 'jsonl');
    const launcher = join(ROOT, 'harness/cli/splitbrain.js');
    for (const input of [text, gzipSync(text)]) {
      const args = [launcher, 'check', '-', '--model', 'register'];
      const { status, stdout } = spawnSync(process.execPath, args, { input, encoding: 'utf8' });
      assert.equal(status, 0);
      assert.match(stdout, /^standard input: linearizable\n/);
    }
  });

  it('should check large files in several threads, and answer in their order', async () => {
    const many = (count: number, last: number): Entry[] => [
      ...Array.from({ length: count }, (_, value) => alone(value % 5, 'write', value)).flat(),
      ...alone(0, 'read', null, last),
    ];
    const names = ['1.jsonl', '2.jsonl', '3.jsonl'];
    const sizes = [20_000, 10, 15_000];
    const paths = names.map((name, index) =>
      file(name, ...many(sizes[index] ?? 0, index === 1 ? -1 : (sizes[index] ?? 0) - 1)),
    );
    const torn = file('0.jsonl');
    writeFileSync(torn, '{"index":0,');
    const { code, stdout, stderr } = await splitbrain(['check', ...paths, torn, '--model', 'register']);
    assert.equal(code, 1);
    const shown = stdout.split('\n').map((line) => /^(.*linearizable) .*\/(\d.jsonl)/.exec(line)?.slice(1));
    assert.deepEqual(shown.slice(0, 3), [
      ['linearizable', '1.jsonl'],
      ['NOT linearizable', '2.jsonl'],
      ['linearizable', '3.jsonl'],
    ]);
    assert.match(stdout, /\n4 files: 2 linearizable, 1 NOT, 1 not read\n$/);
    assert.match(stderr, /0\.jsonl: holds no operations/);
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
    // One of the algorithms needs all orders of the crashed writes here; others know better.
    const slow = ['--algorithm', 'wgl', '--timeout', '300ms'];
    const { code, stdout } = await splitbrain(['check', hard, '--model', 'register', ...slow]);
    assert.equal(code, 2);
    assert.match(stdout, /hard\.jsonl: unknown[^]*The time was up/);
  });

  it('should ask for less than linearizability where it is told to', async () => {
    const stale = file(
      'stale.jsonl',
      ...alone(0, 'write', 1),
      ...alone(0, 'write', 2),
      ...alone(1, 'read', null, 1),
    );
    const ask = (...options: string[]): Promise<{ code: number | null; stdout: string }> =>
      splitbrain(['check', stale, '--consistency', ...options]);
    const sequential = await ask('sequential', '--model', 'register');
    assert.equal(sequential.code, 0);
    assert.match(
      sequential.stdout,
      /stale\.jsonl: sequentially consistent\n {2}Sequentially consistent: 3 op/,
    );
    const strict = await ask('staleness');
    assert.equal(strict.code, 1);
    assert.match(strict.stdout, /stale\.jsonl: NOT fresh enough\n {2}Reads were stale by up to 1 µs/);
    const lenient = await ask('staleness', '--max-staleness', '50ms', '--json');
    const { valid, result } = JSON.parse(lenient.stdout) as { valid: boolean; result: { deltaNs: number } };
    assert.deepEqual([lenient.code, valid, result.deltaNs], [0, true, 1000]);
  });

  it('should ask that of several files and of standard input, too', async () => {
    const backwards = [...alone(0, 'write', 1), ...alone(0, 'write', 2), ...alone(0, 'read', null, 1)];
    const path = file('backwards.jsonl', ...backwards);
    const both = await splitbrain(['check', path, good(), '--consistency', 'sessions']);
    assert.equal(both.code, 1);
    assert.match(
      both.stdout,
      /^NOT session-consistent {2}\S+backwards\.jsonl .*\nsession-consistent {6}\S+good/,
    );
    assert.match(both.stdout, /\n2 files: 1 session-consistent, 1 NOT\n$/);
    const launcher = join(ROOT, 'harness/cli/splitbrain.js');
    const args = [launcher, 'check', '-', '--consistency', 'sessions'];
    const input = formatHistory(history(...backwards), 'jsonl');
    const { status, stdout } = spawnSync(process.execPath, args, { input, encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stdout, /^standard input: NOT session-consistent\n/);
  });

  it('should refuse what makes no sense', async () => {
    const { code, stderr } = await splitbrain(['check', good(), '--model', 'register', '--timeout', 'soon']);
    assert.equal(code, 254);
    assert.match(stderr, /--timeout: "soon" is no duration/);
    const wrong = async (...options: string[]): Promise<string> => {
      const refused = await splitbrain(['check', good(), '--model', 'register', ...options]);
      assert.equal(refused.code, 254);
      return refused.stderr;
    };
    assert.match(
      await wrong('--memory', 'much'),
      /--memory: "much" is no size; expected something like 512MB/,
    );
    assert.match(await wrong('--only-key', '7', '--key', 'none'), /--only-key: --key none says/);
    const right = await splitbrain(['check', good(), '--model', 'register', '--memory', '0.5GiB']);
    assert.equal(right.code, 0);
  });
});
