/**
 * Searches that cannot end well: too hard for the time or the memory, or with a model that is wrong.
 */
import assert from 'node:assert/strict';
import { checkLinearizable, defineModel, models, type Model } from '../../../../checkers/index.ts';
import type { Json } from '../../../../harness/json.ts';
import { alone, history, type Entry } from '../histories.ts';

/** Crashed writes that any later read may have seen, or not, before one stale read: 2^24 subsets to rule out. */
const HARD = history(
  ...Array.from({ length: 24 }, (_, value): Entry => [100 + value, 'invoke', 'write', value + 1000]),
  ...Array.from({ length: 40 }, (_, value) => alone(0, 'write', value)).flat(),
  ...alone(1, 'read', null, 0),
);

async function timed(model: string | Model | { module: string }, timeoutMs: number, hard = HARD) {
  const begun = performance.now();
  const result = await checkLinearizable(hard, { model, timeoutMs });
  return { ...result, elapsedMs: performance.now() - begun };
}

describe('limits of a search', () => {
  it('should end within a tenth of its time with what it learnt', async () => {
    const { valid, keys, elapsedMs } = await timed('register', 3000);
    const [key] = keys;
    assert.equal(valid, 'unknown');
    assert.ok(elapsedMs > 2700 && elapsedMs < 3300, `${elapsedMs} ms`);
    assert.match(key?.why ?? '', /time was up before all orders were tried/);
    assert.ok(key !== undefined && key.explained === 40 && key.configurations > 1000, JSON.stringify(key));
  });

  it('should hold the limit in the calling thread too, for a model given as a value', async () => {
    const { valid, elapsedMs } = await timed({ ...models.register }, 300);
    assert.equal(valid, 'unknown');
    assert.ok(elapsedMs < 600, `${elapsedMs} ms`);
  });

  it('should end a model that never answers from outside', async () => {
    const module = new URL('./stuck-model.ts', import.meta.url).href;
    const { valid, keys, elapsedMs } = await timed({ module }, 600);
    assert.equal(valid, 'unknown');
    assert.match(keys[0]?.why ?? '', /ended because it did not stop by itself/);
    assert.ok(elapsedMs < 900, `${elapsedMs} ms`);
  });

  it('should stop at its memory limit', async () => {
    const { valid, keys } = await checkLinearizable(HARD, { model: 'register', memoryBytes: 2 ** 20 });
    assert.equal(valid, 'unknown');
    assert.match(keys[0]?.why ?? '', /memory limit/);
  });

  it('should find a violation beside a key that is too hard', async () => {
    const easy = [...alone(0, 'write', 1), ...alone(0, 'read', null, 2)];
    const keys = [
      ...HARD.map((operation) => ({ ...operation, key: 'hard' })),
      ...history(...easy).map((operation) => ({
        ...operation,
        index: HARD.length + operation.index,
        key: 'easy',
      })),
    ];
    const { valid, keys: found, elapsedMs } = await timed('register', 20_000, keys);
    assert.equal(valid, false);
    assert.deepEqual(
      found.map(({ key, valid: of }) => [key, of]),
      [
        ['hard', 'unknown'],
        ['easy', false],
      ],
    );
    assert.ok(elapsedMs < 2500, `${elapsedMs} ms: a settled verdict should not use up the time limit`);
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
