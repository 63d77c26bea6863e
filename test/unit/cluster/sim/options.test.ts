/** Settings of the simulator, as plans and files have them. */
import assert from 'node:assert/strict';
import { DEFAULT_SETTINGS, drawMs, parseSettings } from '../../../../harness/cluster/sim/options.ts';
import { UsageError } from '../../../../harness/errors.ts';
import { createRandom } from '../../../../harness/random.ts';

describe('simulator: settings', () => {
  it('should be as usual where nothing else is said', () => {
    assert.deepEqual(parseSettings(undefined), DEFAULT_SETTINGS);
    assert.deepEqual(parseSettings({ loss: 0.5 }), { ...DEFAULT_SETTINGS, loss: 0.5 });
  });

  for (const [what, settings, message] of [
    ['no object', 5, /^plan: Invalid input: expected object/],
    ['an unknown field', { lossy: 1 }, /^plan: Unrecognized key: "lossy"$/],
    ['a share above 1', { loss: 2 }, /^plan: loss: .*<=1$/],
    [
      'a time below 0',
      { delays: [{ from: 'n1', to: 'n2', nth: 0, ms: -1 }] },
      /^plan: delays\.0\.ms: .*>=0$/,
    ],
    ['no distribution', { latencyMs: 5 }, /^plan: latencyMs: expected \{ constant \}, \{ uniform: /],
  ] as const) {
    it(`should be refused with ${what}, by the name of the field`, () => {
      assert.throws(
        () => parseSettings(settings, 'plan'),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }

  it('should draw as they say', () => {
    const draws = (from: Parameters<typeof drawMs>[0]): number[] => {
      const random = createRandom(1);
      return Array.from({ length: 1000 }, () => drawMs(from, random));
    };
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    assert.deepEqual([...new Set(draws({ constant: 3 }))], [3]);
    const uniform = draws({ uniform: [2, 4] });
    assert.ok(uniform.every((ms) => ms >= 2 && ms < 4) && Math.abs(mean(uniform) - 3) < 0.1);
    const exponential = draws({ exponential: { least: 1, mean: 10 } });
    assert.ok(exponential.every((ms) => ms >= 1) && Math.abs(mean(exponential) - 11) < 1);
    assert.ok(Math.max(...exponential) > 40);
  });
});
