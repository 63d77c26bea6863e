/**
 * How much simulated time fits in a second: five Raft nodes, ten clients at 100 operations a simulated second,
 * partitions, kills and pauses. The goal is a hundred simulated seconds in one, which finds in a minute what
 * containers would need a night for.
 */
import { simulate } from '../fixtures/simulate.ts';
import { measure, type Benchmark } from './benchmark.ts';

const SIMULATED_SECONDS = 20;
const SEEDS = [1, 2, 3, 4, 5];

async function runAll(): Promise<void> {
  for (const seed of SEEDS)
    await simulate({ seed, workload: 'kv', rate: 100, timeLimitMs: SIMULATED_SECONDS * 1000 });
}

/** By simulated second. */
export const simulator: Benchmark = {
  name: 'simulator',
  run: async () => [
    await measure('simulated seconds of Raft under faults', SEEDS.length * SIMULATED_SECONDS, runAll),
  ],
};
