/** What `splitbrain check` says about many files, and on the way. */
import assert from 'node:assert/strict';
import { CheckProgress } from '../../../harness/cli/check-progress.ts';
import { checkLinearizable, type Algorithm } from '../../../checkers/index.ts';
import { atLength, runBriefly, summaryOfAll, type Summed } from '../../../harness/cli/check-words.ts';
import type { Validity } from '../../../harness/history/checker.ts';
import type { CheckResult } from '../../../harness/run/results.ts';
import { alone, history, type Entry } from '../checkers/histories.ts';

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

describe('one result', () => {
  interface Asked {
    readonly path?: string;
    readonly algorithm?: Algorithm;
  }
  const inWords = async (
    entries: readonly Entry[],
    { path = 'x.jsonl', algorithm = 'auto' }: Asked = {},
  ): Promise<string> => {
    const result = await checkLinearizable(history(...entries), {
      model: 'register',
      algorithm,
      explainMs: 1000,
    });
    const { valid } = result;
    return atLength({ path, format: 'jsonl', notes: [], consistency: 'linearizable', valid, result });
  };
  const LOST = [...alone(0, 'write', 1), ...alone(0, 'write', 2), ...alone(1, 'read', null, 1)];
  const KEPT = [...alone(0, 'write', 1), ...alone(0, 'write', 2), ...alone(1, 'read', null, 2)];

  it('should show the few operations that are impossible by themselves, and where the longest order ends', async () => {
    const text = await inWords(LOST);
    assert.match(text, /^x\.jsonl: NOT linearizable\n/);
    assert.match(text, /The history is not linearizable\. These \d operations are impossible/);
    assert.match(text, /\n {2}Impossible by themselves:\n.*process.*\n {2}✗ {2}0 {8}write 1/);
    assert.match(
      text,
      /\n {2}Where the longest order ends:\n[^]* {2}✗ {2}1 +read → 1 +4–5 +not allowed in the state 2$/,
    );
    const kept = await inWords(KEPT);
    assert.match(kept, /^x\.jsonl: linearizable\n {2}Linearizable: 3 operations/);
    assert.doesNotMatch(kept, /Impossible|longest/);
  });

  it('should say why nobody decided it, with no table that has no rows', async () => {
    const twice = [...alone(0, 'write', 1), ...alone(0, 'write', 1), ...alone(1, 'read', null, 1)];
    const text = await inWords(twice, { algorithm: 'monitor' });
    assert.match(
      text,
      /^ {2}Undecided: no monitor applies \(register-zones: .*\) \(model register, 3 operations\)\.$/m,
    );
    assert.doesNotMatch(text, /process|would help/);
    assert.match(await inWords(twice, { algorithm: 'frontier' }), /^x\.jsonl: linearizable\n/);
  });

  it('should call standard input by its name', async () => {
    assert.match(await inWords(KEPT, { path: '-' }), /^standard input: linearizable\n/);
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
