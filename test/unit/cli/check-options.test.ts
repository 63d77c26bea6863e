/** What may be typed after `splitbrain check`, and what makes no sense. */
import assert from 'node:assert/strict';
import { optionsOf, type CheckArguments } from '../../../harness/cli/check-options.ts';

const options = (given: Partial<CheckArguments>): ReturnType<typeof optionsOf> =>
  optionsOf({ consistency: 'linearizable', key: 'field', timeout: '60s', ...given });

const refused = (given: Partial<CheckArguments>, message: RegExp): void =>
  assert.throws(() => options(given), { name: 'UsageError', message });

describe('options of a check', () => {
  it('should be read in their units', () => {
    const asked = options({ timeout: '2m', memory: '0.5GiB', init: '{"x":0}' });
    assert.deepEqual([asked.timeoutMs, asked.memoryBytes, asked.init], [120_000, 2 ** 29, { x: 0 }]);
    const staleness = options({ consistency: 'staleness', maxStaleness: '50ms' });
    assert.ok(staleness.consistency === 'staleness' && staleness.maxStalenessNs === 50e6);
    const strict = options({ consistency: 'staleness' });
    assert.ok(strict.consistency === 'staleness' && strict.maxStalenessNs === 0);
  });

  it('should be refused where they are malformed', () => {
    refused({ timeout: 'soon' }, /--timeout: "soon" is no duration; expected something like 500ms/);
    refused({ timeout: '0s' }, /--timeout: nothing can be checked in no time/);
    refused({ memory: 'much' }, /--memory: "much" is no size/);
    refused({ consistency: 'staleness', maxStaleness: 'old' }, /--max-staleness: "old" is no duration/);
    refused({ format: 'papyrus' }, /papyrus/);
    refused({ init: '{"x":' }, /--init: \{"x": is no JSON; expected something like 0, unlocked/);
    assert.equal(options({ init: 'unlocked' }).init, 'unlocked');
  });

  it('should be refused where they say nothing to what is asked', () => {
    refused(
      { maxStaleness: '1s' },
      /--max-staleness says nothing to --consistency linearizable, only to staleness/,
    );
    refused(
      { consistency: 'sessions', algorithm: 'wgl' },
      /--algorithm says nothing to --consistency sessions/,
    );
    refused({ consistency: '2-atomic', witness: true }, /--witness .*, only to linearizable and sequential/);
    refused({ consistency: 'staleness', memory: '1GB' }, /--memory says nothing to --consistency staleness/);
    assert.equal(options({ consistency: 'sequential', memory: '1GB', witness: true }).memoryBytes, 2 ** 30);
    assert.equal(options({ algorithm: 'wgl' }).consistency, 'linearizable');
  });

  it('should be refused where they contradict each other', () => {
    refused({ consistency: 'sessions', model: 'fifo-queue' }, /is about registers .*, not about fifo-queue/);
    assert.equal(options({ consistency: 'sessions', model: 'kv' }).model, 'kv');
    assert.equal(options({ consistency: 'sequential', model: 'fifo-queue' }).model, 'fifo-queue');
    refused({ consistency: 'sequential', key: 'none' }, /--key none: --consistency sequential always/);
    refused({ onlyKey: '7', key: 'none' }, /--only-key: --key none says/);
    assert.equal(options({ onlyKey: '7', key: 'tuple' }).onlyKey, '7');
  });
});
