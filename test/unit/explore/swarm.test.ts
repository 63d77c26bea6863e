/** Scenarios drawn from a seed: the same for the same seed, within what was asked for, and each with much left out. */
import assert from 'node:assert/strict';
import { DEFAULT_SETTINGS } from '../../../harness/cluster/sim/options.ts';
import { parseScenario } from '../../../harness/explore/scenario.ts';
import { drawScenario, type SearchSpace } from '../../../harness/explore/swarm.ts';
import { faults } from '../../../nemesis/index.ts';

const partsOf = (...names: readonly string[]): SearchSpace['parts'] =>
  faults
    .filter(({ name }) => names.includes(name))
    .map((family) => ({ family, kinds: Object.keys(family.kinds) }));

const SPACE: SearchSpace = {
  target: 'raft',
  workloads: ['kv', 'register'],
  nodeCounts: [5, 3],
  parts: partsOf('partition', 'kill', 'pause'),
  timeLimitMs: 20_000,
  operationTimeoutMs: 3000,
  progressLimitMs: 0,
};

const SEEDS = Array.from({ length: 200 }, (_, index) => String(index));

const drawn = (changes: Partial<SearchSpace> = {}): ReturnType<typeof drawScenario>[] =>
  SEEDS.map((seed) => drawScenario({ ...SPACE, ...changes }, seed));

const distinct = (values: readonly unknown[]): number =>
  new Set(values.map((value) => JSON.stringify(value))).size;

describe('drawing scenarios', () => {
  it('should draw the same from the same seed, and another from another', () => {
    assert.deepEqual(drawn(), drawn());
    assert.equal(distinct(drawn()), SEEDS.length);
  });

  it('should draw what a scenario file may hold', () => {
    for (const scenario of drawn())
      assert.deepEqual(parseScenario(JSON.parse(JSON.stringify(scenario)), 'drawn'), scenario);
  });

  it('should vary everything that was not given', () => {
    const all = drawn();
    assert.deepEqual(new Set(all.map(({ workload }) => workload)), new Set(['kv', 'register']));
    assert.deepEqual(new Set(all.map(({ nodes }) => nodes.length)), new Set([5, 3]));
    for (const field of ['concurrency', 'rate'] as const)
      assert.ok(distinct(all.map((scenario) => scenario[field])) >= 4, field);
    for (const field of ['latencyMs', 'loss', 'duplicates', 'syncMs', 'delays'] as const)
      assert.ok(distinct(all.map(({ settings }) => settings[field])) > 20, field);
  });

  it('should hold on to everything that was given', () => {
    for (const scenario of drawn({ workloads: ['kv'], nodeCounts: [4], concurrency: 7, rate: 33 })) {
      assert.equal(scenario.workload, 'kv');
      assert.deepEqual(scenario.nodes, ['n1', 'n2', 'n3', 'n4']);
      assert.equal(scenario.concurrency, 7);
      assert.equal(scenario.rate, 33);
    }
  });

  it('should leave out families of faults in some runs, and each combination should come up', () => {
    const combinations = drawn().map(({ faults: drawnFaults }) =>
      [...new Set(drawnFaults.map(({ plan }) => plan.family))].sort().join(),
    );
    assert.equal(distinct(combinations), 8);
  });

  it('should have rare families take part, but seldom', () => {
    const runsWith = (changes: Partial<SearchSpace>): number =>
      drawn({ parts: partsOf('kill'), ...changes }).filter((scenario) =>
        scenario.faults.some(({ plan }) => plan.family === 'pause'),
      ).length;
    assert.equal(runsWith({}), 0);
    const seldom = runsWith({ rareParts: partsOf('pause') });
    const often = runsWith({ parts: partsOf('pause') });
    assert.ok(seldom > 0 && 3 * seldom < often, `${seldom} and ${often} runs`);
  });

  it('should tell stories alone in some runs, each as long as it takes, if their kinds were chosen', () => {
    const usual = JSON.stringify(DEFAULT_SETTINGS);
    const alone = (kinds: (all: readonly string[]) => readonly string[]): ReturnType<typeof drawn> => {
      const scenarios = partsOf('scenario').map((part) => ({ ...part, kinds: kinds(part.kinds) }));
      return drawn({ parts: [...SPACE.parts, ...scenarios] }).filter(
        ({ settings, faults: list }) =>
          JSON.stringify(settings) === usual &&
          list.length > 0 &&
          list.every(({ plan }) => plan.kind === 'leaders-in-turn'),
      );
    };
    const told = alone((all) => all);
    assert.ok(told.length > 20 && told.length < SEEDS.length / 3, `${told.length} runs`);
    const lengths = told.flatMap(({ faults: list }) => list.map(({ start, end }) => end - start));
    assert.ok(Math.max(...lengths) > 4500);
    assert.equal(alone((all) => all.filter((kind) => kind !== 'leaders-in-turn')).length, 0);
  });

  it('should give families that take part kinds and intervals of their own', () => {
    const kills = drawn({ parts: partsOf('kill') })
      .map((scenario) => scenario.faults)
      .filter((list) => list.length > 0);
    assert.ok(distinct(kills.map((list) => [...new Set(list.map(({ plan }) => plan.kind))].sort())) > 10);
    assert.ok(
      Math.max(...kills.map((list) => list.length)) > 5 * Math.min(...kills.map((list) => list.length)),
    );
  });

  it('should number faults in order, within the time of the run', () => {
    for (const { faults: list, timeLimitMs } of drawn()) {
      assert.deepEqual(
        list.map(({ id }) => id),
        list.map((_, index) => index),
      );
      for (const [index, { start, end }] of list.entries()) {
        assert.ok(start >= (list[index - 1]?.start ?? 0) && end >= start && end <= timeLimitMs);
      }
    }
  });

  const writtenOut = (scenarios: ReturnType<typeof drawn>): number =>
    scenarios.filter(({ faults: list }) => list.some(({ plan }) => plan.kind.includes('/'))).length;

  it('should take partitions from covering families in some runs, unless their kinds were chosen', () => {
    const count = writtenOut(drawn({ parts: partsOf('partition') }));
    assert.ok(count > 20 && count < SEEDS.length / 2, String(count));
    const halves = partsOf('partition').map((part) => ({ ...part, kinds: ['halves'] }));
    assert.equal(writtenOut(drawn({ parts: halves })), 0);
  });
});
