/**
 * Searches that cannot end well: too hard for the time or the memory, or with a model that is wrong.
 */
import assert from 'node:assert/strict';
import {
  checkLinearizable,
  defineModel,
  models,
  type Algorithm,
  type CheckOptions,
} from '../../../../checkers/index.ts';
import type { History } from '../../../../harness/history/operation.ts';
import type { Json } from '../../../../harness/json.ts';
import { alone, history, type Entry } from '../histories.ts';

const CLIENTS = 30;
const both = (value: number): Json => ['x', 'y'].map((register) => ['w', register, value]);
const sight = (x: number, y: number): Json => [
  ['r', 'x', x],
  ['r', 'y', y],
];

/** Many transactions at once that write two registers, and then a look at these: any of the 2^30 subsets may have come first. */
const hard = (x: number, y: number): History =>
  history(
    ...Array.from({ length: CLIENTS }, (_, client): Entry => [client, 'invoke', 'txn', both(client)]),
    ...Array.from({ length: CLIENTS }, (_, client): Entry => [client, 'ok', 'txn', both(client)]),
    ...alone(CLIENTS, 'txn', sight(x, y)),
  );
const HARD = hard(3, 4);

/** Crashed writes that any later read may have seen, or not, before one stale read: hard for those who tell them all apart. */
const HARD_FOR_WGL = history(
  ...Array.from({ length: 24 }, (_, value): Entry => [100 + value, 'invoke', 'write', value + 1000]),
  ...Array.from({ length: 40 }, (_, value) => alone(0, 'write', value)).flat(),
  ...alone(1, 'read', null, 0),
);

/** So much later a busy machine may end what it began. */
const BUSY_MS = 1000;

async function timed(checked: History, options: Partial<CheckOptions>) {
  const begun = performance.now();
  const result = await checkLinearizable(checked, { model: 'multi-register', ...options });
  return { ...result, elapsedMs: performance.now() - begun };
}

describe('limits of a search', () => {
  it('should not be needed by a history that only looks hard', async () => {
    const { valid } = await timed(hard(CLIENTS - 1, CLIENTS - 1), { timeoutMs: 3000 });
    assert.equal(valid, true);
    const stale = await timed(HARD_FOR_WGL, { model: 'register', algorithm: 'frontier', timeoutMs: 3000 });
    assert.equal(stale.valid, false);
  });

  it('should end when its time is up with what it learnt', async () => {
    const { valid, keys, elapsedMs } = await timed(HARD, { timeoutMs: 2000 });
    const [key] = keys;
    assert.equal(valid, 'unknown');
    assert.ok(elapsedMs > 1800 && elapsedMs < 2000 + BUSY_MS, `${elapsedMs} ms`);
    assert.match(key?.why ?? '', /time was up before all orders were tried/);
    assert.ok(
      key !== undefined && key.explained === CLIENTS && key.configurations > 100,
      JSON.stringify(key),
    );
  });

  for (const algorithm of ['wgl', 'frontier', 'stream'] as const) {
    it(`should hold its time limit by ${algorithm}, too`, async () => {
      const checked = algorithm === 'wgl' ? HARD_FOR_WGL : HARD;
      const model = algorithm === 'wgl' ? 'register' : 'multi-register';
      const { valid, keys, elapsedMs } = await timed(checked, { model, algorithm, timeoutMs: 800 });
      assert.equal(valid, 'unknown');
      assert.equal(keys[0]?.by, algorithm);
      assert.ok(elapsedMs > 720 && elapsedMs < 800 + BUSY_MS, `${elapsedMs} ms`);
    });
  }

  it('should hold the limit in the calling thread too, for a model given as a value', async () => {
    const { valid, elapsedMs } = await timed(HARD, {
      model: { ...models['multi-register'] },
      timeoutMs: 1500,
    });
    assert.equal(valid, 'unknown');
    assert.ok(elapsedMs < 1500 + BUSY_MS, `${elapsedMs} ms`);
  });

  it('should end a model that never answers from outside', async () => {
    const module = new URL('./stuck-model.ts', import.meta.url).href;
    const { valid, keys, elapsedMs } = await timed(HARD_FOR_WGL, { model: { module }, timeoutMs: 600 });
    assert.equal(valid, 'unknown');
    assert.match(keys[0]?.why ?? '', /ended because it did not stop by itself/);
    assert.ok(elapsedMs < 600 + BUSY_MS, `${elapsedMs} ms`);
  });

  for (const algorithm of ['auto', 'frontier', 'stream', 'wgl'] as readonly Algorithm[]) {
    it(`should stop at its memory limit by ${algorithm}`, async () => {
      const { valid, keys, elapsedMs } = await timed(HARD, { algorithm, memoryBytes: 2 ** 20 });
      assert.equal(valid, 'unknown');
      assert.match(keys[0]?.why ?? '', /memory limit/);
      assert.ok(elapsedMs < 10_000, `${elapsedMs} ms`);
    });
  }

  it('should find a violation beside a key that is too hard', async () => {
    const easy = history(...alone(0, 'txn', sight(1, 2)));
    const under = (key: Json, operations: History, from: number): History =>
      operations.map((operation) => ({ ...operation, index: from + operation.index, key }));
    const keys = [...under('hard', HARD, 0), ...under('easy', easy, HARD.length)];
    const { valid, keys: found, elapsedMs } = await timed(keys, { timeoutMs: 20_000 });
    assert.equal(valid, false);
    assert.deepEqual(
      found.map(({ key, valid: of }) => [key, of]),
      [
        ['hard', 'unknown'],
        ['easy', false],
      ],
    );
    assert.match(found[0]?.why ?? '', /another key is not linearizable/);
    assert.ok(elapsedMs < 2500, `${elapsedMs} ms: a settled verdict should not use up the time limit`);
  });

  it('should decide easy keys beside one that is too hard', async () => {
    const under = (key: Json, operations: History, from: number): History =>
      operations.map((operation) => ({ ...operation, index: from + operation.index, key }));
    const easy = history(...alone(0, 'txn', both(1)), ...alone(0, 'txn', sight(1, 1)));
    const keys = [...under('hard', HARD, 0), ...under('easy', easy, HARD.length)];
    const { valid, keys: found, elapsedMs } = await timed(keys, { timeoutMs: 1000 });
    assert.equal(valid, 'unknown');
    assert.deepEqual(
      found.map(({ key, valid: of }) => [key, of]),
      [
        ['hard', 'unknown'],
        ['easy', true],
      ],
    );
    assert.ok(elapsedMs > 900 && elapsedMs < 1100, `${elapsedMs} ms`);
  });
});

