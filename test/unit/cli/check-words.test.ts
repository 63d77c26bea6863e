/** What `splitbrain check` says about many files, and on the way. */
import assert from 'node:assert/strict';
import { CheckProgress } from '../../../harness/cli/check-progress.ts';
import { runBriefly, summaryOfAll, type Summed } from '../../../harness/cli/check-words.ts';
import type { Validity } from '../../../harness/history/checker.ts';
import type { CheckResult } from '../../../harness/run/results.ts';

function some(count: number, valid: Validity | undefined): Summed[] {
  return Array.from({ length: count }, (_, index) => ({ path: `${String(valid)}-${index}`, valid }));
}

describe('many results', () => {
  it('should be summed up in a line', () => {
    assert.equal(summaryOfAll(some(3, true)), '3 files: 3 linearizable');
    const all = [...some(1, true), ...some(2, false), ...some(1, 'unknown'), ...some(1, undefined)];
    assert.equal(summaryOfAll(all), '5 files: 1 linearizable, 2 NOT, 1 unknown, 1 not read');
  });

  it('should be named after what was asked', () => {
    assert.equal(
      summaryOfAll([...some(2, true), ...some(1, false)], 'sequential'),
      '3 files: 2 sequentially consistent, 1 NOT',
    );
    assert.equal(summaryOfAll(some(3, true), '2-atomic'), '3 files: 3 2-atomic');
  });

  it('should have those that need a look named again when there are more than a screen shows', () => {
    const lines = summaryOfAll([...some(118, true), ...some(1, false), ...some(1, 'unknown')]).split('\n');
    assert.deepEqual(lines, [
      '120 files: 118 linearizable, 1 NOT, 1 unknown',
      '  NOT       false-0',
      '  unknown   unknown-0',
    ]);
    assert.equal(summaryOfAll(some(100, false)).split('\n').at(-1), '  … and 92 more');
    assert.equal(summaryOfAll(some(100, true)).split('\n').length, 1);
  });

  it('should tell of a run which checkers are not content', () => {
    const check = (checker: string, valid: Validity): CheckResult => ({
      checker,
      valid,
      summary: '',
      problems: [],
      tookMs: 0,
    });
    const run = { directory: 'store/x', notes: [] };
    assert.equal(
      runBriefly({ ...run, valid: true, checks: [check('stats', true)] }),
      'PASS              store/x  (1 checkers)',
    );
    assert.equal(
      runBriefly({ ...run, valid: false, checks: [check('stats', true), check('linearizable', false)] }),
      'FAIL              store/x  (linearizable)',
    );
  });
});

describe('progress of checks', () => {
  const terminal = { isTTY: false, write: () => assert.fail('nobody watches') };

  it('should tell of one file how many keys are decided', () => {
    const progress = new CheckProgress(1, 60_000, terminal);
    progress.begin('x.log');
    assert.equal(progress.line(3000), 'x.log: searching, 3.0 s of at most 1 m 00 s');
    progress.reporter('x.log')({ parts: 9, decided: 4, invalid: 1 });
    assert.equal(
      progress.line(3000),
      'x.log: 4 of 9 keys decided, 1 not linearizable, 3.0 s of at most 1 m 00 s',
    );
  });

  it('should tell of several how many are done', () => {
    const progress = new CheckProgress(3, 60_000, terminal);
    progress.begin('x.log');
    progress.begin('y.log');
    progress.finish('x.log');
    assert.equal(progress.line(3000), '1 of 3 files, 3.0 s; y.log: searching');
  });
});
