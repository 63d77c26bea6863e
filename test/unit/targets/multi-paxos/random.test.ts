/**
 * Random runs: partitions, crashes with torn writes, and loss, drawn from a seed, while clients append to a
 * list. Whatever happens, a slot has one command and the clients see a linearizable list; and once the faults are
 * over, every node catches up.
 */
import assert from 'node:assert/strict';
import type { JsonObject } from '../../../../harness/json.ts';
import { disturb } from '../cluster/disturb.ts';
import { Fabric } from '../cluster/fabric.ts';
import { problemsOf, startClients } from '../cluster/list-workload.ts';
import { Observer } from './observer.ts';

const SEEDS = 8;
const FAULTS_MS = 8000;

describe('multi-paxos under random faults', () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const nodes = seed % 4 === 0 ? 3 : 5;
    const readLeases = seed % 3 === 0;
    it(`should stay safe and recover with ${nodes} nodes${readLeases ? ', leases' : ''} and seed ${seed}`, async () => {
      const observer = new Observer();
      const options: JsonObject = {
        snapshotThreshold: 40,
        snapshotTrailing: 10,
        snapshotChunk: 500,
        maxBatch: 8,
        readLeases,
      };
      const fabric = await Fabric.up({ nodes, program: observer.program, seed, options });
      fabric.delay = [0.5, 20];
      const done = startClients(fabric, 5, FAULTS_MS);
      await disturb(fabric, FAULTS_MS);
      await fabric.run(5000);

      const leader = await fabric.leader();
      const { value } = await fabric.ask(leader, 'read', { key: 'list' });
      assert.deepEqual(observer.check(fabric), []);
      assert.deepEqual(problemsOf(done, value as number[]), []);
      for (const id of fabric.ids) assert.equal(fabric.status(id).applied, fabric.status(leader).applied, id);
      // Guards against a run in which nothing happened.
      assert.ok(done.filter(({ completion }) => completion.type === 'ok').length > 50);
      assert.ok(observer.applied.size > 20);
    });
  }
});
