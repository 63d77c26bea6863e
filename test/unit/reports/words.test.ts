/** What decides a run, and in which order its problems are told. */
import assert from 'node:assert/strict';
import { isDecisive, problemsOf, totalsOf } from '../../../reports/words.ts';
import { sampleRecord } from '../../fixtures/run-record.ts';

describe('words of the reports', () => {
  it('should put problems that decide first, then the harness, then those that do not', () => {
    const { results } = sampleRecord({ valid: false });
    const found = problemsOf({ ...results, harnessProblems: [{ title: 'engine gone', explanation: '' }] });
    assert.deepEqual(
      found.map(({ foundBy }) => foundBy),
      ['linearizable', 'linearizable', 'harness', 'availability'],
    );
  });

  it('should count a check as decisive unless all claims on it are beyond the faults', () => {
    const { results } = sampleRecord({ valid: true });
    const decisive = Object.fromEntries(
      results.checks.map((check) => [check.checker, isDecisive(check, results)]),
    );
    assert.deepEqual(decisive, {
      linearizable: true,
      'election-safety': true,
      stats: true,
      availability: false,
    });
    const second = { property: 'p', checker: 'availability', valid: false, claimed: 'yes' } as const;
    const availability = results.checks.find((check) => check.checker === 'availability');
    assert(availability);
    assert.equal(isDecisive(availability, { ...results, claims: [...results.claims, second] }), true);
  });

  it('should add up outcomes over all functions', () => {
    const counts = { read: { ok: 1, fail: 2, info: 3 }, write: { ok: 10, fail: 20, info: 30 } };
    assert.deepEqual(totalsOf(counts), { ok: 11, fail: 22, info: 33, all: 66 });
  });
});
