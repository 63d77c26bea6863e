import assert from 'node:assert/strict';
import {
  liveShrinking,
  nothingToShrink,
  shrunkJson,
  shrunkWords,
} from '../../../harness/cli/shrink-words.ts';
import { madeUp, outcomeOf } from '../explore/scenarios.ts';

const SCENARIO = { ...madeUp('1'), operations: [{ at: 0, thread: 0, f: 'read', value: null }], faults: [] };
const SHRUNK = {
  scenario: SCENARIO,
  outcome: outcomeOf(SCENARIO, 'linearizable'),
  tried: 1234,
  accepted: 56,
  finished: true,
};
const ABOUT = {
  failure: { kind: 'linearizable', summary: 'No order explains it.' },
  file: '/runs/a b/repro.json',
  tookMs: 12_345.6,
};

describe('the words of splitbrain shrink', () => {
  it('should say how far it has come', () => {
    assert.equal(liveShrinking(undefined, 900), 'shrinking: 1 s, running it as it is');
    assert.equal(
      liveShrinking(SHRUNK, 61_000),
      'shrinking: 61 s, 1 client operation, 0 faults and 5 nodes left; 1,234 scenarios tried, 56 taken',
    );
  });

  it('should say what came of it, with the scenario as a table and a command that can be pasted', () => {
    const words = shrunkWords(SHRUNK, ABOUT);
    assert.match(
      words,
      /^Shrunk in 12\.3 s to 1 client operation, 0 faults and 5 nodes; 1,234 scenarios tried/,
    );
    assert.match(words, /linearizable: No order explains it\./);
    assert.match(words, /made-up: workload register/);
    assert.match(words, /npx splitbrain replay '\/runs\/a b\/repro\.json' --trace$/);
    assert.doesNotMatch(words, /longer --budget/);
  });

  it('should say so when there was no time left', () => {
    assert.match(shrunkWords({ ...SHRUNK, finished: false }, ABOUT), /a longer --budget may get further/);
  });

  it('should be the same for machines', () => {
    assert.deepEqual(shrunkJson(SHRUNK, ABOUT), {
      file: ABOUT.file,
      failure: ABOUT.failure,
      operations: 1,
      faults: 0,
      tried: 1234,
      accepted: 56,
      finished: true,
      tookMs: 12_346,
      scenario: SCENARIO,
    });
  });

  it('should tell what does not fail from what nobody knows', () => {
    assert.match(nothingToShrink(outcomeOf(SCENARIO, undefined)), /does not fail in the simulator/);
    const unknown = { ...outcomeOf(SCENARIO, undefined), valid: 'unknown' as const, unknown: 'out of time' };
    assert.match(nothingToShrink(unknown), /Nobody knows whether it fails.*: out of time$/);
  });
});
