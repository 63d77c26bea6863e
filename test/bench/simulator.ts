/**
 * How much simulated time fits in a second of one core: five Raft nodes, ten clients at 100 operations a simulated
 * second, partitions, kills, pauses and lost messages. The goal is a hundred simulated seconds in one, the check of
 * the history included, which finds in a minute what containers would need a night for.
 */
import { parseSettings } from '../../harness/cluster/sim/options.ts';
import type { Kit } from '../../harness/explore/kit.ts';
import { judge, simulate } from '../../harness/explore/simulate.ts';
import { isClient } from '../../harness/history/operation.ts';
import { kitOf, scenarioOf } from '../fixtures/simulate.ts';
import { cpuMs, measure, type Benchmark, type Measurement } from './benchmark.ts';

const SIMULATED_SECONDS = 20;
const SEEDS = [1, 2, 3, 4, 5];
const RATE = 100;
/** Share of the messages that are lost, faults apart. */
const LOSS = 0.01;
const CHECK_MS = 10_000;

/** Runs all seeds; answers how many operations clients invoked. */
async function runAll(kit: Kit, { checked }: { readonly checked: boolean }): Promise<number> {
  let operations = 0;
  for (const seed of SEEDS) {
    const healthy = scenarioOf(kit, {
      seed,
      workload: 'kv',
      rate: RATE,
      timeLimitMs: SIMULATED_SECONDS * 1000,
    });
    const run = await simulate({ ...healthy, settings: parseSettings({ loss: LOSS }) }, kit);
    operations += run.history.filter((entry) => entry.type === 'invoke' && isClient(entry)).length;
    if (checked && (await judge(run, kit, CHECK_MS)).valid !== true)
      throw new Error(`seed ${seed} of the correct Raft was not found to be valid`);
  }
  return operations;
}

async function both(kit: Kit, how: { readonly checked: boolean }): Promise<Measurement[]> {
  const what = how.checked ? 'simulated and checked' : 'simulated';
  let operations = 0;
  const seconds = await measure(
    `seconds ${what}, of one core`,
    SEEDS.length * SIMULATED_SECONDS,
    async () => {
      operations = await runAll(kit, how);
    },
    cpuMs,
  );
  return [seconds, { ...seconds, name: `client operations ${what}, of one core`, operations }];
}

/** By simulated second, and by client operation. */
export const simulator: Benchmark = {
  name: 'simulator',
  run: async () => {
    const kit = await kitOf('raft');
    return [...(await both(kit, { checked: false })), ...(await both(kit, { checked: true }))];
  },
};
