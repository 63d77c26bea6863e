import assert from 'node:assert/strict';
import { explorationLine, explorationSummary, type ExplorationReport } from '../../../reports/index.ts';

const CALM: ExplorationReport = {
  valid: true,
  targetName: 'raft',
  jobs: 2,
  seeds: { first: 1, last: 2000 },
  runs: 2000,
  operations: 1_234_567,
  simulatedMs: 40_000_000,
  elapsedMs: 200_000,
  behaviours: 812,
  failures: {},
  unknown: 0,
  thin: 0,
  interrupted: false,
  unknownReasons: [],
  found: [],
};

const FOUND: ExplorationReport['found'][number] = {
  kind: 'linearizable',
  summary: 'No order of the operations explains their answers on 1 of 9 keys.',
  seed: '17',
  after: 16,
  directory: 'store/raft/20260101T000000Z-17',
  report: 'store/raft/20260101T000000Z-17/report.html',
  command: 'npx splitbrain replay store/raft/20260101T000000Z-17/repro.json',
  shrunk: { operations: 6, faults: 2, nodes: 3, tried: 345, tookMs: 12_300, finished: true },
};

const BROKEN: ExplorationReport = {
  ...CALM,
  valid: false,
  variant: 'stale-vote',
  runs: 17,
  failures: { linearizable: 1 },
  found: [FOUND],
};

const summary = (report: ExplorationReport): string =>
  explorationSummary(report, { colour: false, width: 100 });

describe('the line of a search', () => {
  it('should say how far it has come', () => {
    const line = explorationLine(CALM, 10_000, 200);
    assert.equal(
      line,
      '2,000 runs · 666 m 40 s simulated (200 times as fast) · 812 behaviours · no failure · 10.0 s left',
    );
  });

  it('should name failures and unknown runs when there are any, and no time that is not limited', () => {
    const line = explorationLine(
      { ...CALM, failures: { progress: 3, crash: 1 }, unknown: 2 },
      undefined,
      200,
    );
    assert.match(line, /failures: 3 progress, 1 crash · 2 unknown$/);
  });

  it('should keep to the width', () => {
    const line = explorationLine(CALM, undefined, 30);
    assert.equal(line.length, 30);
    assert.ok(line.endsWith('…'));
  });
});

describe('the summary of a search', () => {
  it('should say what was searched when nothing was found', () => {
    assert.equal(
      summary(CALM),
      [
        'PASS        raft: 2,000 runs, seeds 1 to 2000, 3 m 20 s in 2 processes',
        'Searched    666 m 40 s simulated (200 times as fast), 1,234,567 operations, 812 behaviours, no',
        '            failure',
      ].join('\n'),
    );
  });

  it('should say what was found, how small it is, and how to repeat it', () => {
    const text = summary(BROKEN);
    assert.match(text, /^FAIL {8}raft, variant stale-vote \(wrong on purpose\): 17 runs/);
    assert.match(text, /^Found {7}linearizable in run 16, seed 17: No order/m);
    assert.match(text, /^Shrunk {6}to 6 operations, 2 faults, 3 nodes in 12\.3 s \(345 scenarios tried\)$/m);
    assert.match(text, /^Report {6}store\/raft\/20260101T000000Z-17\/report\.html$/m);
    assert.ok(text.endsWith(`\nRepeat      ${FOUND.command}`));
  });

  it('should say when time was up, and nothing of shrinking when there was none', () => {
    const { shrunk = assert.fail(), ...base } = FOUND;
    const hasty = { ...BROKEN, found: [{ ...base, shrunk: { ...shrunk, finished: false } }] };
    assert.match(summary(hasty), /time was up/);
    assert.doesNotMatch(summary({ ...BROKEN, found: [base] }), /Shrunk/);
  });

  it('should say so when a run did not fail again', () => {
    const { shrunk: _, ...base } = FOUND;
    assert.match(
      summary({ ...BROKEN, found: [{ ...base, unrepeatable: true }] }),
      /It did not fail when it was run again/,
    );
    assert.doesNotMatch(summary(BROKEN), /did not fail/);
  });

  it('should give the commonest reason why runs are unknown, and say what was interrupted', () => {
    const unknownReasons = ['no verdict within 10 s', 'a link stayed dead'];
    const text = summary({
      ...CALM,
      valid: 'unknown',
      unknown: 3,
      unknownReasons,
      interrupted: true,
      thin: 1,
    });
    assert.match(text, /^UNKNOWN {5}raft: .*, interrupted$/m);
    assert.match(text, /^Unknown {5}3 runs: no verdict within 10 s$/m);
    assert.match(
      text.replaceAll(/\s+/g, ' '),
      /1 run not judged \(too little happened, or a fault was not confirmed\)/,
    );
  });

  it('should fit on a screen whatever was found', () => {
    const long = { ...FOUND, summary: 'word '.repeat(500) };
    const text = summary({ ...BROKEN, found: Array.from({ length: 9 }, () => long) });
    assert.ok(text.split('\n').length <= 24, text);
    assert.match(text, /… and 6 failures of other kinds$/);
  });

  it('should name the directory of a failure that has no report', () => {
    const { report, ...bare } = FOUND;
    assert.match(summary({ ...BROKEN, found: [FOUND] }), new RegExp(`Report +${report ?? ''}`));
    const text = summary({ ...BROKEN, found: [bare] });
    assert.match(text, new RegExp(`Kept +${FOUND.directory}$`, 'm'));
    assert.doesNotMatch(text, /report\.html/);
  });
});
