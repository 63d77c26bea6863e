/** The tree as a state machine: what commands do, what comes of a session, what retries do not, and that a snapshot is the whole of it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Json } from '../../../../harness/json.ts';
import type { TreeCommand, TreeQuery } from '../../../../targets/coordination/requests.ts';
import { Tree } from '../../../../targets/coordination/tree.ts';
import type { Outcome } from '../../../../targets/replicated-log/state-machine.ts';

/** A tree, and clients that number their commands. */
class Subject {
  readonly tree = new Tree();
  #index = 0;
  readonly #sequences = new Map<number, number>();

  apply(command: TreeCommand | null): Outcome {
    return this.tree.apply(++this.#index, command);
  }

  open(): number {
    return Number(valueOf(this.apply({ f: 'open-session', ttlMs: 1000 })));
  }

  create(session: number, path: string, kind: 'plain' | 'ephemeral' | 'sequential' = 'plain'): Outcome {
    const [ephemeral, sequential] = [kind !== 'plain', kind === 'sequential'];
    return this.apply({
      f: 'create',
      session,
      sequence: this.next(session),
      path,
      data: null,
      ephemeral,
      sequential,
    });
  }

  set(session: number, path: string, data: Json, version: number | null = null): Outcome {
    const sequence = this.next(session);
    return this.apply({ f: 'set', session, sequence, path, data, version, create: false });
  }

  delete(session: number, path: string, version: number | null = null): Outcome {
    return this.apply({ f: 'delete', session, sequence: this.next(session), path, version });
  }

  next(session: number): number {
    const sequence = (this.#sequences.get(session) ?? 0) + 1;
    this.#sequences.set(session, sequence);
    return sequence;
  }

  ask(query: TreeQuery): Json {
    return valueOf(this.tree.read(query));
  }

  get(path: string): Json {
    return this.ask({ f: 'get', session: null, path });
  }

  names(path: string): Json[] {
    const children = this.ask({ f: 'children', session: null, path }) as { name: string }[];
    return children.map(({ name }) => name);
  }

  change(path: string, since: number | null): Json {
    return this.ask({ f: 'change', session: null, path, since });
  }
}

function valueOf(outcome: Outcome): Json {
  return outcome.ok ? outcome.value : assert.fail(outcome.error);
}

const errorOf = (outcome: Outcome): string | undefined => (outcome.ok ? undefined : outcome.error);

describe('tree of the coordination service', () => {
  let subject: Subject;
  let session: number;
  beforeEach(() => {
    subject = new Subject();
    session = subject.open();
  });

  it('should make nodes, and those above them that are not there', () => {
    assert.deepEqual(valueOf(subject.create(session, '/a/b')), { path: '/a/b', zxid: 2 });
    assert.deepEqual(subject.get('/a'), { data: null, version: 0, czxid: 2, mzxid: 2, owner: null });
    assert.deepEqual(subject.names('/a'), ['b']);
    assert.deepEqual(subject.names('/b'), []);
    assert.equal(subject.get('/b'), null);
    assert.equal(errorOf(subject.create(session, '/a/b')), 'node-exists');
  });

  it('should count versions, and change on condition of one', () => {
    subject.create(session, '/a');
    assert.deepEqual(valueOf(subject.set(session, '/a', 'x')), { version: 1, zxid: 3 });
    assert.equal(errorOf(subject.set(session, '/a', 'y', 0)), 'bad-version');
    assert.deepEqual(valueOf(subject.set(session, '/a', 'y', 1)), { version: 2, zxid: 5 });
    assert.equal(errorOf(subject.delete(session, '/a', 1)), 'bad-version');
    assert.deepEqual(valueOf(subject.delete(session, '/a', 2)), { zxid: 7 });
    assert.equal(errorOf(subject.delete(session, '/a')), 'no-node');
    assert.equal(errorOf(subject.set(session, '/a', 'z')), 'no-node');
  });

  it('should not delete a node that has others under it, nor the root', () => {
    subject.create(session, '/a/b');
    assert.equal(errorOf(subject.delete(session, '/a')), 'not-empty');
    assert.equal(errorOf(subject.delete(session, '')), 'no-node');
    subject.delete(session, '/a/b');
    assert.equal(errorOf(subject.delete(session, '/a')), undefined);
  });

  it('should make a node that is set though it is not there, if that is asked for', () => {
    const set = (data: Json): Outcome =>
      subject.apply({
        f: 'set',
        session,
        sequence: subject.next(session),
        path: '/a/b',
        data,
        version: null,
        create: true,
      });
    assert.deepEqual(valueOf(set(1)), { version: 0, zxid: 2 });
    assert.deepEqual(valueOf(set(2)), { version: 1, zxid: 3 });
  });

  it('should number sequential nodes under one parent, and never twice', () => {
    const name = (path: string): Json => valueOf(subject.create(session, path, 'sequential'));
    assert.deepEqual(name('/a/x-'), { path: '/a/x-0000000000', zxid: 2 });
    assert.deepEqual(name('/a/y-'), { path: '/a/y-0000000001', zxid: 3 });
    subject.delete(session, '/a/y-0000000001');
    assert.deepEqual(name('/a/x-'), { path: '/a/x-0000000002', zxid: 5 });
    assert.deepEqual(name('/b/x-'), { path: '/b/x-0000000000', zxid: 6 });
    subject.create(session, '/a/x-0000000003');
    assert.equal(errorOf(subject.create(session, '/a/x-', 'sequential')), 'node-exists');
    assert.deepEqual(name('/a/x-'), { path: '/a/x-0000000004', zxid: 9 });
  });

  it('should have ephemeral nodes go with their session, and no others', () => {
    const other = subject.open();
    subject.create(session, '/a/mine', 'ephemeral');
    subject.create(session, '/a/stays');
    subject.create(other, '/a/theirs', 'ephemeral');
    subject.create(session, '/a/gone', 'ephemeral');
    subject.delete(other, '/a/gone');
    assert.equal(errorOf(subject.create(session, '/a/mine/child')), 'ephemeral-parent');
    assert.equal(errorOf(subject.apply({ f: 'expire-session', session })), undefined);
    assert.deepEqual(subject.names('/a'), ['stays', 'theirs']);
    assert.equal(errorOf(subject.create(session, '/a/late', 'ephemeral')), 'session-expired');
    assert.equal(errorOf(subject.apply({ f: 'close-session', session })), 'session-expired');
    assert.equal(errorOf(subject.apply({ f: 'close-session', session: other })), undefined);
    assert.deepEqual(subject.names('/a'), ['stays']);
  });

  it('should answer questions in a session only while it lives', () => {
    const ask = (f: 'session' | 'get'): Outcome => subject.tree.read({ f, session, path: '/a' });
    assert.deepEqual([ask('session').ok, ask('get').ok], [true, true]);
    assert.deepEqual(subject.ask({ f: 'sessions' }), [[session, 1000]]);
    subject.apply({ f: 'expire-session', session });
    assert.deepEqual([errorOf(ask('session')), errorOf(ask('get'))], ['session-expired', 'session-expired']);
    assert.deepEqual(subject.ask({ f: 'sessions' }), []);
  });

  it('should answer a command that comes again as it did the first time, and ignore a late one', () => {
    const create = (sequence: number): Outcome =>
      subject.apply({
        f: 'create',
        session,
        sequence,
        path: '/a/x-',
        data: null,
        ephemeral: true,
        sequential: true,
      });
    const first = create(1);
    assert.deepEqual(create(1), first);
    assert.deepEqual(subject.names('/a'), ['x-0000000000']);
    assert.equal(create(2).ok, true);
    assert.equal(errorOf(create(1)), 'stale-sequence');
    assert.deepEqual(subject.names('/a'), ['x-0000000000', 'x-0000000001']);
  });

  it('should tell of the first change after a zxid, and of none that is not later', () => {
    subject.create(session, '/a');
    assert.equal(subject.change('/a', 2), null);
    subject.set(session, '/a', 1);
    subject.set(session, '/a', 2);
    assert.deepEqual(subject.change('/a', 2), { type: 'changed', zxid: 3, version: 1 });
    assert.deepEqual(subject.change('/a', 3), { type: 'changed', zxid: 4, version: 2 });
    assert.equal(subject.change('/a', 4), null);
    assert.equal(subject.change('/b', null), null);
    assert.deepEqual(subject.change('/a', null), { type: 'created', zxid: 2, version: 0 });
    subject.delete(session, '/a');
    assert.deepEqual(subject.change('/a', 4), { type: 'deleted', zxid: 5, version: null });
    assert.equal(subject.change('/a', null), null);
  });

  it('should forget no more than old changes of a node that is set again and again', () => {
    subject.create(session, '/a');
    for (let count = 0; count < 1000; count++) subject.set(session, '/a', count);
    assert.deepEqual(subject.change('/a', 1000), { type: 'changed', zxid: 1001, version: 999 });
    const oldest = subject.change('/a', 2) as { zxid: number; version: number };
    assert.equal(oldest.zxid - oldest.version, 2);
    assert.ok(oldest.version > 1);
  });

  it('should behave the same after a snapshot, whatever came before and after it', () => {
    const path = fc.constantFrom('/a', '/a/x', '/a/y', '/b', '/b/x');
    const common = {
      session: fc.integer({ min: 1, max: 4 }),
      sequence: fc.integer({ min: 1, max: 6 }),
      path,
    };
    const version = fc.option(fc.integer({ min: 0, max: 2 }));
    const command = fc.oneof(
      fc.record({ f: fc.constant('open-session'), ttlMs: fc.constant(1000) }),
      fc.record({ f: fc.constantFrom('close-session', 'expire-session'), session: common.session }),
      fc.record({
        f: fc.constant('create'),
        ...common,
        data: fc.integer(),
        ephemeral: fc.boolean(),
        sequential: fc.boolean(),
      }),
      fc.record({ f: fc.constant('set'), ...common, data: fc.integer(), version, create: fc.boolean() }),
      fc.record({ f: fc.constant('delete'), ...common, version }),
    );
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 30 }),
        fc.array(command, { maxLength: 10 }),
        (before, after) => {
          const original = new Tree();
          // There are sessions from the start, or few commands would do anything.
          const opened = [1, 2].map(() => ({ f: 'open-session', ttlMs: 1000 }));
          for (const [index, each] of [...opened, ...before].entries()) original.apply(index + 1, each);
          const restored = new Tree();
          restored.restore(original.save());
          assert.equal(restored.save(), original.save());
          for (const [index, each] of after.entries()) {
            const at = before.length + opened.length + index + 1;
            assert.deepEqual(restored.apply(at, each), original.apply(at, each));
          }
          assert.equal(restored.save(), original.save());
        },
      ),
    );
  });
});
