/**
 * Phase 1 of Multi-Paxos: what a new leader must propose again, and gaps that it fills; what an acceptor promised; and acceptors
 * that are won back. Elections are as in every log with a leader: ../replicated-log/leaders.test.ts.
 */
import assert from 'node:assert/strict';
import type { JsonObject } from '../../../../harness/json.ts';
import { LOG_FILE } from '../../../../targets/multi-paxos/storage.ts';
import { encodeRecord } from '../../../../targets/replicated-log/record.ts';
import type { Command } from '../../../../targets/replicated-log/state-machine.ts';
import { Fabric } from '../cluster/fabric.ts';
import { Observer } from './observer.ts';

const write = (value: number): Command => ({ f: 'write', key: 'x', value, once: null });

/** Writes a node's disk, as a node would have left it: a promise, and what it accepted, slot by slot. */
function setDisk(
  fabric: Fabric,
  id: string,
  promised: number,
  accepted: readonly (readonly [slot: number, ballot: number, command: Command])[],
): void {
  const records: JsonObject[] = [
    { type: 'promise', ballot: promised },
    ...accepted.map(([from, ballot, command]) => ({ type: 'entries', from, entries: [{ ballot, command }] })),
  ];
  fabric.setFile(id, LOG_FILE, Buffer.concat(records.map((record) => Buffer.from(encodeRecord(record)))));
}

describe('multi-paxos elections', () => {
  let observer: Observer;
  const up = (nodes: number, seed = 1): Promise<Fabric> => {
    observer = new Observer();
    return Fabric.up({ nodes, program: observer.program, seed });
  };

  afterEach(() => assert.deepEqual(observer.problems, []));

  it('should win back an acceptor that a failed candidate took along', async () => {
    const fabric = await up(5);
    const leader = await fabric.leader();
    const [taken = ''] = fabric.others(leader);
    const ballot = Number(fabric.status(leader).epoch);
    // It does not hear the leader, so that it answers a candidate; and then it hears it again.
    fabric.cut(leader, taken);
    await fabric.run(400);
    const candidate = fabric.others(leader, taken)[0] ?? '';
    fabric.deliver(candidate, taken, { type: 'prepare', ballot: ballot + 1000, from: 1 });
    fabric.heal();
    await fabric.run(1000);
    assert.deepEqual(fabric.leaders(), [leader]);
    assert.ok(Number(fabric.status(leader).epoch) > ballot + 1000);
    assert.equal(fabric.status(taken).leader, leader);
  });
});

describe('multi-paxos phase 1', () => {
  it('should propose again what was accepted in the latest ballot, and fill gaps with no-ops', async () => {
    const observer = new Observer();
    const fabric = new Fabric({ nodes: 3, program: observer.program });
    // Slot 1 was chosen in ballot 6; n3 has the command of an earlier one. Slot 3 is a gap, slot 4 may have been chosen.
    setDisk(fabric, 'n1', 6, [
      [1, 6, write(1)],
      [2, 6, write(2)],
      [4, 6, write(4)],
    ]);
    setDisk(fabric, 'n2', 6, [
      [1, 6, write(1)],
      [2, 6, write(2)],
    ]);
    setDisk(fabric, 'n3', 4, [
      [1, 4, write(9)],
      [2, 4, write(9)],
    ]);
    for (const id of fabric.ids) await fabric.start(id);
    fabric.intercept = (from, to) => ![from, to].includes('n2');
    const leader = await fabric.leader(['n1', 'n3']);
    fabric.intercept = () => true;
    await fabric.run(500);
    assert.deepEqual(
      [...observer.applied].map(([slot, command]) => [slot, JSON.parse(command) as Command | null]),
      [
        [1, write(1)],
        [2, write(2)],
        [3, null],
        [4, write(4)],
      ],
    );
    assert.deepEqual(await fabric.ask(leader, 'read', { key: 'x' }), { ok: true, value: 4 });
    for (const id of fabric.ids) assert.equal(fabric.status(id).applied, 4);
    assert.deepEqual(observer.check(fabric), []);
  });

  it('should not take part in a ballot before that which it promised, before a restart or after', async () => {
    const observer = new Observer();
    const fabric = new Fabric({ nodes: 3, program: observer.program });
    setDisk(fabric, 'n1', 100, []);
    const sent: JsonObject[] = [];
    await fabric.start('n1');
    fabric.intercept = (from, _to, message) => {
      if (from === 'n1' && message.type !== 'prepare') sent.push(message);
      return true;
    };
    for (const id of ['n2', 'n3']) await fabric.start(id);
    fabric.deliver('n2', 'n1', { type: 'prepare', ballot: 99, from: 1 });
    fabric.deliver('n2', 'n1', {
      type: 'accept',
      ballot: 99,
      from: 1,
      commands: [null],
      chosen: 0,
      round: 1,
      delays: 1,
    });
    await fabric.run(10);
    assert.deepEqual(sent, [
      { type: 'nack', ballot: 99, promised: 100 },
      { type: 'nack', ballot: 99, promised: 100 },
    ]);
    fabric.deliver('n2', 'n1', { type: 'prepare', ballot: 101, from: 1 });
    await fabric.run(10);
    assert.deepEqual(sent.slice(2), [{ type: 'promise', ballot: 101, base: 0, accepted: [] }]);
    fabric.crash('n1');
    await fabric.start('n1');
    fabric.deliver('n2', 'n1', { type: 'prepare', ballot: 100, from: 1 });
    await fabric.run(10);
    assert.deepEqual(sent.slice(3), [{ type: 'nack', ballot: 100, promised: 101 }]);
  });

  it('should not take the answer to a heartbeat for acceptance of what is proposed next', async () => {
    const observer = new Observer();
    const fabric = await Fabric.up({ nodes: 3, program: observer.program });
    const leader = await fabric.leader();
    fabric.intercept = (_from, _to, { commands }) => !Array.isArray(commands) || commands.length === 0;
    const answers: unknown[] = [];
    void fabric.call(leader, 'write', { key: 'x', value: 1 }).then((answer) => answers.push(answer));
    await fabric.run(10);
    const { epoch = 0, lastIndex = 0 } = fabric.status(leader);
    const heard = { type: 'accept-reply', ballot: epoch, from: lastIndex, count: 0, round: 1, delays: 2 };
    for (const peer of fabric.others(leader)) fabric.deliver(peer, leader, heard);
    await fabric.run(10);
    assert.deepEqual(answers, []);
    fabric.intercept = () => true;
    await fabric.run(200);
    assert.deepEqual(answers, [{ ok: true, value: null }]);
  });
});
