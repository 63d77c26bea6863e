import assert from 'node:assert/strict';
import type { Validity } from '../../../harness/history/checker.ts';
import type { RunResults } from '../../../harness/run/results.ts';
import type { ExplorationReport, FoundFailure } from '../../../reports/exploration.ts';
import { outcomeOfSearch, outcomeOfTest } from '../../mutants/outcome.ts';

function found(kind: string, after: number): FoundFailure {
  return { kind, summary: '', seed: '7', after, directory: 'gone', command: '' };
}

function search(finds: readonly FoundFailure[], more: Partial<ExplorationReport> = {}): string {
  const report: ExplorationReport = {
    valid: finds.length === 0,
    targetName: 'store',
    jobs: 2,
    seeds: { first: 100, last: 111 },
    runs: 12,
    simulatedMs: 1,
    elapsedMs: 61_234,
    behaviours: 1,
    failures: Object.fromEntries(finds.map(({ kind }) => [kind, 2])),
    unknown: 1,
    operations: 1,
    thin: 2,
    interrupted: false,
    unknownReasons: [],
    found: finds,
    ...more,
  };
  return JSON.stringify(report);
}

const read =
  (...failing: string[]) =>
  (): RunResults =>
    results(false, failing);

function results(valid: Validity, failing: readonly string[], unclaimed: readonly string[] = []): RunResults {
  const check = (checker: string): RunResults['checks'][number] => ({
    checker,
    valid: false,
    summary: '',
    problems: [],
    tookMs: 1,
  });
  return {
    valid,
    summary: '',
    checks: [...failing, ...unclaimed].map(check),
    claims: unclaimed.map((checker) => ({ property: '', checker, valid: false, claimed: 'no' })),
    faults: [],
    counts: {},
    durationNs: 1,
    harnessProblems: [],
  };
}

describe('outcomeOfSearch', () => {
  const about = { seed: 100, caughtBy: 'agreement' };

  it('should be a find when the right checker stopped the search, and name the others', () => {
    assert.deepEqual(outcomeOfSearch(search([found('agreement', 9)]), about, read('agreement', 'progress')), {
      seed: 100,
      found: true,
      by: ['agreement', 'progress'],
      runs: 9,
      failed: 2,
      notJudged: 3,
      seconds: 61.2,
    });
  });

  it('should be no find when another checker stopped it, or none did', () => {
    const other = outcomeOfSearch(search([found('progress', 9)]), about, read('progress'));
    assert.deepEqual([other.found, other.by, other.runs], [false, ['progress'], 12]);
    const none = outcomeOfSearch(search([]), about);
    assert.deepEqual([none.found, none.by, none.failed], [false, [], 0]);
  });

  it('should be a find when the right checker fails in the run that another stopped', () => {
    const outcome = outcomeOfSearch(
      search([found('linearizable', 9)]),
      about,
      read('linearizable', 'agreement'),
    );
    assert.deepEqual([outcome.found, outcome.by, outcome.runs], [true, ['linearizable', 'agreement'], 9]);
  });

  it('should be a find when two runs at once found it and something else', () => {
    const both = [found('progress', 8), found('agreement', 9)];
    assert.equal(outcomeOfSearch(search(both), about, read()).found, true);
  });

  it('should take every failure of a correct target for one', () => {
    const outcome = outcomeOfSearch(
      search([found('progress', 3), found('agreement', 9)]),
      { seed: 1 },
      read(),
    );
    assert.deepEqual([outcome.found, outcome.runs, outcome.failed], [true, 12, 4]);
    assert.equal(outcomeOfSearch(search([]), { seed: 1 }).found, false);
  });

  it('should make do without the directory of a run that took its process along', () => {
    assert.deepEqual(outcomeOfSearch(search([found('agreement', 1)]), about).by, ['agreement']);
  });

  it('should be nothing when the search was interrupted, or printed no result', () => {
    assert.throws(() => outcomeOfSearch(search([], { interrupted: true }), about), /interrupted/);
    assert.throws(() => outcomeOfSearch('oh', about), /expected JSON, got "oh"/);
  });
});

describe('outcomeOfTest', () => {
  const about = { seed: 3, caughtBy: 'fencing' };
  const of = (run: RunResults): ReturnType<typeof outcomeOfTest> =>
    outcomeOfTest(JSON.stringify({ directory: '', plan: {}, results: run }), about, 64_000);

  it('should be a find when the right checker is among those that found something', () => {
    assert.deepEqual(of(results(false, ['lost-update', 'fencing'])), {
      seed: 3,
      found: true,
      by: ['lost-update', 'fencing'],
      runs: 1,
      failed: 1,
      notJudged: 0,
      seconds: 64,
    });
    assert.equal(of(results(false, ['lost-update'])).found, false);
  });

  it('should not count what is not claimed under the faults of the run', () => {
    assert.deepEqual(of(results(true, [], ['fencing'])).by, []);
    assert.equal(of(results(false, ['lost-update'], ['fencing'])).found, false);
  });

  it('should count a run of which nobody can say', () => {
    const outcome = of(results('unknown', []));
    assert.deepEqual([outcome.found, outcome.failed, outcome.notJudged], [false, 0, 1]);
  });
});
