/**
 * The checkers of operations and logs: stats, errors, log patterns, election safety.
 */
import assert from 'node:assert/strict';
import { electionSafety, errors, logPatterns, stats } from '../../../checkers/index.ts';
import { standardCheckers } from '../../../checkers/standard.ts';
import type { CheckContext, Checker, LogEntry, Verdict } from '../../../harness/history/checker.ts';
import { alone, history, type Entry } from './histories.ts';

const run = (
  checker: Checker,
  entries: readonly Entry[],
  logs: CheckContext['logs'] = {},
): Verdict | Promise<Verdict> => checker.check(history(...entries), { logs, timeoutMs: 1000 });

const entry = (event: string, fields: Partial<LogEntry> = {}): LogEntry => ({
  time: 0,
  level: 'info',
  event,
  ...fields,
});

describe('stats', () => {
  const failed: Entry[] = [
    [1, 'invoke', 'cas', [1, 2]],
    [1, 'fail', 'cas', [1, 2]],
  ];

  it('should count operations by kind and outcome, the nemesis apart', async () => {
    const { valid, details } = await run(stats, [
      ...alone(0, 'read', null, 1),
      ['nemesis', 'info', 'kill'],
      [1, 'invoke', 'read'],
      [1, 'info', 'read'],
      [2, 'invoke', 'read'],
    ]);
    assert.equal(valid, true);
    assert.deepEqual(details, {
      total: { ok: 1, fail: 0, info: 2 },
      operations: { read: { ok: 1, fail: 0, info: 2 } },
    });
  });

  it('should not know about a kind that never succeeded', async () => {
    const { valid, problems } = await run(stats, [...alone(0, 'read', null, 1), ...failed]);
    assert.deepEqual([valid, problems.map(({ title }) => title)], ['unknown', ['No cas succeeded']]);
    assert.equal((await run(stats, [...alone(0, 'cas', [0, 1]), ...failed])).valid, true);
  });

  it('should name the commonest error of a kind that never succeeded, and only that', async () => {
    const refused = (process: number, error: string): Entry[] => [
      [process, 'invoke', 'write', 1],
      [process, 'fail', 'write', 1, { error }],
    ];
    const { problems } = await run(stats, [
      ...refused(0, 'no leader'),
      ...refused(1, 'no handler 7'),
      ...refused(2, 'no handler 8'),
    ]);
    assert.match(
      problems[0]?.explanation ?? '',
      /Most often it was "no handler #": see what that comes from/,
    );
    const silent = await run(stats, failed);
    assert.match(silent.problems[0]?.explanation ?? '', /Look at their errors/);
  });

  it('should not know about a history without operations', async () => {
    const { valid, problems } = await run(stats, [['nemesis', 'info', 'kill']]);
    assert.deepEqual([valid, problems.length], ['unknown', 1]);
  });
});

describe('errors', () => {
  const failing = (process: number, type: 'fail' | 'info', error: string): Entry[] => [
    [process, 'invoke', 'read'],
    [process, type, 'read', null, { error }],
  ];

  it('should group errors that differ in numbers only, the most frequent first', async () => {
    const { valid, summary, details } = await run(errors, [
      ...failing(0, 'fail', 'no leader in term 3'),
      ...failing(1, 'info', 'timed out after 500 ms'),
      ...failing(2, 'info', 'timed out after 501 ms'),
    ]);
    assert.equal(valid, true);
    assert.match(summary, /^3 operations .* 2 kinds; most often "timed out after # ms" \(2\)/);
    assert.deepEqual(details, {
      errors: [
        { error: 'timed out after # ms', type: 'info', count: 2, first: 3 },
        { error: 'no leader in term #', type: 'fail', count: 1, first: 1 },
      ],
    });
  });

  it('should not know what a client did that threw', async () => {
    const { valid, problems } = await run(errors, failing(0, 'info', 'client threw: x is not a function'));
    assert.equal(valid, 'unknown');
    assert.match(problems[0]?.explanation ?? '', /x is not a function/);
    assert.equal((await run(errors, failing(0, 'info', 'refused: client threw in the towel'))).valid, true);
  });
});

describe('log-patterns', () => {
  it('should name the node and the line of what should not be logged', async () => {
    const bad = entry('disk', { level: 'error', message: 'torn record' });
    const { valid, problems } = await run(logPatterns(), [], {
      n1: [entry('started')],
      n2: [entry('started'), bad],
    });
    assert.equal(valid, false);
    assert.deepEqual(
      problems.map(({ title }) => title),
      ['n2 logged an error'],
    );
    assert.match(problems[0]?.explanation ?? '', /log of n2, line 2: .*torn record/);
    assert.equal((await run(logPatterns(), [], { n1: [entry('started')] })).valid, true);
  });

  it('should look for what it is told to', async () => {
    const checker = logPatterns([{ what: 'an overwritten entry', event: 'overwrote', text: /"index":7/ }]);
    const logged = (index: number): CheckContext['logs'] => ({ n1: [entry('overwrote', { index })] });
    assert.equal((await run(checker, [], logged(7))).valid, false);
    assert.equal((await run(checker, [], logged(8))).valid, true);
  });

  it('should count what it does not show', async () => {
    const { problems } = await run(logPatterns(), [], {
      n1: Array.from({ length: 5 }, () => entry('x', { level: 'error' })),
    });
    assert.match(problems[0]?.explanation ?? '', /line 3: .*, and 2 more\.$/);
  });

  it('should not know anything without logs', async () => {
    assert.equal((await run(logPatterns(), [], { n1: [] })).valid, 'unknown');
  });
});

describe('election-safety', () => {
  const led = (term: number, time: number): LogEntry => entry('became-leader', { term, time });

  it('should name two leaders of one term', async () => {
    const { valid, problems } = await run(electionSafety, [], {
      n1: [led(1, 10), led(3, 30)],
      n2: [led(3, 20)],
    });
    assert.equal(valid, false);
    assert.deepEqual(
      problems.map(({ title }) => title),
      ['2 leaders in term 3: n1 and n2'],
    );
    assert.match(
      problems[0]?.explanation ?? '',
      /n2 at 1970-01-01T00:00:00.020Z, n1 at 1970-01-01T00:00:00.030Z/,
    );
  });

  it('should name a leader that was elected twice in one term', async () => {
    const { valid, problems } = await run(electionSafety, [], {
      n1: [led(1, 10), led(1, 11)],
      n2: [led(2, 20)],
    });
    assert.equal(valid, false);
    assert.deepEqual(
      problems.map(({ title }) => title),
      ['n1 was elected 2 times in term 1'],
    );
  });

  it('should accept one leader a term', async () => {
    const { valid, summary } = await run(electionSafety, [], {
      n1: [led(1, 10), led(3, 30)],
      n2: [led(2, 20)],
    });
    assert.deepEqual([valid, summary], [true, '3 terms with a leader: one leader in each.']);
  });

  it('should not mind a leader in whose term nobody wrote', async () => {
    const wrote = alone(0, 'write', 1);
    const logs = { n1: [led(1, 10)], n2: [led(2, 20)], n3: [led(7, 70)] };
    assert.equal((await run(electionSafety, wrote, logs)).valid, true);
  });

  it('should not know anything if nobody ever led', async () => {
    assert.equal((await run(electionSafety, [], { n1: [entry('started')] })).valid, 'unknown');
  });
});

describe('standard checkers', () => {
  it('should have names of their own', () => {
    assert.deepEqual(
      standardCheckers.map(({ name }) => name),
      ['stats', 'errors', 'log-patterns'],
    );
  });
});
