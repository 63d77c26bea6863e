/** Safety, then liveness, under simulation: a majority of Raft gets on after whatever was broken, and what stops is caught. */
import assert from 'node:assert/strict';
import { judge, simulate, type Judgement, type SimulatedRun } from '../../../harness/explore/simulate.ts';
import { findProgress } from '../../../harness/history/progress.ts';
import { formatLine } from '../../../harness/history/jsonl.ts';
import { faults } from '../../../nemesis/index.ts';
import { kitOf, scenarioOf, type SimulationOptions } from '../../fixtures/simulate.ts';

const CHECK_MS = 20_000;
const LIMIT_MS = 10_000;
const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);

interface Judged {
  readonly run: SimulatedRun;
  readonly judgement: Judgement;
}

/** A run that leaves a majority alone when its faults are over. */
async function judged(options: SimulationOptions, progressLimitMs = LIMIT_MS): Promise<Judged> {
  const kit = await kitOf('raft');
  const scenario = scenarioOf(kit, { workload: 'register', rate: 25, ...options });
  const run = await simulate({ ...scenario, progressLimitMs }, kit);
  return { run, judgement: await judge(run, kit, CHECK_MS) };
}

const failed = ({ judgement }: Judged): string[] =>
  judgement.checks.filter(({ valid }) => valid === false).map(({ checker }) => checker);

describe('progress under simulation', function () {
  this.timeout(120_000);

  it('should be made by the correct raft after every family of faults, with 40 seeds of 20 seconds', async () => {
    // With an old disk a node breaks its promises, and these of others may rest on them.
    const promised = faults.filter(({ name, asks }) => name !== 'files' && asks === undefined);
    const nemesis = promised.map(({ name }) => name).join(',');
    const takers = new Set<string | null>();
    for (const seed of SEEDS) {
      const { run, judgement } = await judged({ seed, nemesis });
      assert.deepEqual(run.problems, [], `seed ${seed}`);
      const claim = judgement.claims.find(({ checker }) => checker === 'progress');
      const { summary = '' } = judgement.checks.find(({ checker }) => checker === 'progress') ?? {};
      assert.equal(claim?.valid, true, `seed ${seed}: ${summary}`);
      takers.add(findProgress(run.history)?.start.kind ?? null);
    }
    assert.deepEqual([...takers].sort(), ['kill', 'partition', 'pause']);
  });

  for (const variant of ['kept-vote', 'no-back-up']) {
    it(`should be missed by ${variant} within 5 seeds, which nothing but progress finds`, async () => {
      const found = [];
      for (const seed of SEEDS.slice(0, 5)) found.push(...failed(await judged({ seed, variant })));
      assert.deepEqual([...new Set(found)], ['progress']);
    });
  }

  it('should give the same bytes of history for the same seed', async () => {
    const text = async (): Promise<string> =>
      (await judged({ seed: 1, timeLimitMs: 2000 })).run.history.map(formatLine).join('');
    const first = await text();
    assert.match(first, /"f":"stop-progress"/);
    assert.equal(await text(), first);
  });

  it('should neither be asked for nor claimed to be tested where there is no bound', async () => {
    const { run, judgement } = await judged({ seed: 1, timeLimitMs: 2000 }, 0);
    assert.equal(findProgress(run.history), undefined);
    const names = [...judgement.checks, ...judgement.claims].map(({ checker }) => checker);
    assert.ok(names.includes('linearizable') && !names.includes('progress'));
  });
});
