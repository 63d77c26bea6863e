/** A model made fast: what it answers is what the model answers, and a model's mistakes are found. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { defineModel, models, type Model } from '../../../../checkers/index.ts';
import { recordCalls } from '../../../../checkers/linearizable/record.ts';
import { ILLEGAL, StateMachine } from '../../../../checkers/linearizable/state-machine.ts';
import { oneOf } from '../../../../checkers/models/model.ts';
import type { ModelOperation } from '../../../../checkers/models/operation.ts';
import type { Json } from '../../../../harness/json.ts';
import { alone, history } from '../histories.ts';

const read = (result: Json | undefined): ModelOperation => ({ f: 'read', argument: null, result });
const write = (argument: Json): ModelOperation => ({ f: 'write', argument, result: argument });

/** Any number of sides are possible after a roll. */
const die = defineModel<number>({
  name: 'die',
  summary: 'a die',
  operations: { roll: 'gives it one of so many sides', turn: 'adds one', look: 'gives the side' },
  init: () => 1,
  step(side, { f, argument, result }) {
    if (f === 'roll') return oneOf(Array.from({ length: Number(argument) }, (_, at) => at + 1));
    if (f === 'turn') return side + 1;
    return result === side ? side : undefined;
  },
});
const roll = (sides: number): ModelOperation => ({ f: 'roll', argument: sides, result: sides });
const look = (side: number): ModelOperation => ({ f: 'look', argument: null, result: side });
const TURN: ModelOperation = { f: 'turn', argument: null, result: null };

function after(machine: StateMachine, operations: readonly ModelOperation[]): number {
  return operations.reduce(
    (state, operation) => (state === ILLEGAL ? state : machine.step(state, machine.classOf(operation))),
    machine.initial,
  );
}

