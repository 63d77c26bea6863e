/**
 * Leadership of Raft handed over on request. Elections are as in every log with a leader: ../replicated-log/leaders.test.ts.
 */
import assert from 'node:assert/strict';
import { Refusal } from '../../../../harness/node/program.ts';
import { Fabric } from '../cluster/fabric.ts';
import { Observer } from './observer.ts';

describe('raft leadership transfer', () => {
  let observer: Observer;
  const up = (nodes: number, seed = 1): Promise<Fabric> => {
    observer = new Observer();
    return Fabric.up({ nodes, program: observer.program, seed });
  };

  afterEach(() => assert.deepEqual(observer.problems, []));

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
