/**
 * Changes of membership (chapter 4): servers come and go one at a time, or several at once by joint consensus, whatever
 * dies in between; and what must be refused is.
 */
import assert from 'node:assert/strict';
import type { Json, JsonObject } from '../../../../harness/json.ts';
import { node as earlyChange } from '../../../../targets/raft/broken/early-change.ts';
import { node as correct } from '../../../../targets/raft/node.ts';
import { Fabric } from '../cluster/fabric.ts';
import { problemsOf, startClients } from '../cluster/list-workload.ts';
import { Observer } from './observer.ts';

const votersOf = (fabric: Fabric, node: string): Json => [...(fabric.status(node).voters as string[])].sort();
const pick = (fabric: Fabric, ...not: string[]): string => fabric.others(...not)[0] ?? '';

describe('raft membership', () => {
  let observer: Observer;
  const up = async (nodes: number, spares: number): Promise<{ fabric: Fabric; leader: string }> => {
    observer = new Observer();
    const fabric = await Fabric.up({ nodes, spares, program: observer.program });
    return { fabric, leader: await fabric.leader() };
  };
  const change = (fabric: Fabric, leader: string, body: JsonObject): Promise<JsonObject> =>
    fabric.ask(leader, 'members', body);
  afterEach(() => assert.deepEqual(observer.problems, []));

  it('should leave spares out until they are added, and then need them for a majority', async () => {
    const { fabric, leader } = await up(5, 2);
    assert.deepEqual(votersOf(fabric, leader), ['n1', 'n2', 'n3']);
    await change(fabric, leader, { add: 'n4' });
    await change(fabric, leader, { add: 'n5' });
    assert.deepEqual(votersOf(fabric, leader), ['n1', 'n2', 'n3', 'n4', 'n5']);
    const [other = ''] = fabric.others(leader, 'n4', 'n5');
    fabric.partition([leader, other], fabric.others(leader, other));
    const write = fabric.call(leader, 'write', { key: 'x', value: 1 });
    let done = false;
    void write.then(
      () => (done = true),
      () => undefined,
    );
    await fabric.run(1000);
    assert.equal(done, false, 'two of five committed a write');
    const next = await fabric.leader(fabric.others(leader, other));
    await fabric.ask(next, 'write', { key: 'x', value: 2 });
    fabric.heal();
    await fabric.leader();
  });

  it('should remove servers until one is left, and not that one', async () => {
    const { fabric } = await up(3, 0);
    for (let left = 3; left > 1; left--) {
      const leader = await fabric.leader();
      const [gone = ''] = (votersOf(fabric, leader) as string[]).filter((node) => node !== leader);
      await change(fabric, leader, { remove: gone });
      assert.equal((votersOf(fabric, leader) as string[]).length, left - 1);
      await fabric.ask(leader, 'write', { key: 'x', value: left });
    }
    const last = await fabric.leader();
    await assert.rejects(change(fabric, last, { remove: last }), /last voter/);
    assert.deepEqual(await fabric.ask(last, 'read', { key: 'x' }), { ok: true, value: 2 });
  });

  it('should let a leader remove itself, step down when that is committed, and stay quiet', async () => {
    const { fabric, leader } = await up(5, 0);
    await change(fabric, leader, { remove: leader });
    assert.equal(fabric.status(leader).role, 'follower');
    const next = await fabric.leader(fabric.others(leader));
    const { epoch } = fabric.status(next);
    await fabric.run(5000);
    assert.equal(fabric.status(next).epoch, epoch, 'who was removed brought about an election');
    assert.equal(fabric.status(next).role, 'leader');
  });

  it('should not be disturbed by a server that was removed and does not know it', async () => {
    const { fabric, leader } = await up(5, 0);
    const gone = pick(fabric, leader);
    fabric.isolate(gone);
    await change(fabric, leader, { remove: gone });
    const { epoch } = fabric.status(leader);
    fabric.heal();
    await fabric.run(5000);
    assert.deepEqual([fabric.status(leader).role, fabric.status(leader).epoch], ['leader', epoch]);
  });

  it('should send a learner the log, and neither ask it for votes nor count it', async () => {
    const { fabric, leader } = await up(4, 1);
    await change(fabric, leader, { add: 'n4', learner: true });
    await fabric.ask(leader, 'write', { key: 'x', value: 1 });
    await fabric.run(300);
    assert.equal(fabric.status('n4').lastIndex, fabric.status(leader).lastIndex);
    for (const id of fabric.others('n4', leader)) fabric.crash(id);
    const write = assert.rejects(fabric.ask(leader, 'write', { key: 'x', value: 2 }));
    await fabric.run(5000);
    await write;
    assert.deepEqual(fabric.leaders(), [], 'one voter and a learner are no majority of three');
    for (const id of fabric.others('n4', leader)) await fabric.start(id);
    assert.notEqual(await fabric.leader(), 'n4');
  });

  it('should exchange all members at once by joint consensus', async () => {
    const { fabric, leader } = await up(6, 3);
    await fabric.ask(leader, 'write', { key: 'x', value: 'kept' });
    await change(fabric, leader, { voters: ['n4', 'n5', 'n6'] });
    const next = await fabric.leader(['n4', 'n5', 'n6']);
    assert.deepEqual(votersOf(fabric, next), ['n4', 'n5', 'n6']);
    assert.deepEqual(fabric.status(next).outgoing, []);
    for (const id of ['n1', 'n2', 'n3']) fabric.crash(id);
    assert.deepEqual(await fabric.ask(next, 'read', { key: 'x' }), { ok: true, value: 'kept' });
  });

  it('should need both majorities while a joint consensus is under way', async () => {
    const { fabric, leader } = await up(6, 3);
    for (const id of ['n4', 'n5', 'n6']) fabric.isolate(id);
    const asked = assert.rejects(fabric.ask(leader, 'members', { voters: ['n4', 'n5', 'n6'] }));
    await fabric.run(300);
    const write = assert.rejects(fabric.ask(leader, 'write', { key: 'x', value: 1 }));
    await fabric.run(3000);
    await Promise.all([asked, write]);
    fabric.heal();
    const next = await fabric.leader();
    await fabric.until(() => (fabric.status(next).outgoing as string[]).length === 0, 5000, 'an end of it');
  });

  it('should have the next leader finish a joint consensus that the last one began', async () => {
    const { fabric, leader } = await up(5, 2);
    // The second entry reaches nobody.
    fabric.intercept = (from, _to, { entries }) =>
      from !== leader ||
      !Array.isArray(entries) ||
      !entries.some((entry) => JSON.stringify(entry).includes('"outgoing":[]'));
    void fabric.call(leader, 'members', { voters: ['n2', 'n4', 'n5'] }).catch(() => undefined);
    await fabric.run(500);
    fabric.crash(leader);
    fabric.intercept = () => true;
    const next = await fabric.leader(fabric.others(leader));
    const settled = (): boolean => (fabric.status(next).outgoing as string[]).length === 0;
    await fabric.until(() => fabric.leaders().length > 0 && settled(), 5000, 'the end of the change');
    assert.deepEqual(votersOf(fabric, next), ['n2', 'n4', 'n5']);
  });

  it('should go back to the members before when the entry that changed them is overwritten', async () => {
    const { fabric, leader } = await up(4, 1);
    fabric.isolate(leader);
    void fabric.call(leader, 'members', { add: 'n4', learner: true }).catch(() => undefined);
    await fabric.run(100);
    assert.deepEqual(fabric.status(leader).learners, ['n4']);
    await fabric.leader(fabric.others(leader, 'n4'));
    fabric.heal();
    await fabric.leader();
    await fabric.run(1000);
    assert.deepEqual(fabric.status(leader).learners, []);
  });

  it('should keep the members in the snapshot, over a restart', async () => {
    observer = new Observer();
    const options = { snapshotThreshold: 20, snapshotTrailing: 2 };
    const fabric = await Fabric.up({ nodes: 4, spares: 1, program: observer.program, options });
    const leader = await fabric.leader();
    await change(fabric, leader, { add: 'n4' });
    for (let value = 0; value < 60; value++) await fabric.ask(leader, 'append', { key: 'l', value });
    for (const id of fabric.ids) fabric.crash(id);
    for (const id of fabric.ids) await fabric.start(id);
    assert.deepEqual(votersOf(fabric, await fabric.leader()), ['n1', 'n2', 'n3', 'n4']);
  });

  it('should refuse a second change while one is under way, one that is none, and one from who does not lead', async () => {
    const { fabric, leader } = await up(5, 2);
    for (const id of ['n4', 'n5']) fabric.isolate(id);
    void fabric.call(leader, 'members', { add: 'n4' }).catch(() => undefined);
    await fabric.run(100);
    await assert.rejects(change(fabric, leader, { add: 'n5' }), /under way/);
    await assert.rejects(change(fabric, leader, { add: 'n9' }), /expected \{"add"/);
    await assert.rejects(change(fabric, pick(fabric, leader), { remove: leader }), /not-leader/);
    fabric.heal();
    const done = (): boolean => {
      const { membersIndex, commitIndex } = fabric.status(leader);
      return Number(membersIndex) <= Number(commitIndex);
    };
    await fabric.until(() => (votersOf(fabric, leader) as string[]).includes('n4') && done(), 5000, 'n4');
    assert.equal((await change(fabric, leader, { add: 'n5' })).ok, true);
  });

  for (let seed = 1; seed <= 8; seed++) {
    it(`should stay safe while members change under random faults, seed ${seed}`, async () => {
      observer = new Observer();
      const options = { snapshotThreshold: 40, snapshotTrailing: 10, maxBatch: 8 };
      const fabric = await Fabric.up({ nodes: 6, spares: 2, program: observer.program, seed, options });
      fabric.delay = [0.5, 20];
      const done = startClients(fabric, 4, 10_000);
      const random = fabric.random.fork('changes');
      while (fabric.now < 10_000) {
        const [node = ''] = random.shuffle(fabric.ids);
        const bodies: JsonObject[] = [
          { add: node },
          { remove: node },
          { voters: random.shuffle(fabric.ids).slice(0, 3 + random.int(3)) },
        ];
        for (const id of fabric.leaders())
          void fabric.call(id, 'members', random.pick(bodies)).catch(() => undefined);
        if (random.chance(0.3)) fabric.isolate(node);
        if (random.chance(0.5)) fabric.heal();
        if (random.chance(0.2)) fabric.crash(node, true);
        for (const id of fabric.ids) if (!fabric.isUp(id) && random.chance(0.5)) await fabric.start(id);
        await fabric.run(random.between(100, 700));
      }
      fabric.heal();
      for (const id of fabric.ids) if (!fabric.isUp(id)) await fabric.start(id);
      await fabric.run(5000);
      const leader = await fabric.leader();
      const { value } = await fabric.ask(leader, 'read', { key: 'list' });
      assert.deepEqual(observer.check(fabric), []);
      assert.deepEqual(problemsOf(done, value as number[]), []);
      assert.ok(Number(fabric.status(leader).membersIndex) > 0, 'nothing changed');
    });
  }
});

describe('raft membership before an own-term commit', () => {
  for (const [name, program, refused] of [
    ['be refused', correct, true],
    ['be seen to be taken by the variant that is wrong', earlyChange, false],
  ] as const) {
    it(`should ${name}`, async () => {
      const fabric = await Fabric.up({ nodes: 4, spares: 0, program });
      const first = await fabric.leader();
      fabric.crash(first);
      // The new leader's entries reach nobody; its heartbeats do.
      fabric.intercept = (_from, _to, { entries }) => !Array.isArray(entries) || entries.length === 0;
      await fabric.until(() => fabric.leaders().length > 0, 10_000, 'a leader');
      const [leader = ''] = fabric.leaders();
      let answer = 'nothing';
      void fabric.call(leader, 'members', { remove: first }).catch((error: unknown) => {
        answer = String(error);
      });
      await fabric.run(20);
      assert.equal(/not yet committed/.test(answer), refused, answer);
      assert.equal((fabric.status(leader).voters as string[]).includes(first), refused);
    });
  }
});
