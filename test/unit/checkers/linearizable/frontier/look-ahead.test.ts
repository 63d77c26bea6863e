/**
 * What the whole history tells about one value: by whom it is left, until when it is needed, and which calls come to the same.
 */
import assert from 'node:assert/strict';
import { checkLinearizable, models } from '../../../../../checkers/index.ts';
import type { LookAhead } from '../../../../../checkers/linearizable/frontier/look-ahead.ts';
import { Timeline } from '../../../../../checkers/linearizable/frontier/timeline.ts';
import { recordCalls } from '../../../../../checkers/linearizable/record.ts';
import { StateMachine } from '../../../../../checkers/linearizable/state-machine.ts';
import type { Json } from '../../../../../harness/json.ts';
import { createRandom } from '../../../../../harness/random.ts';
import { randomHistory } from '../../../../fuzz/random-history.ts';
import { alone, history, type Entry } from '../../histories.ts';
import { isLinearizable } from '../oracle.ts';
import { SUBJECTS } from '../subjects.ts';

const OPTIONS = { eager: true, hiding: true, crashCounts: true };

interface Ahead {
  readonly look: LookAhead;
  readonly state: (value: Json) => number;
}

/** What is known ahead of a history of a register, with compare-and-set, that begins with 0. */
function ahead(entries: readonly Entry[], lookAhead = true): Ahead {
  const machine = new StateMachine(models['cas-register'], 0);
  const calls = recordCalls(history(...entries));
  const timeline = new Timeline(calls, machine, { ...OPTIONS, lookAhead });
  return { look: timeline.ahead, state: (value) => machine.stateOf(value) };
}

const crashed = (process: number, f: string, argument: Json): Entry[] => [[process, 'invoke', f, argument]];

