/**
 * Compaction, the same of every log: each node takes its snapshots by itself and begins with the newest after a restart, and one
 * that lacks what others have compacted away gets theirs, in pieces.
 */
import assert from 'node:assert/strict';
import type { NodeId } from '../../../../harness/node/program.ts';
import { Fabric } from '../cluster/fabric.ts';
import { logs } from './subjects.ts';

const OPTIONS = { snapshotThreshold: 20, snapshotTrailing: 5, snapshotChunk: 100 };

for (const { name, program, appender } of logs) {
  describe(`compaction of ${name}`, () => {
    let fabric: Fabric;
    let leader: NodeId;
    let append: (count: number) => Promise<void>;

    beforeEach(async () => {
      fabric = await Fabric.up({ nodes: 3, program: program(), options: OPTIONS });
      leader = await fabric.leader();
      const appendOne = await appender(fabric);
      append = async (count) => {
        for (let value = 0; value < count; value++) await appendOne(leader, value);
      };
    });

    afterEach(() =>
      assert.deepEqual(
        fabric.lines.filter(({ level }) => level === 'error'),
        [],
      ),
    );

    const events = (name: string, node: NodeId): number =>
      fabric.lines.filter((line) => line.event === name && line.node === node).length;
    const list = (count: number): number[] => Array.from({ length: count }, (_, value) => value);

    /** All nodes have applied as much. */
    const assertLevel = (): void => {
      for (const id of fabric.ids) assert.equal(fabric.status(id).applied, fabric.status(leader).applied, id);
    };

    it('should be done by every node by itself, and be what a restart begins with', async () => {
      await append(50);
      await fabric.run(300);
      for (const id of fabric.ids) assert.equal(fabric.status(id).snapshotIndex, 40);
      for (const id of fabric.ids) fabric.crash(id);
      for (const id of fabric.ids) await fabric.start(id);
      leader = await fabric.leader();
      for (const id of fabric.ids) assert.ok(Number(fabric.status(id).applied) >= 40);
      const { value } = await fabric.ask(leader, 'read', { key: 'list' });
      assert.deepEqual(value, list(50));
    });

    it('should bring a snapshot, in pieces, to a node that lacks what is gone, also if some are lost', async () => {
      const [lagging = ''] = fabric.others(leader);
      fabric.isolate(lagging);
      await append(100);
      let chunks = 0;
      fabric.intercept = (_from, to, { type }) => {
        if (type === 'snapshot-chunk' && to === lagging) chunks += 1;
        return true;
      };
      fabric.heal();
      fabric.loss = 0.2;
      await fabric.run(5000);
      fabric.loss = 0;
      await fabric.run(2000);
      assert.ok(chunks > 3, `${chunks} chunks`);
      assert.ok(events('snapshot-installed', lagging) >= 1);
      assertLevel();
      leader = await fabric.leader();
      const { value } = await fabric.ask(leader, 'read', { key: 'list' });
      assert.deepEqual(value, list(100));
    });

    it('should leave enough for a node that lacks little', async () => {
      const [lagging = ''] = fabric.others(leader);
      await append(37);
      fabric.isolate(lagging);
      await append(3);
      fabric.heal();
      await fabric.run(1000);
      assert.equal(fabric.status(leader).snapshotIndex, 40);
      assert.equal(events('snapshot-installed', lagging), 0);
      assertLevel();
    });

    it('should stand crashes of a node, wherever they come', async () => {
      const [victim = ''] = fabric.others(leader);
      for (let round = 0; round < 20; round++) {
        const appended = append(3);
        await fabric.run(round);
        fabric.crash(victim, true);
        await fabric.start(victim);
        await appended;
      }
      await fabric.run(1000);
      assertLevel();
      assert.ok(Number(fabric.status(victim).snapshotIndex) >= 60);
    });
  });
}
