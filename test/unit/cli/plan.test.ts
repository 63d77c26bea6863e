/** From options to a plan. That each mistake has its message and exit code is in test/e2e/bad-input.test.ts. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type TestOptions,
  commandOf,
  concurrencyOf,
  duration,
  prepare,
  wholeNumber,
} from '../../../harness/cli/plan.ts';
import { seedsOf } from '../../../harness/cli/suite.ts';
import { temporaryDirectory } from '../../e2e/cli.ts';

const ROSTER = fileURLToPath(new URL('../../fixtures/roster-target.ts', import.meta.url));
const CHECKED = fileURLToPath(new URL('../../fixtures/checked-target.ts', import.meta.url));

const OPTIONS: TestOptions = {
  runtime: 'process',
  nemesis: 'partition,kill',
  interval: '3s',
  concurrency: '2n',
  timeLimit: '30s',
  operationTimeout: '3s',
  testCount: '1',
  out: 'store',
};

describe('plan', () => {
  const scratch = temporaryDirectory();
  after(() => scratch.remove());

  it('should read numbers and durations, and nothing else', () => {
    assert.equal(wholeNumber('--nodes', '3', 1), 3);
    for (const text of ['0', '-1', '1.5', 'x', '', ' '])
      assert.throws(() => wholeNumber('--nodes', text, 1), /--nodes: expected a whole number of at least 1/);
    assert.equal(duration('--interval', '250ms'), 250);
    for (const text of ['0s', 'soon', '']) assert.throws(() => duration('--interval', text), /--interval/);
    assert.deepEqual([concurrencyOf('10', 5), concurrencyOf('2n', 5)], [10, 10]);
    for (const text of ['0n', 'n', '2x', '0']) assert.throws(() => concurrencyOf(text, 5), /--concurrency/);
  });

  it('should write out in the command all that the run depends on', async () => {
    const { plan } = await prepare('raft', { ...OPTIONS, variant: 'no-dedup' });
    assert.equal(
      commandOf(plan, OPTIONS, "it's 7"),
      'npx splitbrain test raft --variant no-dedup --runtime process --workload kv ' +
        '--nemesis partition,kill --interval 3s --nodes 5 --concurrency 10 --time-limit 30s ' +
        "--operation-timeout 3s --seed 'it'\\''s 7'",
    );
  });

  it('should refuse an empty seed, such as a variable of a script that was never set', async () => {
    await assert.rejects(prepare('raft', { ...OPTIONS, seed: '' }), /--seed: expected a number or a word/);
    await prepare('raft', { ...OPTIONS, seed: '0' });
  });

  it('should take its faults from a file, and name it in the command', async () => {
    const schedule = join(scratch.path, 'given.json');
    const given = [
      { family: 'kill', kind: 'leader', start: 100, lastsMs: 50 },
      { family: 'partition', kind: 'one', trigger: { operations: 7 } },
    ];
    writeFileSync(schedule, JSON.stringify(given));
    const options = { ...OPTIONS, schedule };
    const { plan, faults, nemesis } = await prepare('raft', options);
    assert.deepEqual([faults, plan.scheduleFile, plan.intervalMs], [given, schedule, 0]);
    assert.equal(plan.nemesis, 'partition,kill');
    assert.deepEqual(
      nemesis.map(({ kinds }) => kinds),
      [['one'], ['leader']],
    );
    assert.match(commandOf(plan, options, '7'), /--workload kv --schedule \S+given\.json --nodes 5/);
    await assert.rejects(
      prepare('raft', { ...options, timeLimit: '50ms' }),
      /\[0\]\.start: is not before the end/,
    );
  });

  it('should have as many spares as the faults want, or as are asked for', async () => {
    const sparesOf = async (reference: string, options: Partial<TestOptions>): Promise<unknown> => {
      const all = { ...OPTIONS, runtime: 'sim', ...options };
      return (await prepare(reference, all)).plan.spares;
    };
    assert.equal(await sparesOf('raft', {}), undefined);
    assert.deepEqual(await sparesOf('raft', { spares: '2' }), ['n6', 'n7']);
    assert.deepEqual(await sparesOf(ROSTER, { nemesis: 'membership' }), ['n4']);
    assert.equal(await sparesOf(ROSTER, { nemesis: 'membership', spares: '0' }), undefined);
    await assert.rejects(
      sparesOf(CHECKED, { nemesis: 'membership' }),
      /checked does not say how its members are changed/,
    );
  });

  it('should follow the run with --fail-fast, which a repetition does as well', async () => {
    const { plan } = await prepare('raft', { ...OPTIONS, failFast: true });
    assert.equal(plan.failFast, true);
    assert.match(commandOf(plan, OPTIONS, '7'), / --fail-fast --seed 7$/);
    const { plan: usual } = await prepare('raft', OPTIONS);
    assert.equal(usual.failFast, undefined);
    assert.doesNotMatch(commandOf(usual, OPTIONS, '7'), /fail-fast/);
  });

  it('should ask for progress in the simulator by itself, elsewhere when told to, and write it in the command', async () => {
    for (const [runtime, progressLimit, operationTimeout, ms, words] of [
      ['process', undefined, '3s', 0, undefined],
      ['process', '20s', '3s', 20_000, '20s'],
      ['sim', undefined, '3s', 10_000, '10000ms'],
      ['sim', undefined, '5s', 15_000, '15000ms'],
      ['sim', '0', '3s', 0, '0'],
    ] as const) {
      const given = progressLimit === undefined ? {} : { progressLimit };
      const options = { ...OPTIONS, runtime, operationTimeout, ...given };
      const { plan } = await prepare('raft', options);
      assert.equal(plan.progressLimitMs, ms);
      assert.equal(/ --progress-limit (\S+)/.exec(commandOf(plan, options, '1'))?.[1], words);
    }
  });

  it('should refuse a bound of progress that no client can keep, or that nothing is bound by', async () => {
    for (const [reference, progressLimit, message] of [
      ['raft', '5s', /--progress-limit: expected at least twice the --operation-timeout of 3s, got "5s"/],
      ['raft', 'soon', /--progress-limit: expected a duration such as/],
      [CHECKED, '10s', /--progress-limit: .* checked must claim progress .*; leave the option out/],
    ] as const)
      await assert.rejects(prepare(reference, { ...OPTIONS, progressLimit }), {
        name: 'UsageError',
        message,
      });
    const { plan } = await prepare(CHECKED, { ...OPTIONS, runtime: 'sim' });
    assert.equal(plan.progressLimitMs, 0);
  });

  it('should give consecutive seeds, each of which repeats its run alone', () => {
    assert.deepEqual(seedsOf('7', 3), ['7', '8', '9']);
    assert.deepEqual(seedsOf('x', 2), ['x', 'x+1']);
    assert.equal(new Set(seedsOf(undefined, 4)).size, 4);
  });
});
