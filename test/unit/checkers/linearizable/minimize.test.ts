/**
 * Leaving out calls: what remains still fails, nothing more can be left out, and no call loses what it rests on.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { defineModel, models, type Model } from '../../../../checkers/index.ts';
import type { Calls } from '../../../../checkers/linearizable/calls.ts';
import { Clusters } from '../../../../checkers/linearizable/clusters.ts';
import { Minimizer } from '../../../../checkers/linearizable/minimize.ts';
import { recordCalls } from '../../../../checkers/linearizable/record.ts';
import { StateMachine } from '../../../../checkers/linearizable/state-machine.ts';
import type { Json } from '../../../../harness/json.ts';
import { alone, history, type Entry } from '../histories.ts';

function recorded(entries: readonly Entry[], model: Model, init?: Json) {
  const calls = recordCalls(history(...entries));
  return { calls, machine: new StateMachine(model, init) };
}

const all = (calls: Calls): number[] => Array.from({ length: calls.length }, (_, call) => call);

function groups(entries: readonly Entry[], model: Model, init?: Json): number[][] {
  const { calls, machine } = recorded(entries, model, init);
  return new Clusters(calls, machine, all(calls)).groups();
}

const enqueue = (value: Json): Entry[] => alone(0, 'enqueue', value);
const dequeue = (value: Json): Entry[] => alone(1, 'dequeue', null, value);

describe('Clusters', () => {
  const { 'fifo-queue': queue, 'cas-register': cas } = models;

  it('should put calls together that have to do with one value', () => {
    const entries = [
      ...enqueue(1),
      ...enqueue({ a: 1 }),
      ...dequeue(1),
      ...dequeue(null),
      ...dequeue({ a: 1 }),
    ];
    assert.deepEqual(groups(entries, queue), [[0, 2], [1, 4], [3]]);
    // Elements that were there at first cannot be left out.
    assert.deepEqual(groups(entries, queue, [1]), [[1, 4], [3]]);
  });

  it('should join the values that one call connects', () => {
    const writes = [...alone(0, 'write', 1), ...alone(0, 'write', 2), ...alone(0, 'write', 3)];
    assert.deepEqual(groups(writes, cas), [[0], [1], [2]]);
    assert.deepEqual(groups([...writes, ...alone(1, 'cas', [1, 3])], cas), [[0, 2, 3], [1]]);
    const both = [...writes, ...alone(1, 'cas', [1, 3]), ...alone(1, 'cas', [3, 2])];
    assert.deepEqual(groups(both, cas), [[0, 1, 2, 3, 4]]);
  });

  it('should leave all together where a call has to do with all values, or nobody says with which', () => {
    const writes = [...alone(0, 'write', 1), ...alone(0, 'write', 2)];
    assert.deepEqual(groups([...writes, ...alone(1, 'cas', [5, 6], false)], cas), [[0, 1, 2]]);
    const silent = defineModel<Json>({ ...models.register, concerns: () => undefined } as Model<Json>);
    assert.deepEqual(groups(writes, silent), [[0, 1]]);
    assert.deepEqual(groups(writes, models.register), [[0], [1]]);
  });
});

describe('Minimizer', () => {
  const VALUES = 40;
  const entries = [
    ...Array.from({ length: VALUES }, (_, value) => enqueue(value)).flat(),
    ...Array.from({ length: VALUES }, (_, value) => dequeue(value)).flat(),
  ];
  const { calls, machine } = recorded(entries, models['fifo-queue']);
  const never = (): boolean => false;

  it('should keep the clusters that fail together, and nothing else', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(VALUES - 1), { minLength: 1, maxLength: 4 }), (guilty) => {
        const fails = (kept: readonly number[]): boolean =>
          guilty.every((value) => kept.includes(VALUES + value));
        const minimizer = new Minimizer(calls, machine, fails);
        const { core, coreIsMinimal } = minimizer.minimize(all(calls), never);
        assert.deepEqual(new Set(core), new Set(guilty.flatMap((value) => [value, VALUES + value])));
        assert.deepEqual(
          core,
          core.toSorted((a, b) => a - b),
        );
        assert.equal(coreIsMinimal, true);
      }),
    );
  });

  it('should say that it has found nothing where nothing fails, or the time is up', () => {
    const nothing = { core: [], coreIsMinimal: false };
    assert.deepEqual(new Minimizer(calls, machine, never).minimize(all(calls), never), nothing);
    let asked = 0;
    const found = new Minimizer(calls, machine, () => true).minimize(all(calls), () => ++asked > 1);
    assert.equal(found.coreIsMinimal, false);
    assert.ok(found.core.length > 0);
  });

  it('should leave out calls that change nothing one by one', () => {
    const reads = [
      ...alone(0, 'write', 1),
      ...Array.from({ length: 20 }, () => alone(1, 'read', null, 1)).flat(),
    ];
    const register = recorded(reads, models.register);
    const fails = (kept: readonly number[]): boolean =>
      kept.includes(0) && kept.includes(7) && kept.includes(11);
    const minimizer = new Minimizer(register.calls, register.machine, fails);
    assert.deepEqual(minimizer.minimize(all(register.calls), never), {
      core: [0, 7, 11],
      coreIsMinimal: true,
    });
  });
});
