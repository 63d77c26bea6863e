/**
 * Phase 2 of Multi-Paxos and what clients see of it: batches are pipelined, what is lost is sent again, reads are never stale.
 * What is the same of every log with a leader is in ../replicated-log/leaders.test.ts.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../harness/json.ts';
import { Refusal, type NodeId } from '../../../../harness/node/program.ts';
import { Fabric } from '../cluster/fabric.ts';
import { Observer } from './observer.ts';

const DONE = { ok: true, value: null };

describe('multi-paxos replication', () => {
  let observer: Observer;
  const up = async (nodes = 5, options = {}): Promise<{ fabric: Fabric; leader: NodeId }> => {
    observer = new Observer();
    const fabric = await Fabric.up({ nodes, program: observer.program, options });
    return { fabric, leader: await fabric.leader() };
  };

  afterEach(() => assert.deepEqual(observer.problems, []));

  it('should refuse what never got a slot on a leader that gives up', async () => {
    const { fabric, leader } = await up(3, { maxInflight: 1, maxBatch: 1 });
    fabric.isolate(leader);
    const first = assert.rejects(fabric.call(leader, 'write', { key: 'x', value: 1 }), /may or may not/);
    const second = assert.rejects(fabric.call(leader, 'write', { key: 'x', value: 2 }), Refusal);
    await fabric.run(3000);
    await Promise.all([first, second]);
  });

  it('should have several batches on their way, and apply them in order whichever is chosen first', async () => {
    const { fabric, leader } = await up(3, { maxBatch: 1, maxInflight: 4 });
    let first: (() => void)[] = [];
    const begin = Number(fabric.status(leader).applied) + 1;
    fabric.intercept = (from, to, message) => {
      const { commands, from: slot } = message;
      if (slot !== begin || !Array.isArray(commands) || commands.length === 0 || first.length >= 2)
        return true;
      first.push(() => fabric.deliver(from, to, message));
      return false;
    };
    const answers: Json[] = [];
    for (let value = 1; value <= 3; value++) {
      void fabric.call(leader, 'append', { key: 'x', value }).then(() => answers.push(value));
    }
    await fabric.run(20);
    assert.deepEqual([fabric.status(leader).lastIndex, answers], [begin + 2, []]);
    for (const deliver of first) deliver();
    first = [];
    await fabric.run(20);
    assert.deepEqual(answers, [1, 2, 3]);
    assert.deepEqual(await fabric.ask(leader, 'read', { key: 'x' }), { ok: true, value: [1, 2, 3] });
  });

  it('should send again what was lost, to those who lack it', async () => {
    const { fabric, leader } = await up(3);
    let lost = 0;
    fabric.intercept = (_from, _to, { commands }) =>
      !(Array.isArray(commands) && commands.length > 0 && ++lost <= 2);
    assert.deepEqual(await fabric.ask(leader, 'write', { key: 'x', value: 1 }), DONE);
  });

  it('should drop messages that are none of its own, and go on', async () => {
    const { fabric, leader } = await up(3);
    const [follower = ''] = fabric.others(leader);
    const bad = [
      {},
      { type: 'prepare', ballot: '9' },
      { type: 'promise', ballot: 1, base: 0, accepted: [[1]] },
    ];
    for (const message of bad) fabric.deliver(follower, leader, message);
    fabric.deliver('stranger', leader, { type: 'nack', ballot: 1, promised: 99 });
    assert.equal(fabric.lines.filter(({ event }) => event === 'message-dropped').length, bad.length + 1);
    assert.deepEqual(fabric.leaders(), [leader]);
  });
});

describe('multi-paxos reads', () => {
  const cutOffReader = async (readLeases: boolean): Promise<{ soon: Json[]; late: Json[] }> => {
    const fabric = await Fabric.up({ nodes: 3, program: new Observer().program, options: { readLeases } });
    const old = await fabric.leader();
    await fabric.ask(old, 'write', { key: 'x', value: 'old' });
    await fabric.run(200);
    const answers: Json[] = [];
    const read = (): unknown =>
      fabric.call(old, 'read', { key: 'x' }).then(
        (answer) => answers.push((answer as { value: Json }).value),
        () => undefined,
      );
    fabric.isolate(old);
    await fabric.run(50);
    read();
    await fabric.run(50);
    const soon = [...answers];
    const leader = await fabric.leader(fabric.others(old));
    await fabric.ask(leader, 'write', { key: 'x', value: 'new' });
    assert.equal(fabric.status(old).role, 'leader');
    read();
    await fabric.run(5000);
    return { soon, late: answers.slice(soon.length) };
  };

  it('should not be answered by a leader that is cut off', async () => {
    assert.deepEqual(await cutOffReader(false), { soon: [], late: [] });
  });

  it('should be answered by it for as long as it has a lease, and no longer', async () => {
    assert.deepEqual(await cutOffReader(true), { soon: ['old'], late: [] });
  });

  it('should wait until a new leader has what was chosen before', async () => {
    const fabric = await Fabric.up({ nodes: 3, program: new Observer().program });
    const old = await fabric.leader();
    fabric.intercept = (_from, _to, message) => {
      if ('chosen' in message) Object.assign(message, { chosen: 0 });
      return true;
    };
    await fabric.ask(old, 'write', { key: 'x', value: 1 });
    fabric.crash(old);
    // Heartbeats pass, proposals do not: the new leader leads, and cannot know that the write was chosen.
    fabric.intercept = (_from, _to, { commands }) => !Array.isArray(commands) || commands.length === 0;
    await fabric.until(() => fabric.leaders().length > 0, 5000);
    const read = fabric.call(fabric.leaders()[0] ?? '', 'read', { key: 'x' });
    let early: Json = 'nothing';
    void read.then((answer) => (early = answer));
    await fabric.run(300);
    assert.equal(early, 'nothing');
    fabric.intercept = () => true;
    assert.deepEqual(await fabric.settle(read, 'the read'), { ok: true, value: 1 });
  });
});

describe('multi-paxos snapshots', () => {
  const OPTIONS = { snapshotThreshold: 20, snapshotTrailing: 5, snapshotChunk: 100 };
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

  it('should be fetched by a candidate before it leads, where acceptors have forgotten slots that it lacks', async () => {
    const [lagging = '', current = ''] = fabric.others(leader);
    fabric.crash(lagging);
    await append(100);
    fabric.crash(leader);
    await fabric.start(lagging);
    fabric.intercept = (from, _to, { type }) => !(from === current && type === 'prepare');
    await fabric.until(() => fabric.leaders().includes(lagging), 10_000);
    assert.equal(events('snapshot-installed', lagging), 1);
    assert.deepEqual(await fabric.ask(lagging, 'read', { key: 'list' }), { ok: true, value: list(100) });
  });
});
