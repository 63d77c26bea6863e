/** Progress of a majority left alone: told by the history alone, and by no history that has no such phase. */
import assert from 'node:assert/strict';
import { progress } from '../../../checkers/index.ts';
import type { Verdict } from '../../../harness/history/checker.ts';
import type { Json } from '../../../harness/json.ts';
import { TICK, alone, history, type Entry } from './histories.ts';

const start: Json = { id: 7, alone: ['n1', 'n2', 'n3'], away: ['n4', 'n5'], kind: 'kill', limitMs: 10_000 };
const begin = (value: Json = start): Entry[] => [
  ['nemesis', 'info', 'start-progress', value],
  ['nemesis', 'info', 'start-progress', 'n4 n5 killed (confirmed: 2 of 2 nodes down)'],
];
const end = (confirmed = true): Entry[] => [
  [
    'nemesis',
    'info',
    'stop-progress',
    {
      id: 7,
      confirmed,
      nodes: { n1: { role: 'leader', epoch: 4 }, n2: { role: 'follower' }, n3: null, n4: null, n5: null },
    },
  ],
  ['nemesis', 'info', 'stop-progress', 'healed: n4 n5 killed'],
];

const failing = (process: number, f: string, error: string): Entry[] => [
  [process, 'invoke', f, 1],
  [process, 'fail', f, 1, { error }],
];
const write = alone(0, 'write', 1);
const read = alone(0, 'read', null, 1);

function check(...entries: readonly (readonly Entry[])[]): Promise<Verdict> | Verdict {
  return progress.check(history(...entries.flat()), { logs: {}, timeoutMs: 1000 });
}

describe('progress', () => {
  it('should accept a majority that got done what was tried, and say how soon', async () => {
    const { valid, summary, details } = await check(
      begin(),
      failing(1, 'write', 'no leader'),
      write,
      read,
      end(),
    );
    assert.deepEqual([valid, details], [true, { tookMs: (7 * TICK) / 1e6 }]);
    assert.match(
      summary,
      /^n1, n2 and n3, left alone without n4 and n5, got write and read done within 0.00 s of 10.00 s\.$/,
    );
  });

  it('should name who was left alone, without whom, what was tried and what each node said', async () => {
    const entries = [
      write,
      begin(),
      failing(1, 'write', 'no leader in term 3'),
      failing(2, 'write', 'no leader in term 4'),
      end(),
    ];
    const { valid, summary, problems } = await check(...entries);
    const [problem] = problems;
    assert.deepEqual([valid, problems.length], [false, 1]);
    assert.match(summary, /n1, n2 and n3, left alone, got no write done in/);
    assert.deepEqual(problem?.operations, [4, 6]);
    assert.deepEqual(problem.window, [2 * TICK, 8 * TICK]);
    assert.match(
      problem.explanation,
      /n4 and n5 were taken away \(kill\), and n1, n2 and n3, a majority .* had 10\.00 s/,
    );
    assert.match(problem.explanation, /tried write 2 times and never succeeded: "no leader in term #" \(2\)/);
    assert.match(
      problem.explanation,
      /n1 said role "leader", epoch 4; n2 said role "follower"; n3 gave no answer; n4/,
    );
    assert.equal((await check(...entries.slice(0, 3), alone(2, 'write', 2), end())).valid, true);
  });

  it('should not let reads alone pass, nor operations from before or after', async () => {
    const stuck = failing(1, 'write', 'no leader');
    assert.equal((await check(begin(), stuck, read, end())).valid, false);
    assert.equal((await check(write, begin(), stuck, end(), write)).valid, false);
    assert.equal((await check(begin(), stuck, write, read, end())).valid, true);
  });

  it('should not take an operation of unknown outcome for a success', async () => {
    const lost: Entry[] = [
      [1, 'invoke', 'write', 1],
      [1, 'info', 'write', 1, { error: 'timed out' }],
    ];
    assert.equal((await check(begin(), lost, end())).valid, false);
    assert.equal((await check(begin(), lost, write, end())).valid, true);
  });

  it('should not know of a phase that was broken off, or in which nothing was tried', async () => {
    const healing: Entry[] = [['nemesis', 'info', 'stop-progress', { id: 7 }]];
    for (const [entries, title] of [
      [[begin(), failing(1, 'write', 'no leader'), healing], 'Broken off'],
      [[begin(), end()], 'Nothing tried'],
      [[begin(), write, end(false)], 'Not seen to be left alone'],
    ] as const) {
      const { valid, problems } = await check(...entries);
      assert.deepEqual([valid, problems[0]?.title], ['unknown', title]);
    }
  });

  it('should call it no progress even where the minority was not seen to be gone', async () => {
    assert.equal((await check(begin(), failing(1, 'write', 'no leader'), end(false))).valid, false);
  });

  it('should say so when there was no minority to take away', async () => {
    const both: Json = { id: 0, alone: ['n1', 'n2'], away: [], kind: null, limitMs: 10_000 };
    const { problems } = await check(begin(both), failing(1, 'write', 'no leader'), end());
    assert.match(problems[0]?.explanation ?? '', /Then no node was taken away, and n1 and n2, a majority/);
    assert.match((await check(begin(both), write, end())).summary, /^n1 and n2, left alone, got write done/);
  });

  it('should apply to a history with such a phase only', async () => {
    const applies = (...entries: Entry[]): unknown => progress.applies?.(history(...entries));
    assert.equal(applies(...begin()), true);
    assert.equal(applies(...write, ['nemesis', 'info', 'start-kill', { id: 1 }]), false);
    assert.equal((await check(write)).valid, 'unknown');
  });
});