describe('LookAhead', () => {
  it('should let nobody overwrite a value that is written once before its last reader is invoked', () => {
    const entries = [
      ...alone(0, 'write', 1),
      ...alone(1, 'read', null, 1),
      ...alone(1, 'read', null, 1),
      ...alone(0, 'write', 2),
      ...alone(1, 'read', null, 2),
    ];
    const { look, state } = ahead(entries);
    const write2 = look.classes[3] ?? -1;
    // The last reader is invoked when two calls have returned.
    assert.deepEqual(
      [0, 1, 2, 3].map((position) => look.admits(state(1), write2, position)),
      [false, false, true, true],
    );
    const twice = ahead([...entries, ...alone(0, 'write', 1)]);
    assert.equal(twice.look.admits(twice.state(1), twice.look.classes[3] ?? -1, 0), true);
    const off = ahead(entries, false);
    assert.equal(off.look.admits(off.state(1), off.look.classes[3] ?? -1, 0), true);
  });

  it('should let a value be left only by the one that needs it and changes it', () => {
    const entries = [...alone(0, 'write', 1), ...alone(1, 'cas', [1, 2]), ...alone(0, 'write', 3)];
    const { look, state } = ahead([...entries, ...alone(1, 'read', null, 3), ...alone(1, 'read', null, 2)]);
    const [, cas = -1, write3 = -1] = look.classes;
    assert.deepEqual([look.admits(state(1), cas, 5), look.admits(state(1), write3, 5)], [true, false]);
    const without = ahead([...alone(0, 'write', 1), ...alone(0, 'write', 3), ...alone(1, 'read', null, 3)]);
    assert.equal(without.look.admits(without.state(1), without.look.classes[1] ?? -1, 5), true);
  });

  it('should take calls for one class if what they leave makes no difference', () => {
    const { look } = ahead([
      ...alone(0, 'write', 1),
      ...alone(0, 'write', 2),
      ...alone(0, 'write', 3),
      ...crashed(2, 'write', 4),
      ...crashed(3, 'write', 5),
      ...alone(1, 'read', null, 3),
    ]);
    const [one, two, three, four, five] = look.classes;
    assert.equal(one, two);
    assert.notEqual(one, three);
    assert.equal(four, five);
    assert.notEqual(one, four);
  });

  it('should not take them for one where some call needs the value to be another', () => {
    const writes = [...alone(0, 'write', 1), ...alone(0, 'write', 2)];
    const lacks = ahead([...writes, ...alone(1, 'cas', [1, 7], false)]).look;
    assert.notEqual(lacks.classes[0], lacks.classes[1]);
    assert.equal(lacks.isOnce(lacks.classes[0] ?? -1), false);
    const other = ahead([...writes, ...alone(1, 'cas', [3, 7], false)]).look;
    assert.equal(other.classes[0], other.classes[1]);
    const none = ahead(writes).look;
    assert.equal(none.classes[0], none.classes[1]);
    assert.equal(none.isOnce(none.classes[0] ?? -1), true);
  });

  it('should spend a value once all who needed it have been invoked, unless somebody may still change it', () => {
    const reads = [...alone(0, 'write', 1), ...alone(1, 'read', null, 1), ...alone(0, 'write', 2)];
    const { look, state } = ahead([...reads, ...alone(1, 'read', null, 2)]);
    assert.equal(look.normal(state(1), 0), state(1));
    assert.notEqual(look.normal(state(1), 1), state(1));
    const changed = ahead([...crashed(5, 'cas', [1, 3]), ...reads, ...alone(1, 'read', null, 2)]);
    assert.equal(changed.look.normal(changed.state(1), 1), changed.state(1));
    const lacked = ahead([...reads, ...alone(1, 'cas', [1, 3], false)]);
    assert.equal(lacked.look.normal(lacked.state(1), 1), lacked.state(1));
  });

  it('should not call it no loss to have written a value that a crashed call may still change', () => {
    const entries = [...alone(0, 'write', 1), ...alone(1, 'read', null, 1)];
    const certain = ahead(entries).look;
    assert.equal(certain.isOnce(certain.classes[0] ?? -1), true);
    const doubtful = ahead([...crashed(2, 'cas', [1, 2]), ...entries, ...alone(1, 'read', null, 2)]).look;
    assert.equal(doubtful.isOnce(doubtful.classes[1] ?? -1), false);
  });

  it('should not call it no loss where some call needs a value to be absent, which a write still to come can make so', async () => {
    const tried: readonly Entry[] = [
      [3, 'invoke', 'write', 0],
      [2, 'invoke', 'cas', [0, 1]],
      [3, 'ok', 'write', 0],
      ...alone(1, 'read', null, 0),
      [2, 'ok', 'cas', [0, 1]],
    ];
    for (const [last, expected] of [
      [alone(3, 'cas', [0, 0], false), true],
      [alone(3, 'read', null, 2), false],
    ] as const) {
      for (const algorithm of ['frontier', 'stream'] as const) {
        const entries = history(...tried, ...last);
        const { valid } = await checkLinearizable(entries, { model: 'cas-register', init: 0, algorithm });
        assert.equal(valid, expected, algorithm);
      }
    }
  });

  it('should let a write be hidden unless nobody else writes its value and a completed call found it', () => {
    const hideable = (...entries: Entry[]): boolean => {
      const { look } = ahead([...alone(0, 'write', 1), ...entries]);
      return look.isHideable(look.classes[0] ?? -1);
    };
    const found = alone(1, 'read', null, 1);
    assert.equal(hideable(...found), false);
    assert.equal(hideable(...alone(1, 'cas', [1, 2])), false);
    assert.equal(hideable(), true);
    assert.equal(hideable(...alone(1, 'read', null, 2)), true);
    assert.equal(hideable(...crashed(2, 'cas', [1, 2])), true);
    assert.equal(hideable(...found, ...crashed(2, 'write', 1)), true);
    assert.equal(ahead([...alone(0, 'write', 1), ...found], false).look.isHideable(0), true);
  });

  it('should try first what nobody needs later, then what the call needs that returns next', () => {
    const entries = [
      ...alone(0, 'write', 1),
      ...alone(1, 'cas', [1, 2]),
      ...alone(0, 'write', 3),
      ...alone(1, 'read', null, 2),
      ...alone(1, 'read', null, 3),
    ];
    const rounds = (look: LookAhead, call: number, returning: number): number[] => {
      const [tried = -1, next = -1] = [look.classes[call], look.classes[returning]];
      return [0, 1, 2, 3, 4].map((position) => look.roundOf(tried, next, position));
    };
    const { look } = ahead(entries);
    // What write 1 leaves is changed to 2, and that is read when three calls have returned.
    assert.deepEqual(rounds(look, 0, 4), [2, 2, 2, 0, 0]);
    assert.deepEqual(rounds(look, 0, 1), [1, 1, 1, 0, 0]);
    assert.deepEqual(rounds(look, 0, 0), [1, 1, 1, 0, 0]);
    assert.deepEqual(rounds(look, 2, 3), [2, 2, 2, 2, 0]);
    const { look: uncertain } = ahead([...crashed(5, 'cas', [2, 4]), ...entries]);
    assert.deepEqual(rounds(uncertain, 1, 5), [2, 2, 2, 2, 2]);
    const { look: ring } = ahead([
      ...alone(0, 'cas', [1, 2]),
      ...alone(1, 'cas', [2, 1]),
      ...alone(1, 'read', null, 0),
    ]);
    assert.deepEqual(rounds(ring, 0, 2), [2, 2, 2, 2, 2]);
    assert.deepEqual(rounds(ahead(entries, false).look, 0, 4), [0, 0, 0, 0, 0]);
  });

  it('should know the return that no order gets past, because what is needed was certainly gone or never there', () => {
    const reads = (found: Json): Entry[] => [
      ...alone(0, 'write', 1),
      ...alone(1, 'read', null, 1),
      ...alone(1, 'read', null, found),
      ...alone(1, 'read', null, 1),
    ];
    assert.equal(ahead(reads(7)).look.barrier, 2);
    assert.equal(ahead(reads(1)).look.barrier, Infinity);
    assert.equal(ahead([...reads(7), ...alone(0, 'write', 7)]).look.barrier, 2);
    assert.equal(ahead([...crashed(3, 'cas', [1, 7]), ...reads(7).slice(0, -2)]).look.barrier, Infinity);
    // 0 was there at first, and has been overwritten and found so; unless it may be written once more.
    assert.equal(ahead(reads(0)).look.barrier, 2);
    const again = [...crashed(3, 'write', 0), ...reads(0)];
    assert.equal(ahead(again.slice(0, -2)).look.barrier, Infinity);
    assert.equal(ahead(again).look.barrier, 3);
    // Nobody has seen yet that it is overwritten: the write may take effect after the read.
    const beside: Entry[] = [[0, 'invoke', 'write', 1], ...alone(1, 'read', null, 0), [0, 'ok', 'write', 1]];
    assert.equal(ahead(beside).look.barrier, Infinity);
    assert.equal(ahead(reads(7), false).look.barrier, Infinity);
  });

  it('should know nothing of an object that does not describe its operations', () => {
    const machine = new StateMachine(models['fifo-queue'], null);
    const calls = recordCalls(history(...alone(0, 'enqueue', 1), ...alone(0, 'dequeue', null, 1)));
    const { ahead: look } = new Timeline(calls, machine, { ...OPTIONS, lookAhead: true });
    const [enqueue = -1] = look.classes;
    assert.deepEqual([look.isOnce(enqueue), look.barrier], [false, Infinity]);
    assert.equal(look.normal(machine.initial, 0), machine.initial);
    assert.equal(look.admits(machine.initial, enqueue, 0), true);
  });

  for (const name of ['register', 'cas-register', 'kv, registers']) {
    it(`should change how much is tried and not what is found: ${name}`, async () => {
      const subject = SUBJECTS[name];
      assert.ok(subject !== undefined);
      const { model, init } = subject;
      let fewer = 0;
      const verdicts = new Set<unknown>();
      for (let number = 0; number < 150; number++) {
        const entries = randomHistory(subject, createRandom(`ahead ${name} ${number}`));
        const options = { model, init, algorithm: 'stream', explain: false } as const;
        const on = await checkLinearizable(entries, options);
        const off = await checkLinearizable(entries, { ...options, without: ['look-ahead'] });
        assert.equal(on.valid, isLinearizable(entries, model, init));
        assert.equal(off.valid, on.valid);
        if (on.configurations < off.configurations) fewer++;
        verdicts.add(on.valid);
      }
      assert.ok(fewer > 10, `it saved something ${fewer} times`);
      assert.equal(verdicts.size, 2);
    });
  }
});
