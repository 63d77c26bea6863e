/**
 * What clients of Raft see: reads that are never stale (section 6.4); and messages that are no Raft messages. What is the same
 * of every log with a leader is in ../replicated-log/leaders.test.ts.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../harness/json.ts';
import { RaftNode } from '../../../../targets/raft/raft.ts';
import { Fabric } from '../cluster/fabric.ts';
import { Observer } from './observer.ts';

/** The mistake of leaving out step 1 of section 6.4: the commit index of a new leader may lag. */
class ReadsAtCommitIndex extends RaftNode {
  protected override readIndex(): number {
    return this.commitIndex;
  }
}

/** A new leader whose entries reach nobody and whose heartbeats reach everybody leads, and cannot know what is committed. */
async function readBeforeNoop(Node: typeof RaftNode): Promise<{ early: Json; late: Json }> {
  const fabric = await Fabric.up({ nodes: 3, program: new Observer(Node).program });
  const old = await fabric.leader();
  const [unaware = '', other = ''] = fabric.others(old);
  fabric.intercept = (_from, to, message) => {
    // Nobody but the old leader learns that the write is committed.
    if ((to === unaware || to === other) && 'commitIndex' in message)
      Object.assign(message, { commitIndex: 1 });
    return true;
  };
  await fabric.ask(old, 'write', { key: 'x', value: 1 });
  fabric.crash(old);
  fabric.intercept = (_from, _to, { entries }) => !Array.isArray(entries) || entries.length === 0;
  await fabric.until(() => fabric.leaders().length > 0, 5000);
  const read = fabric.call(fabric.leaders()[0] ?? '', 'read', { key: 'x' }) as Promise<{ value: Json }>;
  let early: Json = 'nothing';
  void read.then(({ value }) => (early = value));
  await fabric.run(400);
  const seen = early;
  fabric.intercept = () => true;
  return { early: seen, late: (await fabric.settle(read, 'the read')).value };
}

describe('raft clients', () => {
  let observer: Observer;
  const up = async (nodes = 5): Promise<{ fabric: Fabric; leader: string }> => {
    observer = new Observer();
    const fabric = await Fabric.up({ nodes, program: observer.program });
    return { fabric, leader: await fabric.leader() };
  };

  afterEach(() => assert.deepEqual(observer.problems, []));

  it('should read what was written, and null where nothing was', async () => {
    const { fabric, leader } = await up();
    await fabric.ask(leader, 'write', { key: { any: ['json'] }, value: [1] });
    assert.deepEqual(await fabric.ask(leader, 'read', { key: { any: ['json'] } }), { ok: true, value: [1] });
    assert.deepEqual(await fabric.ask(leader, 'read', { key: 'other' }), { ok: true, value: null });
  });

  it('should not answer a read on a leader that was deposed without knowing it', async () => {
    const { fabric, leader: old } = await up();
    await fabric.ask(old, 'write', { key: 'x', value: 'old' });
    fabric.isolate(old);
    const leader = await fabric.leader(fabric.others(old));
    await fabric.ask(leader, 'write', { key: 'x', value: 'new' });
    assert.deepEqual(fabric.leaders(), [leader, old]);
    const read = assert.rejects(fabric.ask(old, 'read', { key: 'x' }), /not-leader/);
    await fabric.run(100);
    fabric.heal();
    await read;
    assert.deepEqual(await fabric.ask(leader, 'read', { key: 'x' }), { ok: true, value: 'new' });
  });

  it('should make a read wait for the no-op of a new leader', async () => {
    assert.deepEqual(await readBeforeNoop(RaftNode), { early: 'nothing', late: 1 });
  });

  it('should be seen to read the past without that', async () => {
    assert.deepEqual(await readBeforeNoop(ReadsAtCommitIndex), { early: null, late: null });
  });

  it('should drop messages that are no Raft messages, and go on', async () => {
    const { fabric, leader } = await up(3);
    const [follower = ''] = fabric.others(leader);
    const bad = [
      {},
      { type: 'vote-request', term: '9' },
      { type: 'constructor' },
      { type: 'append-reply', term: -1 },
    ];
    for (const message of bad) fabric.deliver(follower, leader, message);
    fabric.deliver('stranger', leader, { type: 'timeout-now', term: 99 });
    assert.equal(fabric.lines.filter(({ event }) => event === 'message-dropped').length, bad.length + 1);
    assert.deepEqual(fabric.leaders(), [leader]);
    fabric.deliver(follower, leader, { type: 'timeout-now', term: 99 });
    assert.deepEqual(fabric.leaders(), [], 'a well-formed one is heard');
  });
});
