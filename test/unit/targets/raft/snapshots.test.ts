/**
 * Snapshots: the log stays short, a node restarts from its snapshot, and one that lags behind the log's
 * beginning gets the snapshot in pieces, sessions included.
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
  const events = (name: string, node: NodeId): number =>
    fabric.lines.filter((line) => line.event === name && line.node === node).length;
  const list = (count: number): number[] => Array.from({ length: count }, (_, value) => value);

  it('should compact the log of every node by itself, and keep some entries for those slightly behind', async () => {
    await append(50);
    await fabric.run(200);
    for (const id of fabric.ids) {
      assert.equal(fabric.status(id).snapshotIndex, 40);
      assert.equal(observer.logOf(id).length, 51 - 35);
    }
  });

  it('should restart from the snapshot and the log after it', async () => {
    await append(50);
    for (const id of fabric.ids) fabric.crash(id);
    for (const id of fabric.ids) await fabric.start(id);
    leader = await fabric.leader();
    assert.deepEqual(await fabric.ask(leader, 'read', { key: 'list' }), { ok: true, value: list(50) });
  });

  it('should send the snapshot, in pieces, to a node that lacks what was compacted', async () => {
    const [lagging = ''] = fabric.others(leader);
    fabric.crash(lagging);
    await append(100);
    let chunks = 0;
    fabric.intercept = (_from, to, { type }) => {
      if (type === 'snapshot-chunk' && to === lagging) chunks += 1;
      return true;
    };
    await fabric.start(lagging);
    await fabric.run(1000);
    assert.ok(chunks > 3, `${chunks} chunks`);
    assert.equal(events('snapshot-installed', lagging), 1);
    assert.equal(fabric.status(lagging).applied, fabric.status(leader).applied);
  });

  it('should send entries and no snapshot to a node that lacks few', async () => {
    const [lagging = ''] = fabric.others(leader);
    await append(38);
    fabric.crash(lagging);
    await append(3);
    await fabric.start(lagging);
    await fabric.run(1000);
    assert.equal(fabric.status(leader).snapshotIndex, 40);
    assert.equal(events('snapshot-installed', lagging), 0);
    assert.equal(fabric.status(lagging).applied, fabric.status(leader).applied);
  });

  it('should install a snapshot although pieces and answers are lost', async () => {
    const [lagging = ''] = fabric.others(leader);
    fabric.isolate(lagging);
    await append(100);
    fabric.heal();
    fabric.loss = 0.3;
    await fabric.run(5000);
    fabric.loss = 0;
    await fabric.run(2000);
    assert.ok(events('snapshot-installed', lagging) >= 1);
    assert.equal(fabric.status(lagging).applied, fabric.status(leader).applied);
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
