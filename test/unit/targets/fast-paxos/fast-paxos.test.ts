/**
 * Fast Paxos in virtual time: how many message delays a command takes in each kind of round, what a collision costs with
 * either recovery, that classic rounds go on where fast ones cannot, and what a node remembers.
 */
import assert from 'node:assert/strict';
import { UsageError } from '../../../../harness/errors.ts';
import type { Json, JsonObject } from '../../../../harness/json.ts';
import { Refusal } from '../../../../harness/node/program.ts';
import { FAST_ROUND } from '../../../../targets/fast-paxos/messages.ts';
import { node as program } from '../../../../targets/fast-paxos/node.ts';
import { fastPaxosOptions } from '../../../../targets/fast-paxos/options.ts';
import { JOURNAL_FILE } from '../../../../targets/fast-paxos/storage.ts';
import { CorruptFileError, encodeRecord } from '../../../../targets/replicated-log/record.ts';
import { Fabric } from '../cluster/fabric.ts';

/** One item of what a node tells of its decisions. */
interface Decided {
  readonly round: string;
  readonly delays: number;
  readonly commands: number;
  readonly ms: number;
}

/** A cluster whose messages all take the same time, in a fast round unless told otherwise. */
async function up(options: JsonObject = {}, nodes = 5): Promise<Fabric> {
  const fabric = await Fabric.up({ nodes, program, options });
  fabric.delay = [1, 1];
  await untilFast(fabric, options.fastRounds !== false);
  return fabric;
}

async function untilFast(fabric: Fabric, fast = true): Promise<void> {
  const live = (): string[] => fabric.ids.filter((id) => fabric.isUp(id));
  const isSettled = (id: string): boolean => {
    const { leader, fast: isFast } = fabric.status(id);
    return typeof leader === 'string' && isFast === fast;
  };
  await fabric.until(() => live().every(isSettled), 5000, fast ? 'a fast round' : 'a coordinator');
}

let requests = 0;

/** Asks all live nodes at once, as the client does; the first answer. */
async function askAll(fabric: Fabric, path: string, body: JsonObject, ids = fabric.ids): Promise<JsonObject> {
  const id = `test/${++requests}`;
  const calls = ids
    .filter((node) => fabric.isUp(node))
    .map((node) => fabric.call(node, path, { ...body, id }));
  return (await fabric.settle(Promise.any(calls), path)) as JsonObject;
}

/** A client with a session. */
async function client(
  fabric: Fabric,
): Promise<(f: string, key: Json, value: Json, ids?: readonly string[]) => Promise<JsonObject>> {
  const { value: session = null } = await askAll(fabric, 'open-session', {});
  let sequence = 0;
  return (f, key, value, ids) => askAll(fabric, f, { key, value, session, sequence: ++sequence }, ids);
}

const read = async (fabric: Fabric, key: Json): Promise<Json> =>
  (await askAll(fabric, 'read', { key })).value ?? null;

/** Two commands that reach two nodes each, and the fifth the other way round: neither can get a fast quorum in the first slot. */
async function collide(fabric: Fabric): Promise<readonly Json[]> {
  const [one, other] = [await client(fabric), await client(fabric)];
  const answers = await Promise.all([
    one('write', 'x', 1, ['n1', 'n2']),
    other('write', 'y', 2, ['n3', 'n4', 'n5']),
  ]);
  return answers.map(({ delays = null }) => delays);
}

const collisions = (fabric: Fabric): number =>
  fabric.ids.reduce((sum, id) => sum + Number(fabric.status(id).collisions), 0);

