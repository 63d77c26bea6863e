/** Rival changes of the members, on a Raft that must not be hurt by them, on one that is, and on nodes that change nothing. */
import assert from 'node:assert/strict';
import type { Fault, FaultLedger } from '../../../harness/cluster/fault.ts';
import { createLedger } from '../../../harness/cluster/ledger.ts';
import type { Membership } from '../../../harness/cluster/membership.ts';
import { SimCluster } from '../../../harness/cluster/sim/cluster.ts';
import { evaluatorHere, type Outcome } from '../../../harness/explore/evaluate.ts';
import type { JsonObject } from '../../../harness/json.ts';
import { moduleBeside } from '../../../harness/module-url.ts';
import { createRandom } from '../../../harness/random.ts';
import { nodeNames } from '../../../harness/run/cluster-nodes.ts';
import { membership } from '../../../nemesis/membership.ts';
import { membership as raftMembership } from '../../../targets/raft/membership.ts';
import rosterTarget, { roster } from '../../fixtures/roster-target.ts';
import { kitOf, scenarioOf } from '../../fixtures/simulate.ts';

const KIND = 'rival-changes';
/** Of a run in which a turn comes to its end; most do. */
const SEED = 2;
const RAFT = moduleBeside(import.meta.url, '../../../targets/raft/node');

describe('rival changes', () => {
  let cluster: SimCluster;
  let ledger: FaultLedger;

  interface Setup {
    readonly nodes: number;
    readonly spares: number;
    readonly nodeModule: string;
    readonly members: Membership;
    readonly options?: JsonObject;
  }

  async function start({ nodes, spares, nodeModule, members, options = {} }: Setup): Promise<void> {
    cluster = new SimCluster({
      runId: 'test',
      nodes: nodeNames(nodes),
      spares: nodeNames(spares, nodes),
      nodeModule,
      options,
      seed: '1',
      directory: '',
      progress: () => undefined,
    });
    ledger = createLedger(cluster, members);
    await cluster.start();
  }

  const startRaft = (nodes: number, spares: number): Promise<void> =>
    start({ nodes, spares, nodeModule: RAFT, members: raftMembership });

  afterEach(() => cluster.stop());

  function aim(from = ledger): Promise<Fault | string> {
    return membership.aim(membership.plan(KIND, cluster.nodes, createRandom(1)), from);
  }

  async function begin(): Promise<Fault> {
    const fault = await aim();
    if (typeof fault === 'string') assert.fail(fault);
    await fault.inject();
    return fault;
  }

  for (const [nodes, spares] of [
    [3, 1],
    [4, 0],
    [5, 1],
  ] as const) {
    it(`should have leaders of ${nodes} nodes take turns, and leave the members as they were`, async () => {
      await startRaft(nodes, spares);
      const fault = await begin();
      const { confirmed, evidence } = await fault.confirm();
      assert.equal(confirmed, true, evidence);
      assert.match(evidence, /^n\d, which is cut off, says that n\d is removed$/);
      await cluster.time.sleep(4000);
      const healed = await fault.heal();
      assert.equal(healed.confirmed, true, healed.evidence);
      assert.match(healed.evidence, /leaders took [1-9] turns/);
      assert.deepEqual([...ledger.members()].sort(), cluster.nodes);
      assert.deepEqual([ledger.cutLinks(), ledger.conditions()], [[], []]);
      for (const spare of cluster.spares) assert.equal(await cluster.state(spare), 'down');
    });
  }

  it('should not be confirmed where nobody changes any members, though nothing hinders it', async () => {
    await start({
      nodes: 5,
      spares: 1,
      nodeModule: rosterTarget.nodeModule,
      members: roster,
      options: { deaf: true },
    });
    const fault = await begin();
    const { confirmed, masked, evidence } = await fault.confirm();
    assert.deepEqual([confirmed, masked], [false, undefined], evidence);
    // It may be the one to lead, and nobody knows when it is gone.
    ledger.strike('n1');
    const beside = await fault.confirm();
    assert.deepEqual([beside.confirmed, beside.masked], [false, true], beside.evidence);
    ledger.release('n1');
    await fault.heal();
  });

  it('should be masked where other faults leave no leader', async () => {
    await startRaft(4, 0);
    for (const node of ['n1', 'n2']) {
      ledger.strike(node);
      await cluster.kill(node);
    }
    await cluster.time.sleep(3000);
    const fault = await begin();
    const { confirmed, masked, evidence } = await fault.confirm();
    assert.deepEqual([confirmed, masked], [false, true], evidence);
    await fault.heal();
  });

  it('should not apply without an even number of members, or a way to change them', async () => {
    await startRaft(3, 0);
    const told = async (from = ledger): Promise<string> => {
      const fault = await aim(from);
      return typeof fault === 'string' ? fault : 'applies';
    };
    assert.match(await told(), /^of 3 members no two halves are left/);
    assert.match(await told(createLedger(cluster)), /does not say how its members are changed/);
    await cluster.stop();
    await startRaft(3, 1);
    assert.equal(await told(), 'applies');
  });

  it('should split a Raft that changes members before an entry of its own term is committed', async () => {
    await startRaft(4, 0);
    const kit = await kitOf('raft');
    const run = (variant: JsonObject): Promise<Outcome> => {
      const times = { timeLimitMs: 6000, intervalMs: 4000, rate: 40 };
      const scenario = scenarioOf(kit, { seed: SEED, nemesis: `membership:${KIND}`, ...times, ...variant });
      return evaluatorHere(kit).evaluate({ ...scenario, nodes: nodeNames(3), spares: nodeNames(1, 3) });
    };
    assert.equal((await run({ variant: 'early-change' })).valid, false);
    const { valid, unknown } = await run({});
    assert.equal(valid, true, unknown);
  });
});
