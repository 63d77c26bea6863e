/** `splitbrain shrink` and what it leaves: a repro.json that fails, and a test that fails until it is mended. */
import assert from 'node:assert/strict';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Scenario } from '../../harness/explore/scenario.ts';
import { splitbrain, temporaryDirectory } from './cli.ts';
import { mocha } from './mocha.ts';

const TEST = 'test raft --runtime sim --rate 100 --time-limit 10s --json'.split(' ');

interface Answer {
  readonly file: string;
  readonly failure: { readonly kind: string };
  readonly operations: number;
  readonly faults: number;
  readonly scenario: Scenario;
}

describe('splitbrain shrink', function () {
  this.timeout(240_000);
  const scratch = temporaryDirectory();
  after(() => scratch.remove());
  const store = join(scratch.path, 'store');
  let answer: Answer;

  before(async () => {
    // Until one fails: which does is no matter here.
    const found = ['--seed', '1', '--test-count', '10', '--fail-fast', '--variant', 'volatile-vote'];
    const run = await splitbrain([...TEST, ...found, '--out', store]);
    assert.equal(run.code, 1, run.stderr);
    const shrunk = await splitbrain(['shrink', join(store, 'latest'), '--budget', '60s', '--json']);
    assert.equal(shrunk.code, 1, shrunk.stderr);
    answer = JSON.parse(shrunk.stdout) as Answer;
  });

  it('should leave a few operations and faults, in a repro.json in the run directory', () => {
    assert.equal(dirname(answer.file), realpathSync(join(store, 'latest')));
    assert.ok(answer.operations <= 15 && answer.faults <= 4, `${answer.operations} and ${answer.faults}`);
    assert.equal(answer.scenario.variant, 'volatile-vote');
  });

  it('should be shrunk further in words, and written elsewhere, when asked again', async () => {
    const out = join(scratch.path, 'regressions');
    const { code, stdout } = await splitbrain(['shrink', answer.file, '--budget', '2s', '--out', out]);
    assert.equal(code, 1);
    assert.match(stdout, /Shrunk in [\d.]+ s to \d+ client operations?, \d+ faults? and \d+ nodes?/);
    assert.match(stdout, /raft, variant volatile-vote: workload kv/);
    assert.match(readFileSync(join(out, 'repro.test.ts'), 'utf8'), /assertMended/);
  });

  it('should leave a test that fails on the variant and passes when it is mended', async () => {
    const directory = dirname(answer.file);
    const failed = await mocha('repro.test.ts', directory);
    assert.notEqual(failed.code, 0);
    assert.match(failed.stdout, new RegExp(`1 failing[\\s\\S]*${answer.failure.kind}: [\\s\\S]*nemesis`));
    const text = readFileSync(answer.file, 'utf8');
    writeFileSync(answer.file, text.replace(/^ *"variant".*\n/m, ''));
    const passed = await mocha('repro.test.ts', directory);
    writeFileSync(answer.file, text);
    assert.equal(passed.code, 0, passed.stdout);
    assert.match(passed.stdout, /1 passing/);
  });

  it('should have nothing to do for a run that does not fail', async () => {
    const correct = join(scratch.path, 'correct');
    const run = await splitbrain([...TEST, '--seed', '2', '--nemesis', 'none', '--out', correct]);
    assert.equal(run.code, 0, run.stderr);
    const { code, stdout } = await splitbrain(['shrink', join(correct, 'latest')]);
    assert.equal(code, 0);
    assert.match(stdout, /does not fail in the simulator, so there is nothing to shrink/);
  });

  it('should refuse what is no run, what cannot be read, and a budget that is none', async () => {
    const torn = join(scratch.path, 'repro.json');
    writeFileSync(torn, '{"splitbrainRepro": 1}');
    const cases: [string[], RegExp][] = [
      [[join(scratch.path, 'nowhere')], /there is nothing at .*nowhere; name the directory of a run/],
      [[torn], /repro\.json: failure: /],
      [[torn, '--budget', 'soon'], /--budget: expected a duration/],
      [[answer.file, '--out', join(torn, 'below')], /--out: cannot write into the directory .*below/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await splitbrain(['shrink', ...args]);
      assert.equal(code, 254);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n {4}at /);
    }
  });
});
