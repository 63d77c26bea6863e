/**
 * What models declare about their operations (pure, blind, commuting, the model of one key) against what their steps
 * do: in every state that the fuzz test's operations lead to, for every pair of them.
 */
import assert from 'node:assert/strict';
import { Choice, describeOperation, stateKey, type Model } from '../../../../checkers/models/model.ts';
import type { ModelOperation } from '../../../../checkers/models/operation.ts';
import { canonical, type Json } from '../../../../harness/json.ts';
import { createRandom } from '../../../../harness/random.ts';
import { SUBJECTS, type Subject } from '../linearizable/subjects.ts';
import { op } from './steps.ts';

const OPERATIONS = 40;
const STATES_MAX = 100;

/** One model of the subject, what is asked of it, and states that this leads to. */
interface Explored {
  readonly name: string;
  readonly model: Model;
  readonly operations: readonly ModelOperation[];
  readonly states: readonly unknown[];
}

/** Operations as the fuzz test draws them: with few values, with unlike ones, and crashed. */
function operationsOf({ draws, model, product = model, init }: Subject): ModelOperation[] {
  const random = createRandom('declarations');
  const initial = [product.init(init)];
  const drawn = Array.from({ length: OPERATIONS }, (_, at) => {
    const value = at % 2 === 0 ? () => random.int(3) : () => at;
    const { f, argument, key, results } = random.pick(draws)(value, random);
    return [undefined, ...results(initial)].map((result) => op(f, argument, result, key));
  }).flat();
  return [...new Map(drawn.map((operation) => [nameOf(operation), operation])).values()];
}

const nameOf = ({ f, argument, result, key = null }: ModelOperation): string =>
  canonical([f, argument, result === undefined ? [] : [result], key]);

function statesAfter(model: Model, state: unknown, operation: ModelOperation): readonly unknown[] {
  const after = model.step(state, operation);
  if (after instanceof Choice) return after.states as readonly unknown[];
  return after === undefined ? [] : [after];
}

/** The first states that the operations lead to, breadth first. */
function statesOf(model: Model, init: Json, operations: readonly ModelOperation[]): unknown[] {
  const initial = model.init(init);
  const found = new Map([[canonical(initial as Json), initial]]);
  for (const state of found.values()) {
    for (const operation of operations) {
      for (const after of statesAfter(model, state, operation)) {
        if (found.size < STATES_MAX) found.set(canonical(after as Json), after);
      }
    }
  }
  return [...found.values()];
}

function explored(): Explored[] {
  return Object.entries(SUBJECTS).flatMap(([name, subject]) => {
    const { model, init } = subject;
    const operations = operationsOf(subject);
    const whole = { name, model, operations, states: statesOf(model, init, operations) };
    const one = model.perKey?.('x', init);
    if (one === undefined) return [whole];
    const ofKey = operations.filter(({ key }) => key === 'x');
    return [
      whole,
      { name: `${name}, one key`, model: one, operations: ofKey, states: statesOf(one, init, ofKey) },
    ];
  });
}

describe('what models declare', () => {
  const all = explored();

  it('should hold of pure operations: they change no state', () => {
    const checked = countSteps(all, ({ model }, state, operation, after) => {
      if (model.pure?.(operation) !== true) return false;
      assert.ok(
        after.every((next) => next === stateKey(model, state)),
        `${model.name}: ${describeOperation(model, operation)}`,
      );
      return true;
    });
    assert.ok(checked > 1000, `only ${checked} steps`);
  });

  it('should hold of blind operations: they are always allowed and lead to one state', () => {
    const targets = new Map<string, string | number | undefined>();
    const checked = countSteps(all, ({ name, model }, _state, operation, after) => {
      if (model.blind?.(operation) !== true) return false;
      const told = `${name}: ${describeOperation(model, operation)}`;
      assert.equal(after.length, 1, told);
      const known = targets.get(`${name} ${nameOf(operation)}`) ?? after[0];
      assert.equal(after[0], known, told);
      targets.set(`${name} ${nameOf(operation)}`, after[0]);
      return true;
    });
    assert.ok(checked > 1000, `only ${checked} steps`);
  });

  it('should hold of commuting operations: both orders lead to the same, or neither is allowed', () => {
    let checked = 0;
    for (const { name, model, operations, states } of all) {
      for (const [a, b] of pairsOf(operations)) {
        const commute = model.commutes?.(a, b) ?? false;
        assert.equal(model.commutes?.(b, a) ?? false, commute, 'one order of asking is as good as the other');
        if (!commute) continue;
        for (const state of states) {
          const told = `${name}: ${describeOperation(model, a)}, ${describeOperation(model, b)}`;
          assert.deepEqual(both(model, state, a, b), both(model, state, b, a), told);
          checked++;
        }
      }
    }
    assert.ok(checked > 10_000, `only ${checked} pairs`);
  });

  it('should have keys that tell states apart', () => {
    for (const { name, model, states } of all) {
      const keys = new Set(states.map((state) => stateKey(model, state)));
      assert.equal(keys.size, states.length, name);
    }
  });
});

/** Asks about all steps; the answer is how many were of interest. */
function countSteps(
  all: readonly Explored[],
  ask: (
    of: Explored,
    state: unknown,
    operation: ModelOperation,
    after: readonly (string | number)[],
  ) => boolean,
): number {
  let count = 0;
  for (const of of all) {
    for (const operation of of.operations) {
      for (const state of of.states) {
        const after = statesAfter(of.model, state, operation).map((next) => stateKey(of.model, next));
        if (ask(of, state, operation, after)) count++;
      }
    }
  }
  return count;
}

function* pairsOf<T>(items: readonly T[]): Generator<readonly [T, T]> {
  for (const [at, item] of items.entries()) {
    for (const other of items.slice(at)) yield [item, other];
  }
}

/** The keys of the states after one operation and then the other. */
function both(model: Model, state: unknown, first: ModelOperation, second: ModelOperation): unknown[] {
  return statesAfter(model, state, first)
    .flatMap((between) => statesAfter(model, between, second))
    .map((after) => stateKey(model, after))
    .sort();
}

describe('the model of one key', () => {
  const kv = Object.entries(SUBJECTS).filter(([, { model }]) => model.perKey !== undefined);

  for (const [name, subject] of kv) {
    it(`should do what the whole does under that key: ${name}`, () => {
      const { model, init } = subject;
      const one = model.perKey?.('x', init);
      assert.ok(one !== undefined);
      const operations = operationsOf(subject).filter(({ key }) => key === 'x');
      const random = createRandom(name);
      const initial = one.init();
      const absentKey = canonical(initial as Json);
      let allowed = 0;
      for (let walk = 0; walk < 300; walk++) {
        let state = initial;
        let whole = model.init(init);
        for (let length = 0; length < 6; length++) {
          const operation = random.pick(operations);
          const next: unknown = one.step(state, operation);
          const nextWhole: unknown = model.step(whole, operation);
          assert.equal(next === undefined, nextWhole === undefined, describeOperation(model, operation));
          if (next === undefined || nextWhole === undefined) continue;
          state = next;
          whole = nextWhole;
          allowed++;
          const words = one.describeState?.(state) ?? '';
          if (canonical(state as Json) !== absentKey)
            assert.ok(model.describeState?.(whole).includes(words), words);
        }
      }
      assert.ok(allowed > 300, `only ${allowed} steps`);
    });
  }
});
