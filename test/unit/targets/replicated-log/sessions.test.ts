/** The state machine: what commands do, what retries do not, and that a snapshot is the whole of it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Json, JsonObject } from '../../../../harness/json.ts';
import { AuditedMachine } from '../../../../targets/replicated-log/audit.ts';
import { isStoreCommand, type Once, type UpdateName } from '../../../../targets/replicated-log/operations.ts';
import { SessionStore } from '../../../../targets/replicated-log/sessions.ts';
import type { Command, Query, StateMachine } from '../../../../targets/replicated-log/state-machine.ts';

const command = (f: UpdateName, key: Json, value: Json, once: Once | null = null): Command => ({
  f,
  key,
  value,
  once,
});
const DONE = { ok: true, value: null } as const;
const COUNTER = ['counter', 'c'] as const;
const SET = ['set', 's'] as const;

/** What the machine answers to a question. */
function answer(machine: StateMachine, f: Query['f'], key: Json, value: Json = null): Json {
  const outcome = machine.read({ f, key, value });
  assert.ok(outcome.ok);
  return outcome.value;
}

const read = (machine: StateMachine, key: Json): Json => answer(machine, 'read', key);

/** A log that keeps what it is told, and a clock that stands still unless it is moved. */
function recording() {
  const lines: [string, JsonObject][] = [];
  const time = { now: 0 };
  const add = (event: string, fields: JsonObject = {}): unknown => lines.push([event, fields]);
  const clock = { wall: () => 0, monotonic: () => time.now };
  return { lines, time, context: { log: { debug: add, info: add, warn: add, error: add }, clock } };
}

