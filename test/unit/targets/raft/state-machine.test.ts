/** The state machine: what commands do, what retries do not, and that a snapshot is the whole of it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Json } from '../../../../harness/json.ts';
import {
  isCommand,
  StateMachine,
  type Command,
  type Once,
  type Update,
} from '../../../../targets/raft/state-machine.ts';

const command = (f: Update, key: Json, value: Json, once: Once | null = null): Command => ({
  f,
  key,
  value,
  once,
});

describe('raft state machine', () => {
  it('should write, compare and set, and append', () => {
    const machine = new StateMachine(10);
    assert.deepEqual(machine.apply(1, command('write', 'x', 1)), { ok: true, value: null });
    assert.deepEqual(machine.apply(2, command('cas', 'x', [1, 2])), { ok: true, value: null });
    assert.deepEqual(machine.apply(3, command('cas', 'x', [1, 3])), { ok: false, error: 'cas-mismatch' });
    assert.equal(machine.read('x'), 2);
    assert.deepEqual(machine.apply(4, command('append', 'x', 1)), { ok: false, error: 'not-a-list' });
    assert.deepEqual(machine.apply(5, command('append', 'list', 1)), { ok: true, value: null });
    machine.apply(6, command('append', 'list', 2));
    assert.deepEqual(machine.read('list'), [1, 2]);
  });

  it('should not change a list that a reader already has', () => {
    const machine = new StateMachine(10);
    machine.apply(1, command('append', 'list', 1));
    const seen = machine.read('list');
    machine.apply(2, command('append', 'list', 2));
    assert.deepEqual(seen, [1]);
    assert.deepEqual(machine.read('list'), [1, 2]);
  });

  it('should answer a retry as it answered the first time, and ignore a late one', () => {
    const machine = new StateMachine(10);
    machine.apply(7, { f: 'open-session' });
    const once = (sequence: number): Once => ({ session: 7, sequence });
    const cas = command('cas', 'x', [null, 1], once(1));
    assert.deepEqual(machine.apply(8, cas), { ok: true, value: null });
    assert.deepEqual(machine.apply(9, cas), { ok: true, value: null });
    machine.apply(10, command('write', 'x', 2, once(2)));
    assert.deepEqual(machine.apply(11, command('write', 'x', 1, once(1))), {
      ok: false,
      error: 'stale-sequence',
    });
    assert.equal(machine.read('x'), 2);
  });

  it('should end the session whose last command is furthest back, and no other', () => {
    const machine = new StateMachine(2);
    machine.apply(1, { f: 'open-session' });
    machine.apply(2, { f: 'open-session' });
    machine.apply(3, command('write', 'x', 1, { session: 1, sequence: 1 }));
    machine.apply(4, { f: 'open-session' });
    const write = (session: number): Command => command('write', 'x', 2, { session, sequence: 2 });
    assert.deepEqual(machine.apply(5, write(2)), { ok: false, error: 'session-expired' });
    assert.equal(machine.read('x'), 1);
    assert.deepEqual(machine.apply(6, write(1)), { ok: true, value: null });
    assert.deepEqual(machine.apply(7, write(4)), { ok: true, value: null });
  });

  it('should behave the same after a snapshot, whatever came before and after it', () => {
    const key = fc.constantFrom('x', 'y');
    const once = fc.option(fc.record({ session: fc.integer({ min: 1, max: 4 }), sequence: fc.nat(5) }));
    const commands = fc.oneof(
      fc.constant<Command>({ f: 'open-session' }),
      fc.tuple(key, fc.nat(2), once).map(([k, v, o]) => command('write', k, v, o)),
      fc.tuple(key, fc.tuple(fc.nat(2), fc.nat(2)), once).map(([k, v, o]) => command('cas', k, v, o)),
      fc.tuple(fc.constant('list'), fc.nat(2), once).map(([k, v, o]) => command('append', k, v, o)),
    );
    fc.assert(
      fc.property(fc.array(commands), fc.array(commands), (before, after) => {
        const original = new StateMachine(2);
        const restored = new StateMachine(2);
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
    assert.ok(isCommand({ f: 'cas', key: 'x', value: [1, 2], once: { session: 1, sequence: 1 } }));
    assert.ok(!isCommand({ f: 'cas', key: 'x', value: [1], once: null }));
    assert.ok(!isCommand({ f: 'write', key: 'x', value: 1, once: { session: 1 } }));
    assert.ok(!isCommand({ f: 'drop', key: 'x', value: 1, once: null }));
    assert.ok(!isCommand(undefined));
  });
});
