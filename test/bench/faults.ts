/**
 * What faults cost in containers, and in processes for comparison: a partition of five nodes applied and healed, a node
 * killed and started again, a link bent and straightened. Times are those of the slowest tenth, for that is what
 * a schedule has to allow for; the median is remarked. The containers share this machine with the harness.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { allLinks, type Cluster, type ClusterPlan, type Runtime } from '../../harness/cluster/cluster.ts';
import { dockerRuntime } from '../../harness/cluster/docker/runtime.ts';
import { processRuntime } from '../../harness/cluster/process/runtime.ts';
import { moduleBeside } from '../../harness/module-url.ts';
import { sleep } from '../../harness/time.ts';
import { medianOf, type Benchmark, type Measurement } from './benchmark.ts';

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];
const ROUNDS = 40;
/** Milliseconds between two faults, in which nodes settle. */
const PAUSE_MS = 50;

/** What the slowest tenth may take in containers. */
const GOAL_MS = { cut: 250, heal: 250, restart: 1500 } as const;

/** Links between the two halves, both ways. */
const PARTITION = allLinks(NODES).filter(({ from, to }) => from <= 'n2' !== to <= 'n2');

/** Times of one kind of fault. */
class Times {
  readonly #ms: number[] = [];

  async measure(act: () => Promise<void>): Promise<void> {
    const start = performance.now();
    await act();
    this.#ms.push(performance.now() - start);
    await sleep(PAUSE_MS);
  }

  /** @param goalMs what the slowest tenth may take */
  result(name: string, goalMs?: number): Measurement {
    const sorted = this.#ms.toSorted((a, b) => a - b);
    const ninth = sorted[Math.ceil(0.9 * sorted.length) - 1] ?? 0;
    const load = loadavg()[0] ?? 0;
    const outcome = `p50 ${medianOf(sorted).toFixed(0)} ms, most ${(sorted.at(-1) ?? 0).toFixed(0)} ms, load ${load.toFixed(1)}`;
    return {
      name: `${name}, p90`,
      operations: 1,
      ms: ninth,
      outcome,
      ...(goalMs === undefined ? {} : { goalMs }),
    };
  }
}

async function measureFaults(runtime: Runtime, cluster: Cluster): Promise<Measurement[]> {
  const [cut, heal, restart, bend, straighten] = [
    new Times(),
    new Times(),
    new Times(),
    new Times(),
    new Times(),
  ];
  for (let round = 0; round < ROUNDS; round++) {
    await cut.measure(() => cluster.cut(PARTITION));
    await heal.measure(() => cluster.heal(PARTITION));
    await bend.measure(() => cluster.shape(PARTITION, { delayMs: 20, loss: 0.1 }));
    await straighten.measure(() => cluster.shape(PARTITION, {}));
    const node = NODES[round % NODES.length] ?? '';
    await restart.measure(async () => {
      await cluster.kill(node);
      await cluster.restart(node);
    });
  }
  const goals = runtime === dockerRuntime ? GOAL_MS : undefined;
  return [
    cut.result(`a partition of five applied, ${runtime.name}`, goals?.cut),
    heal.result(`a partition of five healed, ${runtime.name}`, goals?.heal),
    restart.result(`a node killed and started again, ${runtime.name}`, goals?.restart),
    bend.result(`twelve links bent, ${runtime.name}`),
    straighten.result(`twelve links straightened, ${runtime.name}`),
  ];
}

/** Runtimes that cannot be used here are left out. */
export const faults: Benchmark = {
  name: 'faults',
  async *run() {
    for (const runtime of [processRuntime, dockerRuntime]) {
      if (!(await runtime.probe()).available) continue;
      const directory = mkdtempSync(join(tmpdir(), 'splitbrain-bench-'));
      const plan: ClusterPlan = {
        runId: `bench-${process.pid}`,
        nodes: NODES,
        nodeModule: moduleBeside(import.meta.url, '../fixtures/echo-node'),
        abilities: new Set(['kill', 'cut', 'delay', 'loss']),
        options: {},
        seed: 'bench',
        directory,
        progress: () => undefined,
      };
      const cluster = runtime.create(plan);
      try {
        await cluster.start();
        yield* await measureFaults(runtime, cluster);
      } finally {
        await cluster.stop();
        rmSync(directory, { recursive: true, force: true });
      }
    }
  },
};
