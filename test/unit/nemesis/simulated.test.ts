/**
 * Fault families on simulated clusters, whose nodes tell the truth about what is done to them: each is confirmed when it
 * is in force and not when it silently is not, heals alone beside others, and leaves no node behind.
 */
import assert from 'node:assert/strict';
import type { Fault, FaultFamily, FaultLedger } from '../../../harness/cluster/fault.ts';
import type { ClusterPlan, FlippedBit, NodeState } from '../../../harness/cluster/cluster.ts';
import { needsOf } from '../../../harness/cluster/fault.ts';
import { createLedger } from '../../../harness/cluster/ledger.ts';
import { probeHealth } from '../../../harness/cluster/probe.ts';
import { SimCluster } from '../../../harness/cluster/sim/cluster.ts';
import type { JsonObject } from '../../../harness/json.ts';
import { moduleBeside } from '../../../harness/module-url.ts';
import { createRandom } from '../../../harness/random.ts';
import { faults } from '../../../nemesis/index.ts';
import { FAKE_ABILITIES } from '../../fixtures/fake-cluster.ts';

const NODES = ['n1', 'n2', 'n3'];
const SEEDS = [1, 2, 3];
const RAFT = '../../../targets/raft/node';
const RESTLESS = '../../fixtures/restless-node';

/** A cluster to which nothing is done while it is numb, though it says so. */
class NumbCluster extends SimCluster {
  numb = true;

  override shape(...parameters: Parameters<SimCluster['shape']>): Promise<void> {
    return this.numb ? Promise.resolve() : super.shape(...parameters);
  }
  override cut(...parameters: Parameters<SimCluster['cut']>): Promise<void> {
    return this.numb ? Promise.resolve() : super.cut(...parameters);
  }
  override skew(...parameters: Parameters<SimCluster['skew']>): Promise<void> {
    return this.numb ? Promise.resolve() : super.skew(...parameters);
  }
  override breakDisk(...parameters: Parameters<SimCluster['breakDisk']>): Promise<void> {
    return this.numb ? Promise.resolve() : super.breakDisk(...parameters);
  }
  override flip(...parameters: Parameters<SimCluster['flip']>): Promise<readonly FlippedBit[]> {
    if (!this.numb) return super.flip(...parameters);
    return Promise.resolve([{ file: 'values.log', offset: 0, was: 0x37, is: 0x77 }]);
  }
  override unflip(...parameters: Parameters<SimCluster['unflip']>): Promise<void> {
    return this.numb ? Promise.resolve() : super.unflip(...parameters);
  }
  override slow(...parameters: Parameters<SimCluster['slow']>): Promise<void> {
    return this.numb ? Promise.resolve() : super.slow(...parameters);
  }
}

function planOf(module = '../../fixtures/echo-node'): ClusterPlan {
  const nodeModule = moduleBeside(import.meta.url, module);
  const progress = (): void => undefined;
  return { runId: 'test', nodes: NODES, nodeModule, options: {}, seed: '1', directory: '', progress };
}

/** The cluster, started, with something on the disk of each node. */
async function start<Kind extends SimCluster>(cluster: Kind): Promise<Kind> {
  await cluster.start();
  for (const node of NODES) await cluster.call(node, 'write', { value: 7 }, 100);
  return cluster;
}

const started = (module?: string): Promise<SimCluster> => start(new SimCluster(planOf(module)));
const startedNumb = (): Promise<NumbCluster> => start(new NumbCluster(planOf()));

function familyOf(name: string): FaultFamily {
  const family = faults.find((candidate) => candidate.name === name);
  assert.ok(family);
  return family;
}

