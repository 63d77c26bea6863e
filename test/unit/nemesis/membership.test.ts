/** Members that come and go, on simulated nodes that keep a list of them (test/fixtures/roster-node.ts). */
import assert from 'node:assert/strict';
import type { Fault, FaultLedger } from '../../../harness/cluster/fault.ts';
import { createLedger } from '../../../harness/cluster/ledger.ts';
import { SimCluster } from '../../../harness/cluster/sim/cluster.ts';
import { simulate, judge } from '../../../harness/explore/simulate.ts';
import { parseSettings } from '../../../harness/cluster/sim/options.ts';
import type { JsonObject } from '../../../harness/json.ts';
import { moduleBeside } from '../../../harness/module-url.ts';
import { createRandom } from '../../../harness/random.ts';
import { drawSchedule } from '../../../harness/run/schedule.ts';
import { standardCheckers } from '../../../harness/explore/own-kit.ts';
import { kill } from '../../../nemesis/kill.ts';
import { membership } from '../../../nemesis/membership.ts';
import { partition } from '../../../nemesis/partition.ts';
import target, { roster } from '../../fixtures/roster-target.ts';

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];
const SPARES = ['n6'];

describe('membership', () => {
  let cluster: SimCluster;
  let ledger: FaultLedger;

  async function start(options: JsonObject = {}): Promise<void> {
    cluster = new SimCluster({
      runId: 'test',
      nodes: NODES,
      spares: SPARES,
      nodeModule: target.nodeModule,
      options,
      seed: '1',
      directory: '',
      progress: () => undefined,
    });
    ledger = createLedger(cluster, roster);
    await cluster.start();
  }

  afterEach(() => cluster.stop());

  async function aimed(kind: string, node: string | null = null): Promise<Fault> {
    const fault = await membership.aim({ family: 'membership', kind, parameters: { node } }, ledger);
    if (typeof fault === 'string') assert.fail(fault);
    return fault;
  }

  const during: readonly (readonly [
    kind: string,
    node: string | null,
    members: string,
    down: readonly string[],
  ])[] = [
    ['join', null, 'n1 n2 n3 n4 n5 n6', []],
    ['leave', 'n4', 'n1 n2 n3 n5', ['n4']],
    ['leave-leader', null, 'n2 n3 n4 n5', ['n1']],
    ['replace', 'n3', 'n1 n2 n4 n5 n6', ['n3']],
  ];
  for (const [kind, node, members, down] of during) {
    it(`should ${kind}, confirm it by the nodes' word, and take it back`, async () => {
      await start();
      const fault = await aimed(kind, node);
      await fault.inject();
      assert.deepEqual(
        [(await fault.confirm()).confirmed, [...ledger.members()].sort().join(' ')],
        [true, members],
      );
      for (const gone of down) assert.equal(await cluster.state(gone), 'down');
      assert.equal((await fault.heal()).confirmed, true);
      assert.deepEqual([...ledger.members()].sort(), NODES);
      assert.deepEqual([...ledger.healthy()].sort(), NODES);
      assert.equal(await cluster.state('n6'), 'down');
    });
  }

  it('should name the node that it found, for the next time', async () => {
    await start();
    const { named } = await aimed('leave-leader');
    assert.deepEqual(named, { family: 'membership', kind: 'leave', parameters: { node: 'n1' } });
  });

  it('should be seen to do nothing where nothing hinders it, and be masked where other faults may', async () => {
    await start({ deaf: true });
    const join = await aimed('join');
    await join.inject();
    const deaf = await join.confirm();
    assert.deepEqual([deaf.confirmed, deaf.masked], [false, undefined], deaf.evidence);
    await join.heal();
    await cluster.stop();
    await start();
    const links = NODES.slice(1).map((to) => ({ from: 'n1', to }));
    await ledger.cut(links);
    const leave = await aimed('leave', 'n4');
    await leave.inject();
    const hindered = await leave.confirm();
    assert.deepEqual([hindered.confirmed, hindered.masked], [false, true]);
    assert.match(hindered.evidence, /to remove n4 is open/);
    assert.equal(await cluster.state('n4'), 'running', 'who still belongs to it runs on');
    await ledger.uncut(links);
    assert.equal((await leave.heal()).confirmed, true);
    assert.deepEqual([...ledger.members()].sort(), NODES);
  });

  it('should not apply where it cannot', async () => {
    await start();
    const told = (kind: string, node: string | null, from = ledger): Promise<unknown> =>
      membership.aim({ family: 'membership', kind, parameters: { node } }, from);
    assert.equal(await told('leave', 'n6'), 'n6 is no member');
    assert.match(
      String(await told('join', null, createLedger(cluster))),
      /does not say how its members are changed/,
    );
    const join = await aimed('join');
    await join.inject();
    assert.equal((await join.confirm()).confirmed, true);
    assert.equal(await told('replace', 'n1'), 'no node is left that could join');
    await join.heal();
  });

  it('should go through whole runs among kills and partitions, which end with a whole cluster', async () => {
    await start();
    const families = [membership, kill, partition];
    const parts = families.map((family) => ({ family, kinds: Object.keys(family.kinds) }));
    const kit = {
      addresses: { targetModule: '', faultsModule: '', standardModule: moduleBeside(import.meta.url, '') },
      target,
      families,
      standardCheckers: await standardCheckers(),
    };
    let joined = 0;
    for (let seed = 1; seed <= 4; seed++) {
      const times = { limitMs: 20_000, intervalMs: 4000 };
      const run = await simulate(
        {
          target: 'roster',
          workload: 'read',
          seed: String(seed),
          nodes: NODES,
          spares: SPARES,
          concurrency: 3,
          rate: 20,
          timeLimitMs: times.limitMs,
          operationTimeoutMs: 500,
          settings: parseSettings({}),
          faults: drawSchedule(parts, NODES, createRandom(String(seed)), times),
          final: true,
          progressLimitMs: 0,
        },
        kit,
      );
      const { valid, problems } = await judge(run, kit, 5000);
      assert.deepEqual([valid, problems], [true, []], `seed ${seed}`);
      joined += run.faults.filter(({ family, confirmed }) => family === 'membership' && confirmed).length;
    }
    assert.ok(joined >= 8, `${joined} changes came to pass`);
  });
});
