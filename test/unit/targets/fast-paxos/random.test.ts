/**
 * Random runs: partitions, crashes with torn writes, and loss, drawn from a seed, while clients append to a list, with
 * coordinated and uncoordinated recovery. Whatever happens, a slot has one entry and the clients see a linearizable list;
 * and once the faults are over, every node catches up.
 */
import assert from 'node:assert/strict';
import { agreement } from '../../../../checkers/index.ts';
import type { LogEntry } from '../../../../harness/history/checker.ts';
import { fastClient } from '../../../../targets/fast-paxos/client.ts';
import { node as program } from '../../../../targets/fast-paxos/node.ts';
import { disturb } from '../cluster/disturb.ts';
import { Fabric } from '../cluster/fabric.ts';
import { problemsOf, startClients } from '../cluster/list-workload.ts';

const SEEDS = 8;
const FAULTS_MS = 6000;
/** Small enough that logs are compacted and snapshots sent. */
const COMPACTION = { snapshotThreshold: 40, snapshotTrailing: 10, snapshotChunk: 500 };

/** The nodes' logs, as checkers read them. */
function logsOf(fabric: Fabric): Record<string, LogEntry[]> {
  return Object.fromEntries(
    fabric.ids.map((id) => [
      id,
      fabric.lines
        .filter(({ node }) => node === id)
        .map(({ time, level, event, fields }) => ({ ...fields, time, level, event })),
    ]),
  );
}

describe('fast-paxos under random faults', () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const nodes = seed % 4 === 0 ? 3 : 5;
    const uncoordinated = seed % 2 === 1;
    it(`should stay safe and recover with ${nodes} nodes${uncoordinated ? ', uncoordinated,' : ''} and seed ${seed}`, async () => {
      const fabric = await Fabric.up({ nodes, program, seed, options: { ...COMPACTION, uncoordinated } });
      fabric.delay = [0.5, 20];
      const done = startClients(fabric, 5, FAULTS_MS, fastClient);
      await disturb(fabric, FAULTS_MS);
      await fabric.run(5000);

      const { value } = await fabric.ask('n1', 'read', { key: 'list' });
      assert.deepEqual(problemsOf(done, value as number[]), []);
      await fabric.run(500);
      for (const id of fabric.ids) assert.equal(fabric.status(id).applied, fabric.status('n1').applied, id);
      const { valid, problems } = await agreement.check([], { logs: logsOf(fabric), timeoutMs: 1000 });
      assert.deepEqual([valid, problems], [true, []]);
      const strange = fabric.lines.filter(
        ({ level, event }) => level === 'error' || event === 'chosen-twice',
      );
      assert.deepEqual(strange, []);
      // Guards against a run in which nothing happened.
      const succeeded = done.filter(({ completion }) => completion.type === 'ok');
      assert.ok(succeeded.length > 50, `${succeeded.length} operations succeeded`);
    });
  }
});
