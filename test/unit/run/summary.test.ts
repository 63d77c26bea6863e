import assert from 'node:assert/strict';
import type { Validity } from '../../../harness/history/checker.ts';
import type { CheckResult, ClaimResult, RunResults } from '../../../harness/run/results.ts';
import { summarize } from '../../../harness/run/summary.ts';
import { sampleRecord } from '../../fixtures/run-record.ts';

const { plan, results } = sampleRecord({ valid: true, operations: 10 });

const check = (checker: string, valid: Validity): CheckResult => ({
  checker,
  valid,
  summary: `${checker} says ${valid}.`,
  problems: [],
  tookMs: 1,
});

const claim = (checker: string, valid: Validity, claimed: 'yes' | 'no' = 'yes'): ClaimResult => ({
  property: `${checker} thing`,
  checker,
  valid,
  claimed,
});

const nothing: RunResults = { ...results, checks: [], claims: [], faults: [], harnessProblems: [] };
const fault = (confirmed: boolean): RunResults['faults'][number] => ({
  family: 'kill',
  kind: 'one',
  description: 'n1 killed',
  nodes: ['n1'],
  start: 0,
  confirmed,
  evidence: '',
  healed: true,
  healEvidence: '',
});

describe('summary of a run', () => {
  it('should name the promises that were kept, and how many faults are known to have held', () => {
    const run: RunResults = {
      ...nothing,
      valid: true,
      claims: [claim('a', true), claim('b', true), claim('c', true, 'no')],
      faults: [fault(true), fault(false), fault(true)],
    };
    assert.equal(
      summarize(plan, run),
      `${plan.targetName} kept its promises (a thing, b thing) under 2 confirmed faults.`,
    );
    assert.equal(
      summarize(plan, { ...run, claims: [], faults: [] }),
      `${plan.targetName} kept its promises with nothing broken on purpose.`,
    );
  });

  it('should say of a broken variant that passes how to go on, and of nothing else', () => {
    const run: RunResults = { ...nothing, valid: true };
    const hint =
      /^The mistake did not show; other seeds may show it .*\. \w+ \(broken variant v\) kept its promises/;
    assert.match(summarize({ ...plan, variant: 'v' }, run), hint);
    assert.doesNotMatch(summarize(plan, run), /mistake/);
    assert.doesNotMatch(summarize({ ...plan, variant: 'v' }, { ...run, valid: false }), /did not show/);
  });

  it('should name the promise that was broken, and what the check on it says', () => {
    const run: RunResults = {
      ...nothing,
      valid: false,
      claims: [claim('a', false, 'no'), claim('b', false)],
      checks: [check('a', false), check('b', false)],
      faults: [fault(true)],
    };
    assert.equal(
      summarize({ ...plan, variant: 'v' }, run),
      `${plan.targetName} (broken variant v) broke its promise "b thing" under 1 confirmed fault. b says false.`,
    );
    const stopped = { checker: 'b', operation: 412, time: 3.2e9, why: '' };
    assert.match(
      summarize(plan, { ...run, stopped }),
      /under 1 confirmed fault and was stopped after 3\.2 s\. b/,
    );
    const both = { ...run, claims: [claim('a', false), claim('b', false)] };
    assert.match(summarize(plan, both), /broke its promises "a thing" and "b thing" .* a says false\.$/);
  });

  it('should name the check that failed where no promise rests on it', () => {
    const run: RunResults = {
      ...nothing,
      valid: false,
      claims: [claim('a', true)],
      checks: [check('a', true), check('log-patterns', false)],
    };
    assert.match(summarize(plan, run), /failed the check "log-patterns" .* log-patterns says false\.$/);
  });

  it('should say why there is no verdict', () => {
    const unknown: RunResults = { ...nothing, valid: 'unknown' };
    const why = (run: Partial<RunResults>): string => summarize(plan, { ...unknown, ...run });
    assert.match(
      why({ harnessProblems: [{ title: 'No', explanation: 'engine' }], checks: [check('a', 'unknown')] }),
      /^No verdict on \S+: No: engine$/,
    );
    assert.match(why({ checks: [check('b', true), check('a', 'unknown')] }), /: a says unknown\.$/);
    const doubted = { ...fault(false), evidence: 'nothing seen' };
    assert.match(
      why({ faults: [doubted, fault(true), doubted] }),
      /: the fault kill:one at 0 ms was injected, and no probe saw that it holds: nothing seen \(and 1 more\)\.$/,
    );
    assert.match(why({ faults: [{ ...doubted, masked: true }] }), /: no fault was confirmed\.$/);
    assert.match(why({}), /: no fault was injected\.$/);
  });
});
