/**
 * Reads under a lease (section 6.4.1): answered without a message, and never after somebody else may lead.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../harness/json.ts';
import { Fabric } from '../cluster/fabric.ts';
import { Observer } from './observer.ts';

describe('raft leases', () => {
  let observer: Observer;
  const up = async (leaseReads: boolean): Promise<{ fabric: Fabric; leader: string }> => {
    observer = new Observer();
    const fabric = await Fabric.up({ nodes: 3, program: observer.program, options: { leaseReads } });
    return { fabric, leader: await fabric.leader() };
  };
  afterEach(() => assert.deepEqual(observer.problems, []));

  for (const leaseReads of [true, false]) {
    it(`should ${leaseReads ? 'ask nobody before a read' : 'ask a majority, if leases are off'}`, async () => {
      const { fabric, leader } = await up(leaseReads);
      await fabric.ask(leader, 'write', { key: 'x', value: 1 });
      const asked = fabric.now;
      assert.deepEqual(await fabric.ask(leader, 'read', { key: 'x' }), { ok: true, value: 1 });
      assert.equal(fabric.now === asked, leaseReads);
    });
  }

  it('should answer at once for a while when the leader is cut off, and then no more, before anybody is elected', async () => {
    const { fabric, leader: old } = await up(true);
    await fabric.ask(old, 'write', { key: 'x', value: 'old' });
    fabric.isolate(old);
    const answers: { readonly at: number; readonly value: Json }[] = [];
    let elected = Infinity;
    for (let ms = 0; ms < 1500; ms += 10) {
      const asked = fabric.now;
      void fabric.call(old, 'read', { key: 'x' }).then(
        (answer) => answers.push({ at: asked, value: answer }),
        () => undefined,
      );
      await fabric.run(10);
      if (fabric.leaders().some((node) => node !== old)) elected = Math.min(elected, fabric.now);
    }
    assert.ok(answers.length > 5, `${answers.length} answers under the lease`);
    assert.ok(elected < 1500 + fabric.now, 'somebody else was elected');
    const last = Math.max(...answers.map(({ at }) => at));
    assert.ok(last < elected, `an answer at ${last}, and another leader at ${elected}`);
  });

  it('should not be used again in a term in which leadership was handed over', async () => {
    const { fabric, leader } = await up(true);
    const [other = ''] = fabric.others(leader);
    const atOnce = async (): Promise<boolean> => {
      const asked = fabric.now;
      await fabric.ask(leader, 'read', { key: 'x' });
      return fabric.now === asked;
    };
    await fabric.run(200);
    assert.equal(await atOnce(), true);
    // The successor is asked, and nobody hears it for a while.
    fabric.intercept = (from) => from !== other;
    void fabric.call(leader, 'transfer', { to: other }).catch(() => undefined);
    await fabric.run(50);
    assert.equal(fabric.lines.filter(({ event }) => event === 'transfer').length, 1);
    assert.equal(await atOnce(), false, 'a read under a lease that was given up');
  });

  it('should not be voted away by a server that has just restarted', async () => {
    const { fabric, leader } = await up(true);
    const [follower = '', other = ''] = fabric.others(leader);
    fabric.isolate(leader);
    fabric.crash(follower);
    await fabric.start(follower);
    await fabric.run(250);
    assert.deepEqual(fabric.leaders(), [leader], 'elected while the lease could still hold');
    await fabric.leader([follower, other]);
  });
});
