import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ScenarioArbitrary } from '../../../harness/explore/arbitrary.ts';
import { parseScenario, type Scenario } from '../../../harness/explore/scenario.ts';
import { isSimpler } from '../../../harness/explore/size.ts';
import { faults } from '../../../nemesis/index.ts';
import { madeUp } from './scenarios.ts';

const RULES = { families: faults, nodesMin: 1 };

function arbitrary(goesOn = (): boolean => true): ScenarioArbitrary {
  return new ScenarioArbitrary((seed) => madeUp(String(seed)), RULES, goesOn);
}

/** Nothing is spoken of that is not there. */
function requireWellFormed(scenario: Scenario): void {
  parseScenario(JSON.parse(JSON.stringify(scenario)), 'candidate');
  const { nodes, faults: planned, operations = [], concurrency, settings } = scenario;
  const named = [
    ...(JSON.stringify(planned.map(({ plan }) => plan)).match(/\bn\d+\b/g) ?? []),
    ...settings.delays.flatMap(({ from, to }) => [from, to]),
  ];
  for (const node of named) assert.ok(nodes.includes(node), `${node} among ${nodes.join(' ')}`);
  for (const { thread } of operations) assert.ok(thread < concurrency, `thread ${thread} of ${concurrency}`);
  for (const { start, end } of planned) assert.ok(start >= 0 && end >= start, `from ${start} to ${end}`);
  assert.equal(new Set(planned.map(({ id }) => id)).size, planned.length);
  const values = operations.map(({ value, key }) => JSON.stringify([value, key]));
  assert.equal(new Set(values).size, values.length, 'each value is written once');
}

describe('ScenarioArbitrary', () => {
  it('should offer nothing but well-formed scenarios, each simpler than the one before', () => {
    let offered = 0;
    let value = fc.sample(arbitrary(), { seed: 1, numRuns: 1 })[0] as Scenario;
    let context: unknown;
    // Every thirteenth is taken, so that all passes are met, at all sizes.
    for (let taken = 0; taken < 60; taken++) {
      let next: fc.Value<Scenario> | undefined;
      for (const candidate of arbitrary().shrink(value, context)) {
        requireWellFormed(candidate.value);
        assert.ok(isSimpler(candidate.value, value));
        assert.ok(!isSimpler(value, candidate.value));
        next = candidate;
        if (++offered % 13 === 0) break;
      }
      if (next === undefined) break;
      ({ value, context } = next);
    }
    assert.ok(offered > 200, `${offered} offered`);
  });

  /** What fast-check makes of a failure. */
  function shrunk(fails: (scenario: Scenario) => boolean): Scenario {
    const property = fc.property(arbitrary(), (scenario) => !fails(scenario));
    const { counterexample } = fc.check(property, { seed: 1, numRuns: 1 });
    assert.ok(counterexample !== null);
    return counterexample[0];
  }

  it('should come to an end when everything fails, with nothing left', () => {
    const scenario = shrunk(() => true);
    const { operations, faults: planned, nodes, concurrency, final, progressLimitMs, timeLimitMs } = scenario;
    assert.deepEqual(
      { operations, planned, nodes, concurrency, final, progressLimitMs, timeLimitMs },
      {
        operations: [],
        planned: [],
        nodes: ['n1'],
        concurrency: 1,
        final: false,
        progressLimitMs: 0,
        timeLimitMs: 0,
      },
    );
    assert.deepEqual(scenario.settings.latencyMs, { constant: 1 });
    assert.deepEqual(scenario.settings.delays, []);
    assert.equal(scenario.settings.loss, 0);
  });

  it('should keep what the failure needs and nothing else', () => {
    const needed = ({ operations = [], faults: planned, nodes }: Scenario): boolean =>
      nodes.length >= 3 &&
      operations.filter(({ thread }) => thread === 0).length >= 2 &&
      planned.some(({ plan, start, end }) => plan.family === 'kill' && end - start >= 100);
    const { operations = [], faults: planned, nodes, concurrency } = shrunk(needed);
    assert.deepEqual(nodes, ['n1', 'n2', 'n3']);
    assert.equal(concurrency, 1);
    assert.deepEqual(
      operations.map(({ thread, key, value }) => ({ thread, key, value })),
      [
        { thread: 0, key: 0, value: 1 },
        { thread: 0, key: 1, value: 2 },
      ],
    );
    assert.deepEqual(
      planned.map(({ id, start, end, plan }) => ({ id, start, end, kind: plan.kind })),
      [{ id: 0, start: 0, end: 100, kind: 'leader' }],
    );
  });

  it('should look for another seed when what is simpler fails under its own no more', () => {
    // Each thing left out makes it a matter of luck, which the seed decides.
    const lucky = ({ seed, operations = [] }: Scenario): boolean =>
      operations.length > 1 && (operations.length === 200 || (Number(seed) + operations.length) % 3 === 0);
    assert.equal(shrunk(lucky).operations?.length, 2);
  });

  it('should stop when there is no more time', () => {
    let asked = 0;
    const stopped = arbitrary(() => ++asked <= 10);
    assert.equal([...stopped.shrink(madeUp('1'))].length, 10);
  });

  it('should generate the same from the same seed of fast-check, and something else from another', () => {
    const of = (seed: number): Scenario | undefined => fc.sample(arbitrary(), { seed, numRuns: 1 })[0];
    assert.deepEqual(of(1), of(1));
    assert.notDeepEqual(of(1), of(2));
  });
});
