/** The search: how many runs it makes, when it stops, and what it counts. */
import assert from 'node:assert/strict';
import { HarnessError } from '../../../harness/errors.ts';
import type { Evaluator, Outcome } from '../../../harness/explore/evaluate.ts';
import { Explorer, type Exploration, type ExploreRequest } from '../../../harness/explore/explore.ts';
import { drawScenario } from '../../../harness/explore/swarm.ts';
import type { Scenario } from '../../../harness/explore/scenario.ts';
import { verdictOf } from '../../../harness/cli/explore.ts';

const RIGHT: Outcome = {
  valid: true,
  operations: 10,
  faults: 1,
  simulatedMs: 100,
  checksum: '',
  features: [],
};
const WRONG: Outcome = { ...RIGHT, valid: false, failure: { kind: 'linearizable', summary: 'stale' } };

/** Answers by seed, some at a time; keeps account of the seeds. */
function evaluatorOf(
  answer: (seed: number) => Outcome | Error,
  width = 1,
): Evaluator & { readonly seeds: number[] } {
  const seeds: number[] = [];
  return {
    width,
    seeds,
    async evaluate({ seed }, wish) {
      seeds.push(Number(seed));
      await Promise.resolve();
      const found = answer(Number(seed));
      if (found instanceof Error) throw found;
      return wish?.features === true ? found : { ...found, features: [] };
    },
    close: () => Promise.resolve(),
  };
}

function explore(evaluator: Evaluator, changes: Partial<ExploreRequest> = {}): Promise<Exploration> {
  const space = {
    target: 'none',
    workloads: ['none'],
    nodeCounts: [1],
    parts: [],
    timeLimitMs: 1000,
    operationTimeoutMs: 100,
    progressLimitMs: 0,
  };
  const { signal } = new AbortController();
  const draw = (seed: string): Scenario => drawScenario(space, seed);
  const request = { draw, evaluator, firstSeed: 1, keepGoing: false, signal, ...changes };
  return new Explorer({ ...request, runs: 20, ...changes }).run();
}

describe('exploring', () => {
  it('should run each seed once, from the first on, as many as were asked for', async () => {
    const evaluator = evaluatorOf(() => RIGHT, 3);
    const { runs, operations, simulatedMs, found } = await explore(evaluator, { firstSeed: 100, runs: 10 });
    assert.deepEqual(evaluator.seeds, [100, 101, 102, 103, 104, 105, 106, 107, 108, 109]);
    assert.deepEqual(
      { runs, operations, simulatedMs, found },
      { runs: 10, operations: 100, simulatedMs: 1000, found: [] },
    );
  });

  it('should stop at the first failure, and say when it was found', async () => {
    const evaluator = evaluatorOf((seed) => (seed === 7 ? WRONG : RIGHT));
    const { runs, found } = await explore(evaluator);
    assert.equal(runs, 7);
    assert.equal(found.length, 1);
    assert.equal(found[0]?.scenario.seed, '7');
    assert.equal(found[0].after, 7);
  });

  it('should go on and count by kind if it is told to', async () => {
    const other = { ...WRONG, failure: { kind: 'progress', summary: 'stuck' } };
    const evaluator = evaluatorOf((seed) => (seed === 12 ? other : seed % 5 === 0 ? WRONG : RIGHT));
    const { runs, found } = await explore(evaluator, { keepGoing: true });
    assert.equal(runs, 20);
    assert.deepEqual(
      found.map(({ failure, count, after }) => [failure.kind, count, after]),
      [
        ['linearizable', 4, 5],
        ['progress', 1, 12],
      ],
    );
  });

  it('should stop when its time is up', async () => {
    const evaluator = evaluatorOf(() => RIGHT);
    assert.equal((await explore(evaluator, { budgetMs: 0 })).runs, 0);
    assert.equal((await explore(evaluator, { budgetMs: 600_000 })).runs, 20);
  });

  it('should stop when it is interrupted, and say so', async () => {
    const controller = new AbortController();
    const evaluator = evaluatorOf((seed) => {
      if (seed === 4) controller.abort();
      return RIGHT;
    });
    const { runs, interrupted } = await explore(evaluator, { signal: controller.signal });
    assert.deepEqual({ runs, interrupted }, { runs: 4, interrupted: true });
  });

  it('should end with the error of a run that could not be made', async () => {
    const evaluator = evaluatorOf((seed) => (seed === 3 ? new HarnessError('no room') : RIGHT));
    await assert.rejects(explore(evaluator), /no room/);
    assert.equal(evaluator.seeds.length, 3);
  });

  it('should count behaviours once, in those runs at which it looks', async () => {
    const evaluator = evaluatorOf((seed) => ({ ...RIGHT, features: [0, seed] }));
    assert.equal((await explore(evaluator)).behaviours, 6);
    const alike = evaluatorOf(() => ({ ...RIGHT, features: [0, 1] }));
    assert.equal((await explore(alike)).behaviours, 2);
  });

  it('should count unknown runs by reason, and apart those in which too little happened', async () => {
    const unknown = { ...RIGHT, valid: 'unknown', unknown: 'out of time' } as const;
    const evaluator = evaluatorOf((seed) =>
      seed < 4 ? unknown : seed < 6 ? { ...unknown, thin: true } : RIGHT,
    );
    const exploration = await explore(evaluator);
    assert.deepEqual([...exploration.unknown], [['out of time', 3]]);
    assert.equal(exploration.thin, 2);
  });
});

describe('the verdict on a search', () => {
  const outcomes = async (answer: (seed: number) => Outcome): Promise<ReturnType<typeof verdictOf>> =>
    verdictOf(await explore(evaluatorOf(answer), { keepGoing: true }));
  const unknown: Outcome = { ...RIGHT, valid: 'unknown', unknown: 'out of time' };

  it('should be valid when nothing was found', async () => assert.equal(await outcomes(() => RIGHT), true));

  it('should be invalid when anything was found, whatever else is unknown', async () =>
    assert.equal(await outcomes((seed) => (seed === 9 ? WRONG : unknown)), false));

  it('should be unknown when a run is', async () =>
    assert.equal(await outcomes((seed) => (seed === 9 ? unknown : RIGHT)), 'unknown'));

  it('should be valid when some runs could not be judged, and unknown when most could not', async () => {
    const thin = { ...unknown, thin: true };
    assert.equal(await outcomes((seed) => (seed === 9 ? thin : RIGHT)), true);
    assert.equal(await outcomes((seed) => (seed % 3 === 0 ? RIGHT : thin)), 'unknown');
    assert.equal(await outcomes(() => thin), 'unknown');
  });

  it('should be unknown when no run was made', async () =>
    assert.equal(
      verdictOf(
        await explore(
          evaluatorOf(() => RIGHT),
          { budgetMs: 0 },
        ),
      ),
      'unknown',
    ));
});
