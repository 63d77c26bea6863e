/** Scenarios made up for tests, and an evaluator that judges them by a predicate. */
import { parseSettings } from '../../../harness/cluster/sim/options.ts';
import type { Evaluator, Outcome } from '../../../harness/explore/evaluate.ts';
import type { Scenario } from '../../../harness/explore/scenario.ts';
import { nodeNames } from '../../../harness/run/cluster-nodes.ts';
import { createRandom } from '../../../harness/random.ts';
import { drawSchedule } from '../../../harness/run/schedule.ts';
import type { ScheduledOperation } from '../../../harness/run/script.ts';
import { kill, partition } from '../../../nemesis/index.ts';

/** Two hundred operations on eight keys by ten clients, and some thirty faults of two families. */
export function madeUp(seed: string): Scenario {
  const random = createRandom(seed);
  const nodes = nodeNames(5);
  const parts = [partition, kill].map((family) => ({ family, kinds: Object.keys(family.kinds) }));
  return {
    target: 'made-up',
    workload: 'register',
    seed,
    nodes,
    concurrency: 10,
    timeLimitMs: 20_000,
    operationTimeoutMs: 1000,
    settings: parseSettings({ loss: 0.1, delays: [{ from: 'n1', to: 'n2', nth: 3, ms: 70 }] }),
    faults: drawSchedule(parts, nodes, random.fork('faults'), { limitMs: 20_000, intervalMs: 1000 }),
    operations: Array.from({ length: 200 }, (_, index) => operation(index, random)),
    final: true,
    progressLimitMs: 1000,
  };
}

function operation(index: number, random: ReturnType<typeof createRandom>): ScheduledOperation {
  const at = index * 100 + random.between(0, 50);
  return { at, thread: random.int(10), f: 'write', value: index, key: Math.floor(index / 25) };
}

/** Judges at once; `kind` is what is said to have failed. */
export function judgedBy(fails: (scenario: Scenario) => boolean, kind = 'linearizable'): Evaluator {
  return {
    width: 1,
    evaluate: (scenario) => Promise.resolve(outcomeOf(scenario, fails(scenario) ? kind : undefined)),
    close: () => Promise.resolve(),
  };
}

/** The outcome of a run in which this failed, or nothing. */
export function outcomeOf(scenario: Scenario, kind: string | undefined): Outcome {
  return {
    valid: kind === undefined,
    ...(kind === undefined ? {} : { failure: { kind, summary: 'made up' } }),
    operations: scenario.operations?.length ?? 0,
    faults: scenario.faults.length,
    simulatedMs: 0,
    checksum: '',
    features: [],
    thin: false,
    recorded: scenario,
  };
}
