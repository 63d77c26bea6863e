/**
 * Whether a search may go on for a night: the memory of a process that evaluates ten thousand runs, after the first
 * thousand and after the last. What is alive is measured after a full collection; the resident size is what the
 * machine has to give.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { evaluatorHere } from '../../harness/explore/evaluate.ts';
import { drawScenario, type SearchSpace } from '../../harness/explore/swarm.ts';
import type { Kit } from '../../harness/explore/kit.ts';
import { kitOf } from '../fixtures/simulate.ts';
import type { Benchmark, Measurement } from './benchmark.ts';

const RUNS = [1000, 10_000];
const BYTES_A_MIB = 2 ** 20;

function spaceOf({ families }: Kit): SearchSpace {
  const parts = families.map((family) => ({ family, kinds: Object.keys(family.kinds) }));
  return {
    target: 'raft',
    workloads: ['kv'],
    nodeCounts: [3],
    parts: parts.filter(({ family }) => ['partition', 'kill', 'pause'].includes(family.name)),
    concurrency: 3,
    rate: 20,
    timeLimitMs: 500,
    operationTimeoutMs: 500,
    progressLimitMs: 0,
  };
}

function memory(): string {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, rss } = process.memoryUsage();
  return `${(heapUsed / BYTES_A_MIB).toFixed(1)} MiB alive, ${(rss / BYTES_A_MIB).toFixed(0)} MiB resident`;
}

/** By run. */
export const exploration: Benchmark = {
  name: 'exploration',
  async run() {
    const kit = await kitOf('raft');
    const evaluator = evaluatorHere(kit);
    const space = spaceOf(kit);
    const measurements: Measurement[] = [];
    const begun = performance.now();
    let seed = 0;
    for (const operations of RUNS) {
      while (seed < operations)
        await evaluator.evaluate(drawScenario(space, String(seed++)), { features: true });
      measurements.push({ name: `runs of Raft: ${memory()}`, operations, ms: performance.now() - begun });
    }
    return measurements;
  },
};
