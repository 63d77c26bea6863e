/**
 * What is the same of every log with a leader: one leader at a time, whom nobody deposes for having been away; what is acknowledged
 * survives, and what a minority holds does not count; commands and reads share messages and syncs. What only one of
 * them has is in its own folder.
 */
import assert from 'node:assert/strict';
import type { Json } from '../../../../harness/json.ts';
import { Refusal, type NodeId } from '../../../../harness/node/program.ts';
import { Fabric } from '../cluster/fabric.ts';
import { leaderLogs, type Observer } from './subjects.ts';

const DONE = { ok: true, value: null };

for (const { name, term, observe, proposal, strayRole, leases, before } of leaderLogs) {
  let observer: Observer;
  const up = async (nodes = 5): Promise<{ fabric: Fabric; leader: NodeId }> => {
    observer = observe();
    const fabric = await Fabric.up({ nodes, program: observer.program });
    return { fabric, leader: await fabric.leader() };
  };
  const noProblems = (): void => assert.deepEqual(observer.problems, []);

  /** Counts the leader's messages from now on. */
  const countProposals = (fabric: Fabric, leader: NodeId): (() => number) => {
    let messages = 0;
    fabric.intercept = (from, _to, { type }) => {
      if (from === leader && type === proposal) messages += 1;
      return true;
    };
    return () => messages;
  };

  describe(`elections of ${name}`, () => {
    afterEach(noProblems);

    for (const nodes of [1, 3, 5]) {
      it(`should elect exactly one leader of ${nodes}, which all follow`, async () => {
        const { fabric, leader } = await up(nodes);
        await fabric.run(1000);
        assert.deepEqual(fabric.leaders(), [leader]);
        for (const id of fabric.ids) assert.equal(fabric.status(id).leader, leader);
        assert.deepEqual(observer.check(fabric), []);
      });
    }

    it(`should elect another leader, in a later ${term}, when the leader crashes`, async () => {
      const { fabric, leader: first } = await up();
      const epoch = Number(fabric.status(first).epoch);
      fabric.crash(first);
      const second = await fabric.leader();
      assert.notEqual(second, first);
      assert.ok(Number(fabric.status(second).epoch) > epoch);
    });

    it('should elect with a majority up, and not with less', async () => {
      const { fabric, leader } = await up();
      const [a = '', b = ''] = fabric.others(leader);
      for (const id of [leader, a, b]) fabric.crash(id);
      await fabric.run(5000);
      assert.deepEqual(fabric.leaders(), []);
      await fabric.start(a);
      assert.ok(await fabric.leader());
    });

    it(`should keep the leader and its ${term} when a node that was cut off comes back`, async () => {
      const { fabric, leader } = await up();
      const { epoch } = fabric.status(leader);
      const [stray = ''] = fabric.others(leader);
      fabric.isolate(stray);
      await fabric.run(10_000);
      assert.equal(fabric.status(stray).role, strayRole);
      fabric.heal();
      await fabric.run(2000);
      assert.deepEqual(fabric.leaders(), [leader]);
      assert.equal(fabric.status(leader).epoch, epoch);
      assert.equal(fabric.status(stray).leader, leader);
    });

    it('should depose a leader that is cut off itself, and make it follow when it comes back', async () => {
      const { fabric, leader: old } = await up();
      const epoch = Number(fabric.status(old).epoch);
      fabric.isolate(old);
      const successor = await fabric.leader(fabric.others(old));
      await fabric.run(2000);
      assert.notEqual(fabric.status(old).role, 'leader', 'without a majority it stops by itself');
      fabric.heal();
      await fabric.run(1000);
      assert.equal(fabric.status(old).leader, successor);
      assert.ok(Number(fabric.status(old).epoch) > epoch);
    });
  });

  describe(`replication by ${name}`, () => {
    afterEach(noProblems);

    it('should bring every command to every node', async () => {
      const { fabric, leader } = await up();
      for (let value = 1; value <= 20; value++) await fabric.ask(leader, 'append', { key: 'list', value });
      await fabric.run(200);
      for (const id of fabric.ids) assert.equal(fabric.status(id).applied, before + 20);
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
      const third = await fabric.leader();
      assert.deepEqual(await fabric.ask(third, 'read', { key: 'x' }), { ok: true, value: 2 });
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

    it('should refuse commands and reads on a follower, and name the leader', async () => {
      const { fabric, leader } = await up(3);
      const [follower = ''] = fabric.others(leader);
      await fabric.run(100);
      await assert.rejects(fabric.ask(follower, 'write', { key: 'x', value: 1 }), { details: { leader } });
      await assert.rejects(fabric.ask(follower, 'read', { key: 'x' }), { details: { leader } });
    });

    it('should decide many concurrent writes with few messages and few syncs', async () => {
      const { fabric, leader } = await up();
      const messages = countProposals(fabric, leader);
      const began = fabric.now;
      const writes = Array.from({ length: 200 }, (_, value) =>
        fabric.ask(leader, 'append', { key: 'x', value }),
      );
      await Promise.all(writes);
      assert.ok(messages() <= 24, `${messages()} messages for 200 writes`);
      assert.ok(fabric.now - began < 20, 'a few round trips and syncs');
    });

    it('should answer many reads with few rounds of messages', async () => {
      const { fabric, leader } = await up();
      const messages = countProposals(fabric, leader);
      await Promise.all(Array.from({ length: 200 }, () => fabric.ask(leader, 'read', { key: 'x' })));
      assert.ok(messages() <= 16, `${messages()} messages for 200 reads`);
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
      await fabric.ask(second, 'append', { ...command, sequence: 2 });
      assert.deepEqual(await fabric.ask(second, 'read', { key: 'list' }), { ok: true, value: ['a', 'a'] });
    });

    it('should apply a command without a session as often as it is sent', async () => {
      const { fabric, leader } = await up(1);
      for (let time = 0; time < 2; time++) await fabric.ask(leader, 'append', { key: 'list', value: 'a' });
      assert.deepEqual(await fabric.ask(leader, 'read', { key: 'list' }), { ok: true, value: ['a', 'a'] });
    });

    it('should serve counters, sets and transactions, and take no slot for one that only reads', async () => {
      const { fabric, leader } = await up(3);
      const ask = async (f: string, body: { key?: Json; value?: Json }): Promise<Json> =>
        (await fabric.ask(leader, f, body)).value ?? null;
      const [counter, set] = [
        ['counter', 'c'],
        ['set', 's'],
      ];
      await ask('add', { key: counter, value: 2 });
      assert.equal(await ask('read', { key: counter }), 2);
      await ask('add', { key: set, value: 'a' });
      assert.equal(await ask('contains', { key: set, value: 'a' }), true);
      await ask('remove', { key: set, value: 'a' });
      assert.deepEqual(await ask('read', { key: set }), []);
      const [append, read] = [
        ['append', 'l', 1],
        ['r', 'l', null],
      ];
      assert.deepEqual(await ask('txn', { value: [append, read] }), [append, ['r', 'l', [1]]]);
      const { applied } = fabric.status(leader);
      assert.deepEqual(await ask('txn', { value: [read] }), [['r', 'l', [1]]]);
      assert.equal(fabric.status(leader).applied, applied);
    });

    it('should refuse malformed requests, saying what is expected', async () => {
      const { fabric, leader } = await up(1);
      const refused = (f: string, body: Record<string, Json>, words: RegExp): Promise<void> =>
        assert.rejects(fabric.ask(leader, f, body), words);
      await refused('read', {}, /must have a "key"/);
      await refused('write', { value: 1 }, /must have a "key"/);
      await refused('write', { key: 'x', value: 1, session: 'a', sequence: 1 }, /whole numbers/);
      await refused('cas', { key: 'x', value: 1 }, /\[expected, next\]/);
      await refused('add', { key: 'x', value: 1 }, /\["counter", name\]/);
      await refused('contains', { key: 'x', value: 1 }, /\["set", name\]/);
      await refused('txn', { value: [['w', 'x', 1]] }, /\["append", key, element\]/);
      assert.deepEqual(await fabric.ask(leader, 'cas', { key: 'x', value: [null, 1] }), DONE);
    });

    it('should refuse to start with a setting that does not exist or makes no sense', async () => {
      const start = (options: Record<string, Json>): Promise<Fabric> =>
        Fabric.up({ nodes: 1, program: observe().program, options });
      await assert.rejects(start({ hartbeatMs: 10 }), /no option "hartbeatMs"/);
      await assert.rejects(start({ heartbeatMs: -1 }), /"heartbeatMs" is -1/);
      await assert.rejects(start({ [leases]: 1 }), new RegExp(`"${leases}" is 1; expected true or false`));
      await assert.rejects(start({ heartbeatMs: 400 }), /below the shortest election time-out/);
      assert.ok(await start({ heartbeatMs: 50, [leases]: true }));
    });
  });
}