/** A fault as drawn, or with parameters of ours. */
async function begin(
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

const statesOf = (cluster: SimCluster): Promise<NodeState[]> =>
  Promise.all(NODES.map((node) => cluster.state(node)));

const ALL = { aim: 'all', nodes: NODES };
const FIRST = { aim: 'one', nodes: ['n1'] };

describe('fault families on simulated nodes', () => {
  const tried = faults.filter((family) => {
    const needs = Object.keys(family.kinds).flatMap((kind) => needsOf(family, kind));
    return needs.some((need) => need === 'delay' || !FAKE_ABILITIES.has(need));
  });
  for (const family of tried) {
    for (const kind of Object.keys(family.kinds)) {
      it(`should inject, confirm and heal ${family.name}:${kind}`, async () => {
        for (const seed of SEEDS) {
          const cluster = await started();
          const ledger = createLedger(cluster);
          const fault = await begin(ledger, family.name, kind, seed);
          assert.ok(fault.nodes.length > 0);
          const held = await fault.confirm();
          assert.equal(held.confirmed, true, `${fault.description}: ${held.evidence}`);
          const healed = await fault.heal();
          assert.equal(healed.confirmed, true, `${fault.description}: ${healed.evidence}`);
          assert.deepEqual(await statesOf(cluster), ['running', 'running', 'running']);
          assert.deepEqual([ledger.healthy(), ledger.conditions()], [NODES, []]);
        }
      });

      it(`should not confirm a ${family.name}:${kind} that does nothing`, async () => {
        for (const seed of SEEDS) {
          const fault = await begin(createLedger(await startedNumb()), family.name, kind, seed);
          const { confirmed, evidence } = await fault.confirm();
          // A node that was killed cannot be asked about its bits.
          assert.equal(confirmed, family.name === 'bit-flip' && kind === 'restart', evidence);
        }
      });

      it(`should not take ${family.name}:${kind} for healed while it goes on`, async () => {
        for (const seed of SEEDS) {
          const cluster = await startedNumb();
          cluster.numb = false;
          const fault = await begin(createLedger(cluster), family.name, kind, seed);
          await fault.confirm();
          cluster.numb = true;
          // Nodes that cannot start from flipped bits make it reject.
          const { confirmed, evidence } = await fault
            .heal()
            .catch(() => ({ confirmed: false, evidence: '' }));
          assert.equal(confirmed, false, `${fault.description}: ${evidence}`);
        }
      });

      it(`should draw the same ${family.name}:${kind} from the same seed`, () => {
        const plan = (seed: number): unknown => family.plan(kind, NODES, createRandom(seed));
        assert.deepEqual(plan(5), plan(5));
        assert.notDeepEqual(plan(5), plan(6));
      });
    }
  }

  for (const [name, kind, parameters] of [
    ['slow-link', 'all', {}],
    ['packets', 'loss', ALL],
    ['packets', 'reorder', ALL],
    ['clock', 'jump', ALL],
    ['clock', 'strobe', ALL],
    ['disk', 'slow', ALL],
  ] as const) {
    it(`should heal one ${name}:${kind} without touching another on the same nodes`, async () => {
      const ledger = createLedger(await started());
      const first = await begin(ledger, name, kind, 1, parameters);
      const second = await begin(ledger, name, kind, 2, parameters);
      for (const fault of [first, second]) assert.equal((await fault.confirm()).confirmed, true);
      await first.heal();
      const { confirmed, evidence } = await second.confirm();
      assert.equal(confirmed, true, evidence);
      assert.equal((await second.heal()).confirmed, true);
      assert.equal((await second.confirm()).confirmed, false, 'nothing is left of it');
    });
  }

  it('should not take a link for healed that is as little slow as can be drawn', async () => {
    const cluster = await startedNumb();
    cluster.numb = false;
    const fault = await begin(createLedger(cluster), 'slow-link', 'all', 1, { delayMs: 200 });
    assert.equal((await fault.confirm()).confirmed, true);
    cluster.numb = true;
    assert.equal((await fault.heal()).confirmed, false);
  });

  it('should not take for cut what is only slow, or loses much', async () => {
    for (const [name, kind, parameters] of [
      ['slow-link', 'all', { delayMs: 600 }],
      ['packets', 'loss', { ...ALL, lost: 0.7 }],
      ['packets', 'reorder', { ...ALL, late: 0.8, byMs: 400 }],
    ] as const) {
      for (const isCut of [true, false]) {
        const cluster = await startedNumb();
        const ledger = createLedger(cluster);
        cluster.numb = false;
        await begin(ledger, name, kind, 1, parameters);
        cluster.numb = !isCut;
        const partition = await begin(ledger, 'partition', 'n1/n2-n3');
        const { confirmed, evidence } = await partition.confirm();
        assert.equal(confirmed, isCut, `beside ${name} ${kind}: ${evidence}`);
      }
    }
  });

  it('should not take for a slow disk that the node is slow', async () => {
    for (const isSlow of [true, false]) {
      const cluster = await startedNumb();
      const ledger = createLedger(cluster);
      cluster.numb = false;
      const node = await begin(ledger, 'slow-node', 'all', 1, { busyMs: 25 });
      cluster.numb = !isSlow;
      const disk = await begin(ledger, 'disk', 'slow', 1, { ...ALL, trouble: { slowMs: 20 } });
      const { confirmed, evidence } = await disk.confirm();
      assert.equal(confirmed, isSlow, evidence);
      cluster.numb = false;
      for (const fault of [disk, node]) assert.equal((await fault.heal()).confirmed, true);
    }
  });

  it('should not take a bit that was flipped twice for one that was flipped', async () => {
    for (const places of [[0], [0, 0], [0, 0, 0]]) {
      const ledger = createLedger(await started());
      const fault = await begin(ledger, 'bit-flip', 'running', 1, { ...FIRST, places: { n1: places } });
      assert.equal((await fault.confirm()).confirmed, places.length !== 2);
      assert.equal((await fault.heal()).confirmed, true);
    }
  });

  it('should take for lost, doubled and late only what is its own beside a slow link', async () => {
    const ledger = createLedger(await started());
    await begin(ledger, 'slow-link', 'all');
    for (const kind of ['loss', 'duplicate']) {
      const fault = await begin(ledger, 'packets', kind, 1, ALL);
      assert.equal((await fault.confirm()).confirmed, true);
      assert.equal((await fault.heal()).confirmed, true);
    }
  });

  it('should count nodes that died of their disk as its witnesses, and restart them when it heals', async () => {
    const cluster = await started(RESTLESS);
    const fault = await begin(createLedger(cluster), 'disk', 'full', 1, ALL);
    await cluster.call('n1', 'act', {}, 100);
    await cluster.time.sleep(10);
    assert.deepEqual(await statesOf(cluster), ['down', 'running', 'running']);
    assert.deepEqual(await fault.confirm(), {
      confirmed: true,
      evidence: '2 of 3 nodes found their disk full, 1 died of it',
    });
    assert.deepEqual(await fault.heal(), {
      confirmed: true,
      evidence: '3 of 3 nodes write to their disk again',
    });
    assert.deepEqual(await statesOf(cluster), ['running', 'running', 'running']);
  });

  it('should restart a node that learns only when it wakes up that its disk had failed', async () => {
    const cluster = await started(RESTLESS);
    const ledger = createLedger(cluster);
    const slow = await begin(ledger, 'disk', 'slow', 1, { ...FIRST, trouble: { slowMs: 50 } });
    const full = await begin(ledger, 'disk', 'full', 1, FIRST);
    await cluster.call('n1', 'act', {}, 100);
    const pause = await begin(ledger, 'pause', 'all');
    await cluster.time.sleep(100);
    for (const fault of [full, slow]) await fault.heal();
    assert.deepEqual(await statesOf(cluster), ['paused', 'paused', 'paused']);
    assert.equal((await pause.heal()).confirmed, true);
    assert.match(cluster.log('n1'), /ENOSPC/);
    assert.equal(await cluster.state('n1'), 'running');
  });

  it('should leave a node that cannot start from its disk to the fault that broke it', async () => {
    for (const [name, kind] of [
      ['disk', 'full'],
      ['bit-flip', 'running'],
    ] as const) {
      const cluster = await started(RAFT);
      await cluster.time.sleep(2000);
      const ledger = createLedger(cluster);
      const broken = await begin(ledger, name, kind, 1, ALL);
      const kill = await begin(ledger, 'kill', 'all');
      assert.equal((await kill.heal()).confirmed, false);
      assert.deepEqual(await statesOf(cluster), ['down', 'down', 'down']);
      assert.equal((await broken.heal()).confirmed, true);
      assert.deepEqual(await statesOf(cluster), ['running', 'running', 'running']);
    }
  });

  it('should say which nodes refused to start from flipped bits', async () => {
    const cluster = await started(RAFT);
    await cluster.time.sleep(2000);
    const fault = await begin(createLedger(cluster), 'bit-flip', 'restart', 1, ALL);
    const { confirmed, evidence } = await fault.heal();
    assert.equal(confirmed, true);
    assert.match(evidence, /n1 n2 n3 refused to start from what was there$/);
    for (const node of NODES) assert.equal(await probeHealth(cluster, node, 100), true);
  });
});