describe('a model that is wrong', () => {
  const RECORDED = history(...alone(0, 'push', 1), ...alone(0, 'push', 2));
  const stack = defineModel<readonly Json[]>({
    name: 'my-stack',
    summary: 'a stack',
    operations: { push: 'adds' },
    init: () => [],
    step: (items, { argument }) => [...items, argument],
  });

  it('should be accepted when it is right', async () => {
    assert.equal((await checkLinearizable(RECORDED, { model: stack })).valid, true);
  });

  it('should be named when it throws', async () => {
    const throwing = {
      ...stack,
      step: () => {
        throw new RangeError('out of cheese');
      },
    };
    const { valid, keys } = await checkLinearizable(RECORDED, { model: throwing });
    assert.equal(valid, 'unknown');
    assert.match(keys[0]?.why ?? '', /step of the model my-stack threw for .*"f":"push".*: out of cheese/);
  });

  it('should be named when it changes the state that it was given', async () => {
    const step = (items: unknown, { argument }: { argument: Json }): unknown => {
      (items as Json[]).push(argument);
      return items;
    };
    const frozen = await checkLinearizable(RECORDED, { model: { ...stack, step } });
    assert.equal(frozen.valid, 'unknown');
    assert.match(frozen.keys[0]?.why ?? '', /step of the model my-stack threw .*not extensible/);
    const key = (items: unknown): string => JSON.stringify(items);
    const compared = await checkLinearizable(RECORDED, {
      model: { ...stack, step, key, init: () => new Opaque() },
    });
    assert.equal(compared.valid, 'unknown');
    assert.match(
      compared.keys[0]?.why ?? '',
      /my-stack changed the state that it was given to answer "push 1"/,
    );
  });

  it('should be named when it throws before the search', async () => {
    const pure = (): boolean => {
      throw new Error('no idea');
    };
    const crashed = history([0, 'invoke', 'push', 1]);
    const { valid, why } = await checkLinearizable(crashed, { model: { ...stack, pure } });
    assert.equal(valid, 'unknown');
    assert.match(why ?? '', /pure of the model my-stack threw .*no idea/);
  });
});

/** A list of a kind that the search cannot freeze. */
class Opaque extends Array<Json> {}
