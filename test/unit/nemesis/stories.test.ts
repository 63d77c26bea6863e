/** Faults that go on by themselves while they last, on simulated clusters: hunts, elections that are spoilt, upgrades. */
import assert from 'node:assert/strict';
import { createLedger } from '../../../harness/cluster/ledger.ts';
import { createRandom } from '../../../harness/random.ts';
import { begin, familyOf, NODES, RAFT, settle, started } from './simulated-nodes.ts';

describe('faults that go on by themselves', () => {
  it('should take away whoever leads again and again, and let the one before come back for the next', async () => {
    const cluster = await started(RAFT);
    await settle(cluster);
    const ledger = createLedger(cluster);
    const fault = await begin(ledger, 'hunt', 'alternate', 2);
    const down = new Set<string>();
    let most = 0;
    for (let look = 0; look < 500; look++) {
      const cut = ledger.cutLinks();
      const away = NODES.filter(
        (node, index) =>
          !ledger.healthy().includes(node) || cut.filter(({ from }) => from === NODES[index]).length === 2,
      );
      for (const node of away) down.add(node);
      most = Math.max(most, NODES.length - ledger.healthy().length);
      await cluster.time.sleep(10);
    }
    assert.ok(down.size >= 2, `only ${[...down].join(' ')} was struck`);
    assert.ok(most <= 2, 'a cluster of three is not to lose all of them');
    assert.match((await fault.heal()).evidence, /; \d+ leaders were struck$/);
    assert.equal(cluster.checksum.length, 8);
  });

  it('should do the same again for the same seed, also what goes on beside everything else', async () => {
    const checksum = async (kind: string): Promise<string> => {
      const cluster = await started(RAFT);
      await settle(cluster);
      const fault = await begin(createLedger(cluster), 'scenario', kind);
      await fault.confirm();
      await cluster.time.sleep(1000);
      await fault.heal();
      return cluster.checksum;
    };
    for (const kind of ['leader-hunt', 'split-vote-storm', 'rolling-restart'])
      assert.equal(await checksum(kind), await checksum(kind), kind);
  });

  it('should have nodes run another version during an upgrade, and their own afterwards', async () => {
    const cluster = await started();
    const fault = await begin(createLedger(cluster), 'scenario', 'rolling-upgrade=next');
    const versions = async (): Promise<Set<boolean>> => {
      const replies = await Promise.all(NODES.map((node) => cluster.call(node, '_/status', {}, 100)));
      return new Set(replies.map((reply) => JSON.stringify(reply).includes('next')));
    };
    assert.equal((await fault.confirm()).confirmed, true);
    assert.ok((await versions()).has(true));
    assert.equal((await fault.heal()).confirmed, true);
    assert.deepEqual(await versions(), new Set([false]));
    const family = familyOf('scenario');
    const plan = family.plan('rolling-upgrade=other', NODES, createRandom(1));
    const refused = await family.aim(plan, createLedger(cluster));
    assert.equal(refused, 'there is no version other of the program; there are: current, next');
  });
});