describe('replicated store', () => {
  it('should write, compare and set, and append', () => {
    const machine = new SessionStore(10);
    assert.deepEqual(machine.apply(1, command('write', 'x', 1)), DONE);
    assert.deepEqual(machine.apply(2, command('cas', 'x', [1, 2])), DONE);
    assert.deepEqual(machine.apply(3, command('cas', 'x', [1, 3])), { ok: false, error: 'cas-mismatch' });
    assert.equal(read(machine, 'x'), 2);
    assert.deepEqual(machine.apply(4, command('append', 'x', 1)), { ok: false, error: 'not-a-list' });
    assert.deepEqual(machine.apply(5, command('append', 'list', 1)), DONE);
    machine.apply(6, command('append', 'list', 2));
    assert.deepEqual(read(machine, 'list'), [1, 2]);
  });

  it('should count, from zero', () => {
    const machine = new SessionStore(10);
    assert.equal(read(machine, COUNTER), 0);
    machine.apply(1, command('add', COUNTER, 3));
    machine.apply(2, command('add', COUNTER, -1));
    assert.equal(read(machine, COUNTER), 2);
  });

  it('should keep each element of a set once, until it is removed', () => {
    const machine = new SessionStore(10);
    assert.deepEqual(read(machine, SET), []);
    machine.apply(1, command('add', SET, 'a'));
    machine.apply(2, command('add', SET, 'b'));
    machine.apply(3, command('add', SET, 'a'));
    assert.deepEqual((read(machine, SET) as string[]).toSorted(), ['a', 'b']);
    assert.deepEqual(
      [answer(machine, 'contains', SET, 'a'), answer(machine, 'contains', SET, 'c')],
      [true, false],
    );
    machine.apply(4, command('remove', SET, 'a'));
    assert.deepEqual(read(machine, SET), ['b']);
  });

  it('should do all steps of a transaction, each seeing those before it, or none', () => {
    const machine = new SessionStore(10);
    const steps = [
      ['r', 'l', null],
      ['append', 'l', 1],
      ['r', 'l', null],
    ];
    assert.deepEqual(machine.apply(1, command('txn', null, steps)), {
      ok: true,
      value: [
        ['r', 'l', null],
        ['append', 'l', 1],
        ['r', 'l', [1]],
      ],
    });
    machine.apply(2, command('write', 'x', 1));
    const failing = [
      ['append', 'l', 2],
      ['append', 'x', 2],
    ];
    assert.deepEqual(machine.apply(3, command('txn', null, failing)), { ok: false, error: 'not-a-list' });
    assert.deepEqual(answer(machine, 'txn', null, [['r', 'l', null]]), [['r', 'l', [1]]]);
  });

  it('should not change a list that a reader already has', () => {
    const machine = new SessionStore(10);
    machine.apply(1, command('append', 'list', 1));
    const seen = read(machine, 'list');
    machine.apply(2, command('append', 'list', 2));
    assert.deepEqual(seen, [1]);
    assert.deepEqual(read(machine, 'list'), [1, 2]);
  });

  it('should answer a retry as it answered the first time, and ignore a late one', () => {
    const machine = new SessionStore(10);
    machine.apply(7, { f: 'open-session' });
    const once = (sequence: number): Once => ({ session: 7, sequence });
    const cas = command('cas', 'x', [null, 1], once(1));
    assert.deepEqual(machine.apply(8, cas), DONE);
    assert.deepEqual(machine.apply(9, cas), DONE);
    machine.apply(10, command('write', 'x', 2, once(2)));
    assert.deepEqual(machine.apply(11, command('write', 'x', 1, once(1))), {
      ok: false,
      error: 'stale-sequence',
    });
    assert.equal(read(machine, 'x'), 2);
  });

  it('should end the session whose last command is furthest back, and no other', () => {
    const machine = new SessionStore(2);
    machine.apply(1, { f: 'open-session' });
    machine.apply(2, { f: 'open-session' });
    machine.apply(3, command('write', 'x', 1, { session: 1, sequence: 1 }));
    machine.apply(4, { f: 'open-session' });
    const write = (session: number): Command => command('write', 'x', 2, { session, sequence: 2 });
    assert.deepEqual(machine.apply(5, write(2)), { ok: false, error: 'session-expired' });
    assert.equal(read(machine, 'x'), 1);
    assert.deepEqual(machine.apply(6, write(1)), DONE);
    assert.deepEqual(machine.apply(7, write(4)), DONE);
  });

  it('should behave the same after a snapshot, whatever came before and after it', () => {
    const key = fc.constantFrom('x', 'y');
    const once = fc.option(fc.record({ session: fc.integer({ min: 1, max: 4 }), sequence: fc.nat(5) }));
    const commands = fc.oneof(
      fc.constant<Command>({ f: 'open-session' }),
      fc.constant(null),
      fc.tuple(key, fc.nat(2), once).map(([k, v, o]) => command('write', k, v, o)),
      fc.tuple(key, fc.tuple(fc.nat(2), fc.nat(2)), once).map(([k, v, o]) => command('cas', k, v, o)),
      fc.tuple(fc.constant('list'), fc.nat(2), once).map(([k, v, o]) => command('append', k, v, o)),
      fc.tuple(fc.constant(COUNTER), fc.nat(2), once).map(([k, v, o]) => command('add', k, v, o)),
      fc
        .tuple(fc.constantFrom<UpdateName>('add', 'remove'), fc.nat(2), once)
        .map(([f, v, o]) => command(f, SET, v, o)),
    );
    fc.assert(
      fc.property(fc.array(commands), fc.array(commands), (before, after) => {
        const original = new AuditedMachine(new SessionStore(2), recording().context);
        const restored = new AuditedMachine(new SessionStore(2), recording().context);
        before.forEach((each, index) => original.apply(index + 1, each));
        restored.restore(original.save());
        after.forEach((each, index) => {
          const at = before.length + index + 1;
          assert.deepEqual(restored.apply(at, each), original.apply(at, each));
        });
        assert.equal(restored.save(), original.save());
      }),
    );
  });

  it('should tell commands from what is none', () => {
    const once = { session: 1, sequence: 1 };
    const good: JsonObject[] = [
      { f: 'open-session' },
      { f: 'cas', key: 'x', value: [1, 2], once },
      { f: 'add', key: COUNTER, value: 1, once },
      { f: 'add', key: SET, value: 'a', once: null },
      { f: 'txn', key: null, value: [['append', 'x', 1]], once },
    ];
    const bad: JsonObject[] = [
      { f: 'cas', key: 'x', value: [1], once: null },
      { f: 'write', key: 'x', value: 1, once: { session: 1 } },
      { f: 'drop', key: 'x', value: 1, once: null },
      { f: 'toString', key: 'x', value: 1, once: null },
      { f: 'add', key: COUNTER, value: 'a', once },
      { f: 'add', key: 'x', value: 1, once },
      { f: 'write', key: SET, value: 1, once },
      { f: 'remove', key: COUNTER, value: 1, once },
      { f: 'txn', key: null, value: [['append', SET, 1]], once },
      { f: 'txn', key: null, value: [['r', 'x', 1]], once },
      { f: 'txn', key: null, value: [], once },
    ];
    for (const each of good) assert.ok(isStoreCommand(each), JSON.stringify(each));
    for (const each of bad) assert.ok(!isStoreCommand(each), JSON.stringify(each));
    assert.ok(!isStoreCommand(undefined));
  });
});

