/** `splitbrain test --fail-fast` as a user runs it: a broken target is stopped at its first violation, and a correct one is not. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResults, TestPlan } from '../../../harness/run/results.ts';
import { splitbrain, temporaryDirectory } from '../cli.ts';

interface Printed {
  readonly directory: string;
  readonly plan: TestPlan;
  readonly results: RunResults;
}

describe('splitbrain test --fail-fast', function () {
  this.timeout(120_000);
  const scratch = temporaryDirectory();
  after(() => scratch.remove());

  async function run(
    line: string,
  ): Promise<Printed & { readonly code: number | null; readonly seconds: number }> {
    const begun = performance.now();
    const { code, stdout, stderr } = await splitbrain([
      ...`test raft --fail-fast --json ${line}`.split(' '),
      '--out',
      scratch.path,
    ]);
    assert.notEqual(stdout, '', stderr);
    return { ...(JSON.parse(stdout) as Printed), code, seconds: (performance.now() - begun) / 1000 };
  }

  it('should stop processes long before their time is over, and exit with 1', async () => {
    const { code, seconds, directory, plan, results } = await run(
      '--runtime process --variant local-reads --nemesis partition:leader --time-limit 30s',
    );
    assert.equal(code, 1);
    assert.ok(seconds < 25, `${seconds} s`);
    assert.equal(results.stopped?.checker, 'linearizable');
    assert.ok(results.stopped.time < 20e9 && results.durationNs < 20e9);
    assert.deepEqual(results.harnessProblems, []);
    assert.equal(plan.failFast, true);
    assert.match(plan.command, / --fail-fast /);
    for (const file of ['history.jsonl', 'report.html', 'junit.xml', 'nodes/n1/node.log'])
      assert.ok(existsSync(join(directory, file)), file);
    assert.match(readFileSync(join(directory, 'harness.log'), 'utf8'), /stopping: key \d+ fails the check/);
  });

  it('should let a correct target run to its end', async () => {
    const { code, results } = await run(
      '--runtime process --nemesis partition:leader --interval 1s --workload register --rate 200 --time-limit 4s',
    );
    assert.equal(code, 0, results.summary);
    assert.deepEqual([results.stopped, results.notes], [undefined, undefined]);
    assert.ok(results.durationNs > 3.5e9);
  });

  it('should be repeated by splitbrain replay to the byte, after a proof that its runs are repeatable', async () => {
    const simulated = '--runtime sim --variant local-reads --nemesis partition:leader --rate 100 --seed 3';
    const { code, directory, results } = await run(`${simulated} --verify-determinism`);
    assert.equal(code, 1);
    assert.ok(results.stopped !== undefined);
    const replay = await splitbrain(['replay', directory, '--json', '--out', scratch.path]);
    assert.equal(replay.code, 1, replay.stderr);
    const repeated = JSON.parse(replay.stdout) as Printed & {
      readonly replay: { readonly comparison: { readonly same: boolean } };
    };
    assert.equal(repeated.replay.comparison.same, true);
    assert.deepEqual(repeated.results.stopped, results.stopped);
  });
});