describe('fast-paxos', () => {
  it('should learn a command two message delays from its client in a fast round, three in a classic one', async () => {
    for (const [fastRounds, delays] of [
      [true, 2],
      [false, 3],
    ] as const) {
      const fabric = await up({ fastRounds });
      const ask = await client(fabric);
      // In a classic round there is one node to ask.
      const { leader = null } = fabric.status('n1');
      const hint = fastRounds ? {} : { coordinator: leader };
      assert.deepEqual(await ask('write', 'x', 1), { delays, ...hint, ok: true, value: null });
      assert.equal(await read(fabric, 'x'), 1);
      assert.equal(collisions(fabric), 0);
    }
  });

  it('should serve a client that knows one node only, one message delay later', async () => {
    const fabric = await up();
    const { value: session = null } = await fabric.ask('n3', 'open-session', {});
    const body = { key: 'list', value: 'a', session, sequence: 1 };
    assert.deepEqual(await fabric.ask('n3', 'append', body), { delays: 3, ok: true, value: null });
    assert.deepEqual(await fabric.ask('n4', 'append', body), { delays: 3, ok: true, value: null });
    assert.deepEqual(await read(fabric, 'list'), ['a']);
  });

  it('should refuse in a fast round what was meant for a classic one, and take it in that', async () => {
    const ask = async (fastRounds: boolean): Promise<JsonObject> => {
      const fabric = await up({ fastRounds });
      return fabric.ask(await fabric.leader(), 'read', { key: 'x', classic: true });
    };
    await assert.rejects(ask(true), { message: FAST_ROUND });
    assert.equal((await ask(false)).ok, true);
  });

  it('should tell in its log how commands were decided, and add up what comes together', async () => {
    const fabric = await up();
    const ask = await client(fabric);
    for (let value = 0; value < 5; value++) await ask('write', 'x', value);
    await fabric.run(2000);
    const told = fabric.lines
      .filter(({ event }) => event === 'decisions')
      .map(({ fields }) => fields.decided);
    const all = told.flat() as unknown as Decided[];
    const fast = all.filter(({ round, delays }) => round === 'fast' && delays === 2);
    // Each of five nodes, of five writes; and of the session's beginning.
    assert.equal(
      fast.reduce((sum, { commands }) => sum + commands, 0),
      5 * 6,
    );
    assert.ok(told.length < 15, `${told.length} lines`);
  });

  it('should count no more message delays than there was time for, however often votes collide', async () => {
    for (const uncoordinated of [false, true]) {
      const fabric = await up({ uncoordinated });
      const [shortest, longest] = (fabric.delay = [1, 3]);
      /** To each node a message of its own, which may overtake those of other clients. */
      const write = (body: JsonObject): Promise<unknown> => {
        const id = `test/${++requests}`;
        const calls = fabric.ids.map(async (node) => {
          const { promise, resolve } = Promise.withResolvers<undefined>();
          fabric.after(fabric.random.between(shortest, longest), () => resolve(undefined));
          await promise;
          return fabric.call(node, 'write', { ...body, id });
        });
        return fabric.settle(Promise.any(calls), 'write');
      };
      const clients = Array.from({ length: 10 }, async () => {
        const { value: session = null } = await askAll(fabric, 'open-session', {});
        for (let sequence = 1; sequence <= 10; sequence++)
          await write({ key: 'x', value: sequence, session, sequence });
      });
      await Promise.all(clients);
      await fabric.run(2000);
      const rows = fabric.lines.flatMap(({ fields }) => fields.decided ?? []) as unknown as Decided[];
      for (const { delays, commands, ms } of rows)
        assert.ok(ms / commands >= (delays - 1) * shortest - 1e-6, `${delays} in ${ms / commands} ms`);
      assert.ok(rows.some(({ round, delays }) => round === 'recovered' && delays > 5));
    }
  });

  it('should refuse a command that could happen twice', async () => {
    const fabric = await up();
    await assert.rejects(fabric.ask('n1', 'write', { key: 'x', value: 1 }), Refusal);
    assert.equal(await read(fabric, 'x'), null);
  });

  it('should recover from a collision in two message delays more when coordinated, in one more when not', async () => {
    for (const [uncoordinated, delays] of [
      [false, 4],
      [true, 3],
    ] as const) {
      const fabric = await up({ uncoordinated });
      const first = Math.min(...(await collide(fabric)).map(Number));
      assert.equal(first, delays, uncoordinated ? 'uncoordinated' : 'coordinated');
      assert.deepEqual([await read(fabric, 'x'), await read(fabric, 'y')], [1, 2]);
      if (!uncoordinated) assert.ok(collisions(fabric) > 0);
    }
  });

  it('should go on in classic rounds without two of five, and in fast ones again when they are back', async () => {
    const fabric = await up();
    const ask = await client(fabric);
    const [leader] = fabric.leaders();
    const gone = fabric.ids.filter((id) => id !== leader).slice(0, 2);
    for (const id of gone) fabric.crash(id);
    await fabric.run(1000);
    assert.equal((await ask('write', 'x', 1)).delays, 3);
    for (const id of gone) await fabric.start(id);
    await untilFast(fabric);
    assert.equal((await ask('write', 'x', 2)).delays, 2);
    assert.equal(await read(fabric, 'x'), 2);
  });

  it('should leave fast rounds where votes collide all the time, try them again after a rest, and stay where they do not', async () => {
    const begun = async (firstHalf: readonly string[], secondHalf: readonly string[]): Promise<string[]> => {
      const fabric = await up({ restMs: 1000 });
      const [one, other] = [await client(fabric), await client(fabric)];
      for (let value = 0; value < 64; value++)
        await Promise.all([one('write', 'x', value, firstHalf), other('write', 'y', value, secondHalf)]);
      await fabric.run(2000);
      const [leader] = fabric.leaders();
      const events = fabric.lines.filter(({ node }) => node === leader).map(({ event }) => event);
      return events.filter((event) => event === 'fast-round' || event === 'deposed');
    };
    const all = ['n1', 'n2', 'n3', 'n4', 'n5'];
    assert.deepEqual(await begun(all, all), ['fast-round']);
    assert.deepEqual(await begun(all.slice(0, 2), all.slice(2)), ['fast-round', 'deposed', 'fast-round']);
  });

  it('should elect another coordinator, who keeps what was chosen and what may have been', async () => {
    const fabric = await up();
    const ask = await client(fabric);
    await ask('write', 'x', 1);
    const [leader = ''] = fabric.leaders();
    const others = fabric.others(leader);
    // Four vote, which is a fast quorum, and nobody but the dying coordinator is told of it.
    fabric.intercept = (_from, to, { type }) => type !== 'voted' || to === leader;
    const answer = await ask('write', 'x', 2, [leader, ...others.slice(0, 3)]);
    assert.equal(answer.ok, true);
    fabric.crash(leader);
    fabric.intercept = () => true;
    await fabric.until(
      () => others.some((id) => fabric.status(id).role === 'leader'),
      5000,
      'another coordinator',
    );
    assert.equal(await read(fabric, 'x'), 2);
  });

  it('should remember through a restart of all, and bring up a node that missed everything', async () => {
    const fabric = await up();
    fabric.crash('n5');
    const ask = await client(fabric);
    for (let value = 1; value <= 5; value++) await ask('append', 'list', value);
    for (const id of fabric.ids.filter((id) => fabric.isUp(id))) fabric.crash(id);
    for (const id of fabric.ids) await fabric.start(id);
    await untilFast(fabric);
    assert.deepEqual(await read(fabric, 'list'), [1, 2, 3, 4, 5]);
    await fabric.run(500);
    const applied = fabric.ids.map((id) => fabric.status(id).applied);
    assert.equal(new Set(applied).size, 1);
  });

  it('should start from a torn journal and not from a damaged one', async () => {
    const fabric = await up({}, 1);
    const ask = await client(fabric);
    await ask('write', 'x', 1);
    fabric.crash('n1');
    const bytes = fabric.file('n1', JOURNAL_FILE) ?? new Uint8Array();
    fabric.setFile('n1', JOURNAL_FILE, Buffer.concat([bytes, encodeRecord('torn').subarray(0, 5)]));
    await fabric.start('n1');
    await untilFast(fabric);
    assert.equal(await read(fabric, 'x'), 1);
    for (const record of [
      { type: 'vote', vote: 1 },
      { type: 'chosen', choices: [[9, null]] },
    ]) {
      fabric.crash('n1');
      fabric.setFile('n1', JOURNAL_FILE, encodeRecord(record));
      await assert.rejects(fabric.start('n1'), CorruptFileError);
    }
  });

  it('should drop what is no message', async () => {
    const fabric = await up();
    fabric.deliver('n2', 'n1', { type: 'voted', votes: [{ slot: 1 }] });
    fabric.deliver('n2', 'n1', {
      type: 'propose',
      entry: { id: 'a', command: { key: 'x' }, query: null },
      delays: 1,
    });
    fabric.deliver('n2', 'n1', { type: 'suggest', vote: null });
    assert.equal(fabric.lines.filter(({ event }) => event === 'message-dropped').length, 3);
  });

  it('should name settings that there are not or that cannot be', () => {
    assert.equal(fastPaxosOptions({ uncoordinated: true }).uncoordinated, true);
    assert.throws(() => fastPaxosOptions({ fast: true }), UsageError);
    assert.throws(() => fastPaxosOptions({ heartbeatMs: 300 }), UsageError);
  });
});
