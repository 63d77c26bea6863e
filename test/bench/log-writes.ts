/**
 * How many writes a second each replicated log acknowledges: five nodes, twenty clients that each wait for one answer
 * before they send the next write, no faults. The clients are those of a test, without the recorder and the generator, and
 * take their share of the same cores. What the wall clock says depends on who else uses the machine, so the processor time of the
 * nodes is told beside it, and how long their disk takes, since nothing may be acknowledged that is not on disks.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientWorker } from '../../harness/client/worker.ts';
import type { Cluster, ClusterPlan, Runtime } from '../../harness/cluster/cluster.ts';
import { dockerRuntime } from '../../harness/cluster/docker/runtime.ts';
import { processRuntime } from '../../harness/cluster/process/runtime.ts';
import { isJsonObject } from '../../harness/json.ts';
import { createRandom } from '../../harness/random.ts';
import { clusterNodes, nodeNames } from '../../harness/run/cluster-nodes.ts';
import { loadTarget } from '../../harness/run/load-target.ts';
import type { Target } from '../../harness/run/target.ts';
import { targets } from '../../targets/index.ts';
import { cpuMs, medianOf, type Benchmark, type Measurement } from './benchmark.ts';

const LOGS = ['raft', 'multi-paxos', 'fast-paxos'] as const;
const CLIENTS = 20;
const NODES = nodeNames(5);
const KEYS = 100;
/** Until a leader is elected, sessions are open, and the code is compiled. */
const WARM_UP_MS = 3000;
const MEASURED_MS = 10_000;
const TIMEOUT_MS = 3000;
/** A write in each millisecond. */
const GOAL_PER_MS = 1;
const DISK_PROBES = 20;

/** What twenty clients got done in some time. */
interface Load {
  readonly ms: number;
  /** Milliseconds that each acknowledged write took, sorted. */
  readonly latencies: readonly number[];
  /** Writes that were not acknowledged. */
  readonly failed: number;
}

/** Writes with all clients until the time is up. */
async function writeFor(ms: number, clients: readonly ClientWorker[]): Promise<Load> {
  const begun = performance.now();
  const latencies: number[] = [];
  let failed = 0;
  const write = async (client: ClientWorker, number: number): Promise<void> => {
    for (let value = 0; performance.now() - begun < ms; value++) {
      const sent = performance.now();
      const { type } = await client.perform({ f: 'write', key: `k${(number + value) % KEYS}`, value });
      if (type === 'ok') latencies.push(performance.now() - sent);
      else failed++;
    }
  };
  await Promise.all(clients.map((client, number) => write(client, number)));
  return { ms: performance.now() - begun, latencies: latencies.toSorted((a, b) => a - b), failed };
}

/** Milliseconds of the processor that all nodes together have used. */
async function nodesCpuMs(cluster: Cluster): Promise<number> {
  const used = await Promise.all(cluster.nodes.map((node) => numberFrom(cluster, node, '_/usage', 'cpuMs')));
  return used.reduce((sum, ms) => sum + ms, 0);
}

/** Median milliseconds in which a node makes, reads and removes a small file durably, which takes three fsyncs. */
async function diskMs(cluster: Cluster): Promise<number> {
  const times: number[] = [];
  for (let probe = 0; probe < DISK_PROBES; probe++)
    times.push(await numberFrom(cluster, 'n1', '_/disk', 'ms'));
  return medianOf(times);
}

async function numberFrom(cluster: Cluster, node: string, path: string, field: string): Promise<number> {
  const reply = await cluster.call(node, path, {}, TIMEOUT_MS);
  const value = reply.kind === 'answer' && isJsonObject(reply.body) ? reply.body[field] : undefined;
  if (typeof value === 'number') return value;
  throw new Error(`${node}, ${path}: expected a number ${field}, found ${JSON.stringify(reply)}`);
}

async function measured(cluster: Cluster, { name, client: factory }: Target): Promise<Measurement> {
  if (factory === undefined) throw new Error(`${name} has no client`);
  const random = createRandom('bench');
  const clients = Array.from(
    { length: CLIENTS },
    (_, thread) => new ClientWorker(thread, { cluster, factory, timeoutMs: TIMEOUT_MS, random }),
  );
  const disk = await diskMs(cluster);
  await writeFor(WARM_UP_MS, clients);
  const before = { nodes: await nodesCpuMs(cluster), harness: cpuMs() };
  const { ms, latencies, failed } = await writeFor(MEASURED_MS, clients);
  const nodes = (await nodesCpuMs(cluster)) - before.nodes;
  const at = (share: number): number => latencies[Math.floor(share * latencies.length)] ?? 0;
  const values = {
    perSecond: (latencies.length / ms) * 1000,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    failed,
    perNodeCpuSecond: (latencies.length / nodes) * 1000,
    clientsCpuMsEach: (cpuMs() - before.harness) / latencies.length,
    diskMs: disk,
    load: loadavg()[0] ?? 0,
  };
  const outcome = [
    `p50 ${values.p50Ms.toFixed(1)} ms, p99 ${values.p99Ms.toFixed(1)} ms`,
    `${values.perNodeCpuSecond.toFixed(0)} a second of the nodes' processor time`,
    `${values.clientsCpuMsEach.toFixed(2)} ms of the clients' each`,
    `disk ${disk.toFixed(1)} ms`,
    `load ${values.load.toFixed(1)}`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
  ].join(', ');
  const operations = latencies.length;
  return {
    name: `writes, ${name}, ${cluster.runtime}`,
    operations,
    ms,
    goalMs: operations / GOAL_PER_MS,
    outcome,
    values,
  };
}

async function measuredOn(runtime: Runtime, target: Target): Promise<Measurement> {
  const directory = mkdtempSync(join(tmpdir(), 'splitbrain-bench-'));
  const plan: ClusterPlan = {
    ...clusterNodes({ nodes: NODES }, target, new Set()),
    runId: `bench-${process.pid}`,
    seed: 'bench',
    directory,
    progress: () => undefined,
  };
  const cluster = runtime.create(plan);
  try {
    await cluster.start();
    return await measured(cluster, target);
  } finally {
    await cluster.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Runtimes that cannot be used here are left out. */
export const logWrites: Benchmark = {
  name: 'log-writes',
  async *run() {
    for (const runtime of [dockerRuntime, processRuntime]) {
      if (!(await runtime.probe()).available) continue;
      for (const name of LOGS) yield await measuredOn(runtime, await loadTarget(targets[name] ?? name));
    }
  },
};