describe('audit of what is applied', () => {
  type Lines = readonly (readonly [string, JsonObject])[];
  const audited = () => {
    const { lines, time, context } = recording();
    return { machine: new AuditedMachine(new SessionStore(10), context), lines, time };
  };
  const applyTo = (machine: AuditedMachine, from: number, to: number, odd = -1): void => {
    for (let index = from; index <= to; index++) {
      machine.apply(index, command('write', 'x', index === odd ? 0 : index));
    }
  };
  const indices = (lines: Lines): Json[] => lines.map(([, { index }]) => index ?? null);

  it('should log a digest of every entry at first, of every 64th at full speed, and where it is asked to, once', () => {
    const { machine, lines, time } = audited();
    applyTo(machine, 1, 200);
    machine.report();
    machine.report();
    const all = Array.from({ length: 32 }, (_, at) => at + 1);
    assert.deepEqual(indices(lines), [...all, 64, 128, 192, 200]);
    assert.ok(lines.every(([event]) => event === 'applied'));
    time.now += 1000;
    applyTo(machine, 201, 202);
    assert.deepEqual(indices(lines).slice(-2), [201, 202]);
  });

  it('should give the same digests for the same entries, over snapshots, and others for ever after another', () => {
    const [one, twin, other] = [audited(), audited(), audited()];
    applyTo(one.machine, 1, 100);
    twin.machine.restore(one.machine.save());
    applyTo(one.machine, 101, 256);
    applyTo(twin.machine, 101, 256);
    applyTo(other.machine, 1, 256, 7);
    const digests = ({ lines }: { readonly lines: Lines }): Map<Json, Json> =>
      new Map(lines.map(([, { index = null, digest = null }]) => [index, digest]));
    const expected = digests(one);
    for (const index of [128, 192, 256]) assert.equal(digests(twin).get(index), expected.get(index));
    for (const [index, digest] of digests(other))
      assert.equal(digest === expected.get(index), Number(index) < 7);
  });

  it('should say so when an entry is left out or comes twice, and not when all come in order', () => {
    const { machine, lines } = audited();
    const complaints = (): Lines => lines.filter(([event]) => event !== 'applied');
    applyTo(machine, 1, 3);
    assert.deepEqual(complaints(), []);
    applyTo(machine, 3, 3);
    applyTo(machine, 5, 5);
    assert.deepEqual(complaints(), [
      ['applied-out-of-order', { index: 3, before: 3 }],
      ['applied-out-of-order', { index: 5, before: 3 }],
    ]);
  });
});
