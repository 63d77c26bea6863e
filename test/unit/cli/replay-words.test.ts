/** What `splitbrain replay` says. */
import assert from 'node:assert/strict';
import {
  comparisonWords,
  failureWords,
  repeatedWords,
  settingsBeyond,
  shareWords,
  type RealRun,
} from '../../../harness/cli/replay-words.ts';
import { DEFAULT_SETTINGS } from '../../../harness/cluster/sim/options.ts';

const earlier = { versions: { splitbrain: '0.0.9', node: '22.22.0' }, complete: true };
const linearizable = { kind: 'linearizable', summary: 'Key 3 is not linearizable.' };
const election = { kind: 'election-safety', summary: 'Two leaders in term 4.' };

describe("replay's words", () => {
  it('should say that a history is the same, and how far', () => {
    const same = { same: true, entries: 1234 } as const;
    assert.deepEqual(comparisonWords(same, earlier), [
      'the same history as on record, byte for byte: 1,234 entries',
    ]);
    const part = comparisonWords({ same: true, entries: 1 }, { ...earlier, complete: false });
    assert.deepEqual(part, ['the same history as on record, as far as that goes: 1 entry']);
  });

  it('should show where a history leaves the one on record, and what may be why', () => {
    const lines = comparisonWords(
      { same: false, entry: 17, before: 'x'.repeat(500), now: undefined },
      earlier,
    );
    const text = lines.join('\n');
    assert.match(
      text,
      /NOT the history on record, from entry 17 on:\n {2}then: x{100,}…\n {2}now: {2}nothing, it ended before/,
    );
    assert.match(text, /splitbrain 0\.0\.9, Node\.js 22\.22\.0/);
  });

  it('should say whether the failure on record shows', () => {
    assert.deepEqual(failureWords(linearizable, linearizable), ['as on record: linearizable fails']);
    assert.match(
      failureWords(linearizable, undefined).join(),
      /^not as on record: linearizable failed then, and does not now,/,
    );
    assert.match(failureWords(linearizable, election).join(), /election-safety fails instead/);
  });

  it('should count failures, and tell when repetitions differ', () => {
    assert.deepEqual(repeatedWords({ runs: 100, failed: 100, same: true }), [
      '100 of 100 runs failed, all with the same history',
    ]);
    assert.match(
      repeatedWords({ runs: 3, failed: 1, same: false }).join(),
      /1 of 3 .*NOT all with the same history/,
    );
  });

  it('should say how often the violation showed elsewhere, and tell others from it', () => {
    const runs: RealRun[] = [
      { valid: false, failure: linearizable },
      { valid: true },
      { valid: false, failure: election },
      { valid: 'unknown' },
      { valid: false, failure: linearizable },
    ];
    assert.equal(
      shareWords(linearizable, runs, 'docker'),
      'The violation (linearizable) showed in 2 of 5 runs on docker; another one in 1; 1 without a verdict',
    );
    assert.equal(
      shareWords(undefined, runs.slice(0, 3), 'process'),
      'A violation showed in 2 of 3 runs on process',
    );
    assert.equal(
      shareWords(linearizable, [{ valid: true }], 'docker'),
      'The violation (linearizable) showed in 0 of 1 run on docker',
    );
  });

  it('should name the settings that only the simulator has', () => {
    assert.deepEqual(settingsBeyond(DEFAULT_SETTINGS), []);
    const delays = [{ from: 'n1', to: 'n2', nth: 3, ms: 40 }];
    assert.deepEqual(settingsBeyond({ ...DEFAULT_SETTINGS, loss: 0.1, delays }).sort(), ['delays', 'loss']);
  });
});
