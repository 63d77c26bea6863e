/**
 * Phase 2 and what clients see of it: what is acknowledged survives, what a minority holds is never chosen, batches are
 * pipelined, reads are never stale, and replicas that lag catch up.
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

  it('should bring every command to every node', async () => {
    const { fabric, leader } = await up();
    for (let value = 1; value <= 20; value++) await fabric.ask(leader, 'append', { key: 'list', value });
    await fabric.run(200);
    for (const id of fabric.ids) assert.equal(fabric.status(id).applied, 20);
    assert.deepEqual(observer.check(fabric), []);
  });

  it('should keep acknowledged writes when the leader crashes, and when all do', async () => {
    const { fabric, leader: first } = await up();
    await fabric.ask(first, 'write', { key: 'x', value: 1 });
    fabric.crash(first);
    const second = await fabric.leader();
    assert.deepEqual(await fabric.ask(second, 'cas', { key: 'x', value: [1, 2] }), DONE);
    for (const id of fabric.others(first)) fabric.crash(id, true);
    for (const id of fabric.ids) await fabric.start(id);
    assert.deepEqual(await fabric.ask(await fabric.leader(), 'read', { key: 'x' }), { ok: true, value: 2 });
  });

  it('should say that nobody knows of a write caught in a minority', async () => {
    const { fabric, leader: old } = await up();
    fabric.isolate(old);
    const outcome = fabric.call(old, 'write', { key: 'x', value: 'lost' }).then(
      () => 'answered',
      (error: unknown) => (error instanceof Refusal ? 'refused' : 'unknown'),
    );
    const leader = await fabric.leader(fabric.others(old));
    assert.deepEqual(await fabric.ask(leader, 'write', { key: 'x', value: 'kept' }), DONE);
    fabric.heal();
    await fabric.run(500);
    assert.equal(await outcome, 'unknown');
    assert.deepEqual(await fabric.ask(leader, 'read', { key: 'x' }), { ok: true, value: 'kept' });
  });

  it('should refuse what never got a slot, on a follower and on a leader that gives up', async () => {
    const { fabric, leader } = await up(3, { maxInflight: 1, maxBatch: 1 });
    const [follower = ''] = fabric.others(leader);
    await fabric.run(100);
    await assert.rejects(fabric.ask(follower, 'write', { key: 'x', value: 1 }), { details: { leader } });
    await assert.rejects(fabric.ask(follower, 'read', { key: 'x' }), { details: { leader } });
    fabric.isolate(leader);
    const first = assert.rejects(fabric.call(leader, 'write', { key: 'x', value: 1 }), /may or may not/);
    const second = assert.rejects(fabric.call(leader, 'write', { key: 'x', value: 2 }), Refusal);
    await fabric.run(3000);
    await Promise.all([first, second]);
  });

  it('should have many concurrent writes chosen with few messages and few syncs', async () => {
    const { fabric, leader } = await up();
    let messages = 0;
    fabric.intercept = (from, _to, { type }) => {
      if (from === leader && type === 'accept') messages += 1;
      return true;
    };
    const before = fabric.now;
    const writes = Array.from({ length: 200 }, (_, value) =>
      fabric.ask(leader, 'append', { key: 'x', value }),
    );
    await Promise.all(writes);
    assert.ok(messages <= 24, `${messages} messages for 200 writes`);
    assert.ok(fabric.now - before < 20, 'a few round trips and syncs');
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

  it('should apply a command once, though it was sent to two leaders', async () => {
    const { fabric, leader: first } = await up();
    const { value: session = null } = await fabric.ask(first, 'open-session', {});
    const command = { key: 'list', value: 'a', session, sequence: 1 };
    await fabric.ask(first, 'append', command);
    fabric.crash(first);
    const second = await fabric.leader();
    assert.deepEqual(await fabric.ask(second, 'append', command), DONE);
    assert.deepEqual(await fabric.ask(second, 'read', { key: 'list' }), { ok: true, value: ['a'] });
  });

  it('should serve counters, sets and transactions', async () => {
    const { fabric, leader } = await up(3);
    const [counter, set] = [
      ['counter', 'c'],
      ['set', 's'],
    ];
    await fabric.ask(leader, 'add', { key: counter, value: 2 });
    assert.deepEqual(await fabric.ask(leader, 'read', { key: counter }), { ok: true, value: 2 });
    await fabric.ask(leader, 'add', { key: set, value: 'a' });
    assert.deepEqual(await fabric.ask(leader, 'contains', { key: set, value: 'a' }), {
      ok: true,
      value: true,
    });
    await fabric.ask(leader, 'remove', { key: set, value: 'a' });
    assert.deepEqual(await fabric.ask(leader, 'read', { key: set }), { ok: true, value: [] });
    const value = [
      ['append', 'l', 1],
      ['r', 'l', null],
    ];
    const done = [
      ['append', 'l', 1],
      ['r', 'l', [1]],
    ];
    assert.deepEqual(await fabric.ask(leader, 'txn', { value }), { ok: true, value: done });
    const before = fabric.status(leader).applied;
    const read = { value: [['r', 'l', null]] };
    assert.deepEqual(await fabric.ask(leader, 'txn', read), { ok: true, value: [['r', 'l', [1]]] });
    assert.equal(fabric.status(leader).applied, before, 'a transaction that only reads takes no slot');
  });

  it('should refuse malformed requests, saying what is expected', async () => {
    const { fabric, leader } = await up(1);
    await assert.rejects(fabric.ask(leader, 'read', {}), /must have a "key"/);
    await assert.rejects(fabric.ask(leader, 'cas', { key: 'x', value: 1 }), /\[expected, next\]/);
    await assert.rejects(fabric.ask(leader, 'add', { key: 'x', value: 1 }), /\["counter", name\]/);
    await assert.rejects(fabric.ask(leader, 'contains', { key: 'x', value: 1 }), /\["set", name\]/);
    await assert.rejects(fabric.ask(leader, 'txn', { value: [['w', 'x', 1]] }), /\["append", key, element\]/);
    assert.deepEqual(await fabric.ask(leader, 'cas', { key: 'x', value: [null, 1] }), DONE);
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

  it('should refuse to start with a setting that does not exist or makes no sense', async () => {
    await assert.rejects(up(1, { hartbeatMs: 10 }), /multi-paxos has no option "hartbeatMs"/);
    await assert.rejects(up(1, { readLeases: 1 }), /"readLeases" is 1; expected true or false/);
    await assert.rejects(up(1, { heartbeatMs: 400 }), /below the shortest election time-out/);
    assert.ok(await up(1, { heartbeatMs: 50, readLeases: true }));
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

  it('should share few rounds of messages', async () => {
    const fabric = await Fabric.up({ nodes: 5, program: new Observer().program });
    const leader = await fabric.leader();
    let messages = 0;
    fabric.intercept = (from, _to, { type }) => {
      if (from === leader && type === 'accept') messages += 1;
      return true;
    };
    await Promise.all(Array.from({ length: 200 }, () => fabric.ask(leader, 'read', { key: 'x' })));
    assert.ok(messages <= 16, `${messages} messages for 200 reads`);
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

  it('should be taken by every node by itself, and be what a restart begins with', async () => {
    await append(50);
    await fabric.run(200);
    for (const id of fabric.ids) assert.equal(fabric.status(id).snapshotIndex, 40);
    for (const id of fabric.ids) fabric.crash(id);
    for (const id of fabric.ids) await fabric.start(id);
    leader = await fabric.leader();
    assert.deepEqual(await fabric.ask(leader, 'read', { key: 'list' }), { ok: true, value: list(50) });
  });

  it('should be fetched, in pieces, by a node that lacks what was compacted, also if some are lost', async () => {
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
    await fabric.run(3000);
    fabric.loss = 0;
    await fabric.run(1000);
    assert.ok(chunks > 3, `${chunks} chunks`);
    assert.ok(events('snapshot-installed', lagging) >= 1);
    assert.equal(fabric.status(lagging).applied, fabric.status(leader).applied);
  });

  it('should not be needed by a node that lacks few commands', async () => {
    const [lagging = ''] = fabric.others(leader);
    await append(38);
    fabric.isolate(lagging);
    await append(3);
    fabric.heal();
    await fabric.run(1000);
    assert.equal(fabric.status(leader).snapshotIndex, 40);
    assert.equal(events('snapshot-installed', lagging), 0);
    assert.equal(fabric.status(lagging).applied, fabric.status(leader).applied);
  });

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
