/** Simulator settings as they are typed. */
import assert from 'node:assert/strict';
import { DEFAULT_SETTINGS } from '../../../../harness/cluster/sim/options.ts';
import { settingsFromText } from '../../../../harness/cluster/sim/settings-text.ts';
import { UsageError } from '../../../../harness/errors.ts';

describe('simulator: settings as text', () => {
  it('should read every form, and leave the rest as usual', () => {
    const read = settingsFromText('--sim', 'latency=exp:0.2+20, sync=1..20,read=3,timers=exp:4,loss=0.01');
    assert.deepEqual(read, {
      ...DEFAULT_SETTINGS,
      latencyMs: { exponential: { least: 0.2, mean: 20 } },
      syncMs: { uniform: [1, 20] },
      readMs: { constant: 3 },
      timerLatenessMs: { exponential: { least: 0, mean: 4 } },
      loss: 0.01,
    });
  });

  for (const text of [
    '',
    'latency',
    'latency=',
    'latency=fast',
    'latency=2..1',
    'latency=exp:',
    'loss=exp:1',
    'speed=1',
  ])
    it(`should refuse "${text}", and say what is expected`, () => {
      assert.throws(
        () => settingsFromText('--sim', text),
        (error) => error instanceof UsageError && /^--sim: expected .* got "/.test(error.message),
      );
    });

  it('should refuse a share above one', () => {
    assert.throws(() => settingsFromText('--sim', 'loss=2'), UsageError);
  });
});
