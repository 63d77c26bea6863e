/** Faults of disks on simulated clusters: nodes that die of them or refuse to start, and what they get back. */
import assert from 'node:assert/strict';
import { createLedger } from '../../../harness/cluster/ledger.ts';
import { probeHealth } from '../../../harness/cluster/probe.ts';
import { ALL, begin, FIRST, NODES, RAFT, RESTLESS, settle, started, statesOf } from './simulated-nodes.ts';

describe('faults of disks', () => {
  it('should not take a bit that was flipped twice for one that was flipped', async () => {
    for (const places of [[0], [0, 0], [0, 0, 0]]) {
      const ledger = createLedger(await started());
      const fault = await begin(ledger, 'bit-flip', 'running', 1, { ...FIRST, places: { n1: places } });
      assert.equal((await fault.confirm()).confirmed, places.length !== 2);
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

  it('should give nodes their own disk back that refuse to start from a damaged one', async () => {
    const cluster = await started(RAFT);
    await settle(cluster);
    const fault = await begin(createLedger(cluster), 'files', 'swap', 1, ALL);
    assert.equal((await fault.confirm()).confirmed, true);
    const { confirmed, evidence } = await fault.heal();
    assert.equal(confirmed, true);
    assert.match(evidence, /n1 n2 n3 refused to start from what was there$/);
  });

  it('should have nodes forget what they wrote since the disk that is put back', async () => {
    const cluster = await started();
    const parameters = { ...FIRST, agoMs: 500 };
    const writing = cluster.time.sleep(300).then(() => cluster.call('n1', 'write', { value: 8 }, 100));
    const fault = await begin(createLedger(cluster), 'files', 'rollback', 1, parameters);
    assert.equal((await writing).kind, 'answer');
    assert.equal((await fault.heal()).confirmed, true);
    assert.deepEqual(await cluster.call('n1', 'read', {}, 100), { kind: 'answer', body: 7 });
  });
});
