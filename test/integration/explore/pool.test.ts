/** Evaluating in other processes: the same outcomes as here, and whatever ends a process is a failure of its scenario. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../../harness/errors.ts';
import { evaluatorHere, type Evaluator } from '../../../harness/explore/evaluate.ts';
import { CRASH, poolEvaluator, RUN_AWAY, type PoolOptions } from '../../../harness/explore/pool.ts';
import type { Scenario } from '../../../harness/explore/scenario.ts';
import { moduleBeside } from '../../../harness/module-url.ts';
import { MARKER } from '../../fixtures/fatal-target.ts';
import { kitOf, scenarioOf } from '../../fixtures/simulate.ts';

const FATAL = moduleBeside(import.meta.url, '../../fixtures/fatal-target');
const RUMOURS = moduleBeside(import.meta.url, '../../fixtures/rumour-target');
const kit = await kitOf(FATAL);

function scenario(workload: string): Scenario {
  return scenarioOf(kit, { seed: 1, target: FATAL, workload, nemesis: 'none', timeLimitMs: 500, rate: 100 });
}

/** Processes that this one has started. */
function children(): string[] {
  const listed = execFileSync('ps', ['-eo', 'ppid,args'], { encoding: 'utf8' }).split('\n');
  return listed.filter((line) => line.includes('pool-worker') && line.trim().startsWith(`${process.pid} `));
}

describe('a pool of evaluating processes', function () {
  this.timeout(60_000);
  let pool: Evaluator;
  const start = (options: PoolOptions = {}): Evaluator =>
    (pool = poolEvaluator(kit.addresses, { jobs: 1, ...options }));
  afterEach(() => pool.close());

  it('should tell what an evaluation in this process tells, however many there are', async () => {
    const raft = await kitOf('raft');
    pool = poolEvaluator(raft.addresses, { jobs: 2 });
    const here = evaluatorHere(raft);
    const scenarios = [1, 2, 3].map((seed) => scenarioOf(raft, { seed, timeLimitMs: 2000, rate: 20 }));
    const outcomes = await Promise.all(scenarios.map((one) => pool.evaluate(one, { features: true })));
    for (const [index, one] of scenarios.entries())
      assert.deepEqual(outcomes[index], await here.evaluate(one, { features: true }));
    assert.equal(new Set(outcomes.map(({ checksum }) => checksum)).size, scenarios.length);
    assert.ok(outcomes.every(({ features }) => features.length > 10));
  });

  it('should tell a violation from a right run', async () => {
    start();
    assert.equal((await pool.evaluate(scenario('fine'))).failure, undefined);
    const { valid, failure } = await pool.evaluate(scenario('wrong'));
    assert.deepEqual(
      { valid, failure },
      { valid: false, failure: { kind: 'wrong', summary: 'wrong as ever' } },
    );
  });

  it('should take it for a failure of the scenario that a process dies, and go on with another', async () => {
    start();
    const [before, fatal, after] = await Promise.all(
      ['fine', 'leaving', 'fine'].map((name) => pool.evaluate(scenario(name))),
    );
    assert.equal(fatal?.valid, false);
    assert.equal(fatal.failure?.kind, CRASH);
    assert.match(fatal.failure.summary, /exit code 7/);
    assert.equal(before?.valid, true);
    assert.deepEqual(after, before);
  });

  it('should try again before it says so, because something else may have ended the process', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'splitbrain-test-'));
    process.env[MARKER] = join(directory, 'left');
    try {
      start();
      assert.equal((await pool.evaluate(scenario('leaving-once'))).valid, true);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('should take it for a failure that a process needs more memory than it may have', async () => {
    start({ heapMib: 64 });
    const { failure } = await pool.evaluate(scenario('hoarding'));
    assert.equal(failure?.kind, CRASH);
    assert.match(failure.summary, /heap/);
  });

  it('should end a process that does not answer', async () => {
    start({ stallMs: 1500 });
    const { failure } = await pool.evaluate(scenario('waiting'));
    assert.equal(failure?.kind, RUN_AWAY);
    assert.match(failure.summary, /no answer within/);
    assert.equal((await pool.evaluate(scenario('fine'))).valid, true);
  });

  it('should name a node that does not give way', async () => {
    const rumours = await kitOf(RUMOURS);
    pool = poolEvaluator(rumours.addresses, { jobs: 1 });
    const calm = { seed: 1, target: RUMOURS, workload: 'spin', nemesis: 'none', timeLimitMs: 500, rate: 10 };
    const { failure } = await pool.evaluate({ ...scenarioOf(rumours, calm), variant: 'run-away' });
    assert.equal(failure?.kind, RUN_AWAY);
    assert.match(failure.summary, /^n\d does not give way.*run-away-node\.ts/);
  });

  it('should refuse what cannot be run', async () => {
    start();
    await assert.rejects(pool.evaluate({ ...scenario('fine'), workload: 'none' }), UsageError);
    assert.equal((await pool.evaluate(scenario('fine'))).valid, true);
  });

  it('should leave no process behind, and nobody waiting', async () => {
    start({ jobs: 2 });
    const settled = Promise.allSettled(
      ['waiting', 'waiting', 'fine'].map((name) => pool.evaluate(scenario(name))),
    );
    assert.equal(children().length, 2);
    await pool.close();
    assert.deepEqual(children(), []);
    for (const one of await settled) assert.equal(one.status, 'rejected');
  });
});
