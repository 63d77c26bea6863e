/**
 * Snapshots of Raft: what of the log they leave, and that sessions are in them. What is the same of every log is in
 * ../replicated-log/compaction.test.ts.
 */
import assert from 'node:assert/strict';
import type { NodeId } from '../../../../harness/node/program.ts';
import { Fabric } from '../cluster/fabric.ts';
import { Observer } from './observer.ts';

const OPTIONS = { snapshotThreshold: 20, snapshotTrailing: 5, snapshotChunk: 100 };

describe('raft snapshots', () => {
  let observer: Observer;
  let fabric: Fabric;
  let leader: NodeId;

  beforeEach(async () => {
    observer = new Observer();
    fabric = await Fabric.up({ nodes: 3, program: observer.program, options: OPTIONS });
    leader = await fabric.leader();
  });

  afterEach(() => assert.deepEqual(observer.check(fabric), []));

  const append = async (count: number): Promise<void> => {
    for (let value = 0; value < count; value++) await fabric.ask(leader, 'append', { key: 'list', value });
  };

  it('should compact the log of every node by itself, and keep some entries for those slightly behind', async () => {
    await append(50);
    await fabric.run(200);
    for (const id of fabric.ids) {
      assert.equal(fabric.status(id).snapshotIndex, 40);
      assert.equal(observer.logOf(id).length, 51 - 35);
    }
  });

  it('should carry sessions, so that a retry after the snapshot is still a retry', async () => {
    const { value: session = null } = await fabric.ask(leader, 'open-session', {});
    const command = { key: 'once', value: 'a', session, sequence: 1 };
    await fabric.ask(leader, 'append', command);
    const [lagging = ''] = fabric.others(leader);
    fabric.crash(lagging);
    await append(100);
    await fabric.start(lagging);
    await fabric.run(1000);
    await fabric.ask(leader, 'transfer', { to: lagging });
    leader = await fabric.leader();
    assert.equal(leader, lagging);
    assert.deepEqual(await fabric.ask(leader, 'append', command), { ok: true, value: null });
    assert.deepEqual(await fabric.ask(leader, 'read', { key: 'once' }), { ok: true, value: ['a'] });
  });
});