describe('StateMachine', () => {
  it('should answer as its model does, and give equal states one number', () => {
    const value = fc.constantFrom<Json>(0, 1, [1], { a: 1, b: 2 }, { b: 2, a: 1 }, '1', null);
    const operation = fc.oneof(value.map(write), value.map(read), fc.constant(read(undefined)));
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
        const machine = new StateMachine(models.register, 0);
        let [state, expected]: [number, unknown] = [machine.initial, 0];
        for (const each of operations) {
          const next = machine.step(state, machine.classOf(each));
          const model = models.register.step(expected, each);
          assert.equal(next === ILLEGAL, model === undefined);
          if (next === ILLEGAL) continue;
          [state, expected] = [next, model];
          assert.deepEqual(machine.valueOf(state), expected);
          assert.equal(machine.stateOf(expected as Json), state);
        }
        assert.equal(machine.hasChoices, false);
      }),
    );
  });

  it('should ask the model for a step once', () => {
    let asked = 0;
    const counted = {
      ...models.register,
      step: (state: unknown, operation: ModelOperation) => {
        asked++;
        return models.register.step(state, operation);
      },
    };
    const machine = new StateMachine(counted, 0);
    after(machine, [write(1), read(1)]);
    const before = asked;
    after(machine, [write(1), read(1)]);
    assert.equal(asked, before);
    after(machine, [write(1), read(2)]);
    assert.ok(asked > before);
  });

  it('should know what is pure, blind and commutes as the model says', () => {
    const machine = new StateMachine(models.counter, 0);
    const [add, more, gives] = [1, 2].map((argument) =>
      machine.classOf({ f: 'add', argument, result: argument }),
    );
    const reads = machine.classOf(read(3));
    assert.equal(gives, undefined);
    assert.deepEqual([machine.isPure(reads), machine.isPure(add ?? 0)], [true, false]);
    assert.deepEqual([machine.commute(add ?? 0, more ?? 0), machine.commute(add ?? 0, reads)], [true, false]);
    const register = new StateMachine(models.register, 0);
    const [writes, found] = [register.classOf(write(1)), register.classOf(read(1))];
    assert.deepEqual([register.isBlind(writes), register.isBlind(found)], [true, false]);
  });

  it('should follow all states that are possible, and say so in words', () => {
    const machine = new StateMachine(die, null);
    const rolled = after(machine, [roll(3)]);
    assert.equal(machine.hasChoices, true);
    assert.equal(machine.valueOf(rolled), undefined);
    assert.equal(machine.describe(rolled), '1, or 2, or 3');
    assert.equal(machine.describe(after(machine, [roll(3), TURN])), '2, or 3, or 4');
    assert.equal(after(machine, [roll(3), look(2)]), machine.stateOf(2));
    assert.equal(after(machine, [roll(3), look(2), look(3)]), ILLEGAL);
    assert.equal(after(machine, [roll(3), look(4)]), ILLEGAL);
    assert.equal(after(machine, [roll(0)]), ILLEGAL);
    assert.equal(after(machine, [roll(1)]), machine.initial);
    assert.equal(after(machine, [roll(3), roll(3)]), rolled);
  });

  it('should give some of the calls the classes of all, except those that answered otherwise', () => {
    const all = recordCalls(
      history(...alone(0, 'write', 1), ...alone(1, 'read', null, 1), ...alone(2, 'write', 1)),
    );
    const machine = new StateMachine(models.register, null);
    const classes = machine.classesOf(all);
    assert.deepEqual([...classes], [classes[0], classes[1], classes[0]]);
    const picked = all.pick([2, 1]);
    machine.share(all, picked, (call) => [2, 1][call] ?? 0);
    assert.deepEqual([...machine.classesOf(picked)], [classes[2], classes[1]]);
    const prefix = all.before(3);
    machine.share(all, prefix, (call) => call);
    const [written, crashed = -1] = machine.classesOf(prefix);
    assert.equal(written, classes[0]);
    assert.notEqual(crashed, classes[1]);
    assert.equal(machine.step(machine.initial, crashed), machine.initial);
    assert.equal(machine.step(machine.initial, classes[1] ?? -1), ILLEGAL);
  });

  it('should not enter states that the model foresees to lead nowhere', () => {
    const list = models['list-append'];
    const append = (argument: Json): ModelOperation => ({ f: 'append', argument, result: argument });
    const operations = [append(1), append(2), { f: 'read', argument: null, result: [2, 1] }];
    const blind = new StateMachine(list, null);
    assert.notEqual(after(blind, [append(1)]), ILLEGAL);
    const foreseeing = new StateMachine(list, null, operations);
    assert.equal(after(foreseeing, [append(1)]), ILLEGAL);
    assert.notEqual(after(foreseeing, [append(2), append(1)]), ILLEGAL);
  });

  it('should name a model that answers one question in two ways, at once or when it is asked again', () => {
    let times = 0;
    const fickle = (period: number): Model => ({
      ...die,
      step: () => (++times % period === 0 ? 7 : 8),
    });
    assert.throws(() => after(new StateMachine(fickle(2), null), [TURN]), {
      name: 'ModelError',
      message: /the model die is not deterministic: in the state 1 it answered "turn" with .* and then with /,
    });
    times = 0;
    const machine = new StateMachine(fickle(3), null);
    after(machine, [TURN]);
    assert.throws(() => {
      machine.recheck();
    }, /not deterministic/);
    const steady = new StateMachine(die, null);
    after(steady, [roll(2), TURN]);
    steady.recheck();
  });

  it('should name a model whose states are not JSON, unless it tells them apart itself', () => {
    const copying: Model = {
      ...die,
      init: () => new Map([['up', 1]]),
      step: (state) => new Map(state as Map<string, number>),
    };
    assert.throws(() => new StateMachine(copying, null), {
      name: 'ModelError',
      message:
        /the model die has a state that is not JSON \(Map\), and no key .* give the model a key\(state\)/,
    });
    const nested: Model = { ...die, init: () => ({ sides: [new Set([1])] }) };
    assert.throws(() => new StateMachine(nested, null), { name: 'ModelError', message: /not JSON/ });
    const keyed: Model = { ...copying, key: (state) => JSON.stringify([...(state as Map<string, number>)]) };
    assert.equal(after(new StateMachine(keyed, null), [TURN]), 0);
    const plain: Model = { ...die, init: () => ({ sides: [[1]], shown: Object.create(null) as Json }) };
    assert.equal(new StateMachine(plain, null).initial, 0);
  });
});
