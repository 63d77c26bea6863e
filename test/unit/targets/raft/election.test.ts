/**
 * Elections: one leader, a new one after a crash, no disruption by a node that was cut off, and leadership
 * handed over on request.
 */
import assert from 'node:assert/strict';
import { Refusal } from '../../../../harness/node/program.ts';
import { Fabric } from '../cluster/fabric.ts';
import { Observer } from './observer.ts';

describe('raft elections', () => {
  let observer: Observer;
  const up = (nodes: number, seed = 1): Promise<Fabric> => {
    observer = new Observer();
    return Fabric.up({ nodes, program: observer.program, seed });
  };

  afterEach(() => assert.deepEqual(observer.problems, []));

  for (const nodes of [1, 3, 5]) {
    it(`should elect exactly one leader of ${nodes}, which all follow`, async () => {
      const fabric = await up(nodes);
      const leader = await fabric.leader();
      await fabric.run(1000);
      assert.deepEqual(fabric.leaders(), [leader]);
      for (const id of fabric.ids) assert.equal(fabric.status(id).leader, leader);
      assert.deepEqual(observer.check(fabric), []);
    });
  }

  it('should elect another leader, in a later term, when the leader crashes', async () => {
    const fabric = await up(5);
    const first = await fabric.leader();
    const term = Number(fabric.status(first).epoch);
    fabric.crash(first);
    const second = await fabric.leader();
    assert.notEqual(second, first);
    assert.ok(Number(fabric.status(second).epoch) > term);
  });

  it('should elect with a majority up, and not with less', async () => {
    const fabric = await up(5);
    const leader = await fabric.leader();
    const [a = '', b = ''] = fabric.others(leader);
    for (const id of [leader, a, b]) fabric.crash(id);
    await fabric.run(5000);
    assert.deepEqual(fabric.leaders(), []);
    await fabric.start(a);
    assert.ok(await fabric.leader());
  });

  it('should keep the leader and its term when a node that was cut off comes back (pre-vote)', async () => {
    const fabric = await up(5);
    const leader = await fabric.leader();
    const term = fabric.status(leader).epoch;
    const [stray = ''] = fabric.others(leader);
    fabric.isolate(stray);
    await fabric.run(10_000);
    assert.equal(fabric.status(stray).role, 'pre-candidate');
    fabric.heal();
    await fabric.run(2000);
    assert.deepEqual(fabric.leaders(), [leader]);
    assert.equal(fabric.status(leader).epoch, term);
    assert.equal(fabric.status(stray).leader, leader);
  });

  it('should depose a leader that is cut off itself, and make it follow when it comes back', async () => {
    const fabric = await up(5);
    const old = await fabric.leader();
    const term = Number(fabric.status(old).epoch);
    fabric.isolate(old);
    const successor = await fabric.leader(fabric.others(old));
    await fabric.run(2000);
    assert.equal(
      fabric.status(old).role === 'leader',
      false,
      'a leader without a majority steps down by itself',
    );
    fabric.heal();
    await fabric.run(1000);
    assert.equal(fabric.status(old).leader, successor);
    assert.ok(Number(fabric.status(old).epoch) > term);
  });

  it('should hand leadership over at once when asked to', async () => {
    const fabric = await up(5);
    const leader = await fabric.leader();
    const [successor = ''] = fabric.others(leader);
    const before = fabric.now;
    assert.deepEqual(await fabric.ask(leader, 'transfer', { to: successor }), { ok: true, value: successor });
    assert.equal(await fabric.leader(), successor);
    assert.ok(fabric.now - before < 100, 'well below an election time-out');
  });

  it('should give a transfer up when the successor cannot be reached, and take commands again', async () => {
    const fabric = await up(5);
    const leader = await fabric.leader();
    const [successor = ''] = fabric.others(leader);
    fabric.isolate(successor);
    await fabric.ask(leader, 'write', { key: 'x', value: 1 });
    const transfer = assert.rejects(fabric.ask(leader, 'transfer', { to: successor }), /did not take over/);
    await assert.rejects(fabric.ask(leader, 'write', { key: 'x', value: 2 }), Refusal);
    await transfer;
    assert.deepEqual(await fabric.ask(leader, 'write', { key: 'x', value: 3 }), { ok: true, value: null });
  });

  it('should refuse a transfer to nobody, and on a follower', async () => {
    const fabric = await up(3);
    const leader = await fabric.leader();
    const [follower = ''] = fabric.others(leader);
    await assert.rejects(fabric.ask(leader, 'transfer', { to: leader }), /must be one of/);
    await assert.rejects(fabric.ask(follower, 'transfer', { to: follower }), { details: { leader } });
  });
});
