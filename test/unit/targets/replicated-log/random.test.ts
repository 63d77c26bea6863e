/**
 * Random runs of every log with a leader: partitions, crashes with torn writes, and loss, drawn from a seed, while clients append
 * to a list. Whatever happens, the log's safety properties hold and the clients see a linearizable list; and once the
 * faults are over, every node catches up.
 */
import assert from 'node:assert/strict';
import { disturb } from '../cluster/disturb.ts';
import { Fabric } from '../cluster/fabric.ts';
import { problemsOf, startClients } from '../cluster/list-workload.ts';
import { leaderLogs } from './subjects.ts';

const OPTIONS = { snapshotThreshold: 40, snapshotTrailing: 10, snapshotChunk: 500, maxBatch: 8 };

for (const { name, observe, leases, random } of leaderLogs) {
  describe(`${name} under random faults`, () => {
    for (let seed = 1; seed <= random.seeds; seed++) {
      const nodes = seed % 4 === 0 ? 3 : 5;
      const hasLeases = seed % 3 === 0;
      it(`should stay safe and recover with ${nodes} nodes${hasLeases ? ', leases' : ''} and seed ${seed}`, async () => {
        const observer = observe();
        const options = { ...OPTIONS, [leases]: hasLeases };
        const fabric = await Fabric.up({ nodes, program: observer.program, seed, options });
        fabric.delay = [0.5, 20];
        const done = startClients(fabric, 5, random.faultsMs);
        await disturb(fabric, random.faultsMs);
        await fabric.run(5000);

        const leader = await fabric.leader();
        const { value } = await fabric.ask(leader, 'read', { key: 'list' });
        assert.deepEqual(observer.check(fabric), []);
        assert.deepEqual(problemsOf(done, value as number[]), []);
        for (const id of fabric.ids)
          assert.equal(fabric.status(id).applied, fabric.status(leader).applied, id);
        // Guards against a run in which nothing happened.
        assert.ok(done.filter(({ completion }) => completion.type === 'ok').length > 25);
        assert.ok(observer.appliedCount > 10);
      });
    }
  });
}
