/** The terminal summary: one screen whatever happened, colours only when asked for. */
import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import type { Validity } from '../../../harness/history/checker.ts';
import type { RunRecord } from '../../../harness/run/reporter.ts';
import { terminalSummary } from '../../../reports/terminal.ts';
import { sampleRecord } from '../../fixtures/run-record.ts';

const VALIDITIES: readonly Validity[] = [true, false, 'unknown'];
const plain = { colour: false, width: 100, directory: 'store/raft/latest' } as const;

/** A record in which everything is too long and there is too much of it. */
function excessive(): RunRecord {
  const record = sampleRecord({ valid: false, operations: 500 });
  const long = 'an explanation that goes on and on '.repeat(40);
  const claims = Array.from({ length: 30 }, (_, place) => ({
    property: `${long} ${place}`,
    checker: 'linearizable',
    valid: false as const,
    claimed: 'yes' as const,
  }));
  const counts = Object.fromEntries(
    Array.from({ length: 30 }, (_, place) => [`function-${place}`, { ok: 1, fail: 1, info: 1 }]),
  );
  const problems = [{ title: long, explanation: long }];
  const checks = [{ checker: 'linearizable', valid: false as const, summary: long, problems, tookMs: 1 }];
  const stopped = { checker: 'linearizable', operation: 412, time: 3.2e9, why: long };
  const notes = [long, long];
  return { ...record, results: { ...record.results, summary: long, claims, counts, checks, stopped, notes } };
}

describe('terminal summary', () => {
  for (const valid of VALIDITIES) {
    it(`should fit on a screen and begin with the verdict of a run that is ${valid}`, () => {
      const lines = terminalSummary(sampleRecord({ valid }), plain).split('\n');
      assert(lines.length <= 24, `${lines.length} lines`);
      assert(lines.every((line) => line.length <= 100));
      assert(lines[0]?.startsWith({ true: 'PASS', false: 'FAIL', unknown: 'UNKNOWN' }[String(valid)] ?? ''));
    });
  }

  it('should stay within 24 lines and the width when there is too much of everything', () => {
    for (const width of [40, 80, 100]) {
      const lines = terminalSummary(excessive(), { ...plain, width }).split('\n');
      assert(lines.length <= 24, `${lines.length} lines`);
      const overlong = lines.filter(
        (line) => line.length > width && !line.startsWith('Repeat') && !line.startsWith('Report'),
      );
      assert.deepEqual(overlong, []);
    }
  });

  it('should use colours only when asked for, and change nothing else', () => {
    const record = sampleRecord({ valid: false });
    const without = terminalSummary(record, plain);
    const coloured = terminalSummary(record, { ...plain, colour: true });
    assert(!without.includes('\u001b'));
    assert(coloured.includes('\u001b[1;31mFAIL'));
    assert.equal(stripVTControlCharacters(coloured), without);
  });

  it('should tell the first problem that decides, the faults by family and the way to the report', () => {
    const text = terminalSummary(sampleRecord({ valid: false }), plain);
    assert.match(text, /^Problem +Stale read of key \d \(1 of 3\), found by linearizable$/m);
    assert.match(text, /^Faults +partition 3, 3 confirmed; kill 2, 2 confirmed; pause 1, 1 confirmed$/m);
    assert.match(text, /^Report +store\/raft\/latest\/report\.html$/m);
  });

  it('should say that a run was stopped early and why, and what did not follow it; nothing of that otherwise', () => {
    const record = sampleRecord({ valid: false });
    assert.doesNotMatch(terminalSummary(record, plain), /^(Stopped|Note)/m);
    const why = 'key 7 fails the check "linearizable" up to index 412';
    const stopped = { checker: 'linearizable', operation: 412, time: 3.2e9, why };
    const results = { ...record.results, stopped, notes: ['One did not.', 'Nor did another.'] };
    const text = terminalSummary({ ...record, results }, plain);
    assert.match(text, /^Stopped +at 3\.2 s: key 7 fails the check "linearizable" up to index 412$/m);
    assert.match(text, /^Note +One did not\. \(1 of 2\)$/m);
  });

  it('should print a command that can be pasted: the wrapped lines joined are the command', () => {
    const record = sampleRecord({ valid: true });
    const text = terminalSummary(record, plain);
    const command = text.slice(text.indexOf('Repeat') + 'Repeat'.length);
    assert.equal(command.replaceAll(/ \\\n\s+/g, ' ').trim(), record.plan.command);
    assert.match(command, /\\\n/, 'the sample is long enough to be wrapped');
  });
});
