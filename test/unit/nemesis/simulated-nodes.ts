/**
 * Simulated clusters of three nodes for the tests of faults: honest ones, which tell the truth about what is done to them, and numb
 * ones, to which nothing is done though they say so.
 */
import assert from 'node:assert/strict';
import type { ClusterPlan, NodeState } from '../../../harness/cluster/cluster.ts';
import type { Fault, FaultFamily, FaultLedger } from '../../../harness/cluster/fault.ts';
import { createLedger } from '../../../harness/cluster/ledger.ts';
import { SimCluster } from '../../../harness/cluster/sim/cluster.ts';
import type { JsonObject } from '../../../harness/json.ts';
import { moduleBeside } from '../../../harness/module-url.ts';
import { createRandom } from '../../../harness/random.ts';
import { faults } from '../../../nemesis/index.ts';

export const NODES = ['n1', 'n2', 'n3'];
export const RAFT = '../../../targets/raft/node';
export const ECHO = '../../fixtures/echo-node';
export const RESTLESS = '../../fixtures/restless-node';

/** What a numb cluster only says it does, by what it answers. */
const NUMBED: Readonly<Partial<Record<keyof SimCluster, unknown>>> = {
  kill: undefined,
  restart: undefined,
  cutPower: undefined,
  armCrash: undefined,
  exhaustMemory: undefined,
  pause: undefined,
  resume: undefined,
  cut: undefined,
  heal: undefined,
  reset: undefined,
  forget: undefined,
  shape: undefined,
  skew: undefined,
  breakDisk: undefined,
  flip: [{ file: 'values.log', offset: 0, was: 0x37, is: 0x77 }],
  unflip: undefined,
  truncate: [{ file: 'values.log', was: 2, is: 1 }],
  swap: [
    {
      bytes: 1,
      blocks: [
        { file: 'values.log', offset: 0 },
        { file: 'values.log', offset: 1 },
      ],
    },
  ],
  loadDisk: undefined,
  slow: undefined,
  throttle: undefined,
  limitDescriptors: undefined,
};

/** A cluster to which nothing is done while it is numb, though it says so. */
class NumbCluster extends SimCluster {
  numb = true;

  constructor(plan: ClusterPlan) {
    super(plan);
    for (const [name, said] of Object.entries(NUMBED)) {
      const method = Reflect.get(this, name) as (...parameters: unknown[]) => unknown;
      const numbed = (...parameters: unknown[]): unknown =>
        this.numb ? Promise.resolve(said) : method.apply(this, parameters);
      Object.defineProperty(this, name, { value: numbed });
    }
  }

  /** As numb as the cluster. */
  ledger(): FaultLedger {
    const ledger = createLedger(this);
    return {
      ...ledger,
      cutClients: (nodes) => {
        if (!this.numb) ledger.cutClients(nodes);
      },
      freeClients: (nodes) => {
        if (!this.numb) ledger.freeClients(nodes);
      },
    };
  }
}

function planOf(module = ECHO): ClusterPlan {
  const nodeModule = moduleBeside(import.meta.url, module);
  const versions = {
    current: nodeModule,
    next: moduleBeside(import.meta.url, '../../fixtures/next-echo-node'),
  };
  const progress = (): void => undefined;
  return {
    runId: 'test',
    nodes: NODES,
    nodeModule,
    versions,
    options: {},
    seed: '1',
    directory: '',
    progress,
  };
}

/** The cluster, started, with something on the disk of each node. */
async function start<Kind extends SimCluster>(cluster: Kind): Promise<Kind> {
  await cluster.start();
  for (const node of NODES) await cluster.call(node, 'write', { value: 7 }, 100);
  return cluster;
}

export const started = (module?: string): Promise<SimCluster> => start(new SimCluster(planOf(module)));
export const startedNumb = (module?: string): Promise<NumbCluster> => start(new NumbCluster(planOf(module)));

export function familyOf(name: string): FaultFamily {
  const family = faults.find((candidate) => candidate.name === name);
  assert.ok(family);
  return family;
}

/** A fault as drawn, or with parameters of ours. */
export async function begin(
  ledger: FaultLedger,
  name: string,
  kind: string,
  seed = 1,
  parameters?: JsonObject,
): Promise<Fault> {
  const family = familyOf(name);
  const plan = family.plan(kind, NODES, createRandom(seed));
  const changed =
    parameters === undefined ? plan.parameters : { ...(plan.parameters as JsonObject), ...parameters };
  const fault = await family.aim({ ...plan, parameters: changed }, ledger);
  if (typeof fault === 'string') assert.fail(fault);
  await fault.inject();
  return fault;
}

/** Does it while nodes write all the time, as clients would have them: some faults need something to strike. */
export async function whileWriting<T>(cluster: SimCluster, work: () => Promise<T>): Promise<T> {
  let over = false;
  const writing = NODES.map(async (node) => {
    while (!over) {
      await cluster.call(node, 'write', { value: 7 }, 100);
      await cluster.time.sleep(20);
    }
  });
  try {
    return await work();
  } finally {
    over = true;
    await Promise.all(writing);
  }
}

export const statesOf = (cluster: SimCluster): Promise<NodeState[]> =>
  Promise.all(NODES.map((node) => cluster.state(node)));

export const ALL = { aim: 'all', nodes: NODES };
export const FIRST = { aim: 'one', nodes: ['n1'] };

/** Time for a leader to be elected. */
export const settle = (cluster: SimCluster): Promise<void> => cluster.time.sleep(2000);
