/** What is said of a result: which problem comes first, and how many keys were left. */
import assert from 'node:assert/strict';
import {
  type KeyResult,
  type LinearizableResult,
  type OperationEvidence,
  problemsOf,
  summaryOf,
} from '../../../../checkers/linearizable/result.ts';

const OPERATION: OperationEvidence = { process: 0, text: 'read → 1', invoked: 0, returned: 1 };

/** A key that is wrong, as so many operations show by themselves; 0 when no such were found. */
const wrong = (key: number, core: number): KeyResult => ({
  key,
  valid: false,
  why: null,
  by: 'frontier',
  completed: 9,
  crashed: 0,
  explained: 3,
  linearization: [],
  last: [],
  state: '',
  stuck: [],
  prefix: null,
  core: Array.from({ length: core }, () => OPERATION),
  coreIsMinimal: true,
  reason: null,
  window: null,
  configurations: 1,
});

const resultOf = (...keys: readonly KeyResult[]): LinearizableResult => ({
  valid: false,
  model: 'register',
  algorithm: 'auto',
  why: null,
  operations: 40,
  configurations: 1,
  tookMs: 1,
  keys,
});

describe('result of a check', () => {
  it('should name first what the fewest operations show, and last what none show by themselves', () => {
    const problems = problemsOf(resultOf(wrong(1, 0), wrong(2, 9), wrong(3, 2), wrong(4, 2)));
    assert.deepEqual(
      problems.map(({ title }) => title),
      [3, 4, 2, 1].map((key) => `Key ${key} is not linearizable`),
    );
  });

  it('should count the keys that were left', () => {
    const left: KeyResult = { ...wrong(5, 0), valid: 'unknown', why: 'no time' };
    assert.match(summaryOf(resultOf(wrong(1, 2), left)), /on 1 of 2 keys; 1 was left undecided/);
    assert.match(summaryOf(resultOf(wrong(1, 2), left, left)), /on 1 of 3 keys; 2 were left undecided/);
    assert.doesNotMatch(summaryOf(resultOf(wrong(1, 2))), /left/);
  });
});
