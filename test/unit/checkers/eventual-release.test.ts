/** Eventual release: a lock that nobody gets though somebody goes on trying is lost. */
import assert from 'node:assert/strict';
import { eventualRelease } from '../../../checkers/eventual-release.ts';
import type { Verdict } from '../../../harness/history/checker.ts';
import type { Operation } from '../../../harness/history/operation.ts';
import type { Json } from '../../../harness/json.ts';
import { at, call, type Timed } from './timed.ts';

const MS = 1e6;
const checker = eventualRelease(5000);

const attempt = (
  from: number,
  to: number,
  type: 'ok' | 'fail' | 'info',
  key = 'a',
  f = 'acquire',
  value: Json = null,
): Timed[] => [
  [from * MS, from, 'invoke', f, value, key],
  [to * MS, from, type, f, null, key],
];
/** Attempts that fail, one after another, each of which takes half a second. */
const vain = (from: number, to: number, key = 'a', f = 'acquire', value: Json = null): Timed[] =>
  Array.from({ length: (to - from) / 500 }, (_, i) =>
    attempt(from + 500 * i, from + 500 * i + 490, 'fail', key, f, value),
  ).flat();

/** The same history with a healing by the nemesis after so many entries. */
function healed(history: readonly Operation[], after: number): Operation[] {
  const entry = { time: 0, process: 'nemesis', type: 'info', f: 'stop-kill', value: null } as const;
  return [...history.slice(0, after), { ...entry, index: 0 }, ...history.slice(after)].map(
    (operation, index) => ({
      ...operation,
      index,
    }),
  );
}

const verdictOf = (history: readonly Operation[]): Verdict =>
  checker.check(history, { logs: {}, timeoutMs: 1000 }) as Verdict;
const verdict = (...calls: readonly Timed[][]): Verdict => verdictOf(at(...calls.flat()));

describe('eventual release', () => {
  it('should refuse a lock that nobody gets for longer than the bound', () => {
    assert.equal(verdict(vain(0, 5500)).valid, false);
    assert.equal(verdict(vain(0, 3000), attempt(3000, 3100, 'ok')).valid, true);
  });

  it('should refuse one that is had too late', () => {
    assert.equal(verdict(vain(0, 6000), attempt(6000, 6100, 'ok')).valid, false);
  });

  it('should begin anew where nobody tried for a while, and where somebody got it', () => {
    assert.equal(verdict(vain(0, 3000), vain(9000, 12_000), attempt(12_000, 12_100, 'ok')).valid, true);
    assert.equal(
      verdict(vain(0, 3000), attempt(3000, 3100, 'ok'), vain(3200, 6200), attempt(6200, 6300, 'ok')).valid,
      true,
    );
    assert.equal(verdict(vain(0, 6000), attempt(6000, 6100, 'ok'), vain(6200, 7200)).valid, false);
  });

  it('should count attempts of unknown outcome as attempts', () => {
    assert.equal(verdict(attempt(0, 5100, 'info')).valid, false);
    assert.equal(verdict(attempt(0, 4000, 'info'), attempt(4100, 4200, 'ok')).valid, true);
  });

  it('should look only at what was tried when every fault was over', () => {
    const history = at(...vain(0, 6000), ...attempt(6000, 6100, 'ok'));
    assert.equal(verdictOf(history).valid, false);
    assert.equal(verdictOf(healed(history, 8)).valid, true);
    const applies = [8, history.length].map((after) => checker.applies?.(healed(history, after)));
    assert.deepEqual(applies, [true, false]);
  });

  it('should look at each lock by itself', () => {
    assert.equal(verdict(vain(0, 6000, 'a'), attempt(100, 200, 'ok', 'b')).valid, false);
    assert.equal(
      verdict(vain(0, 3000, 'a'), attempt(3001, 3100, 'ok', 'a'), attempt(101, 200, 'ok', 'b')).valid,
      true,
    );
  });

  it('should look at readers and writers apart: a lock that only readers get is lost', () => {
    const tried = (mode: string): Timed[] => vain(0, 5500, 'a', 'acquire', { mode });
    const had = [1001, 2001, 3001, 4001, 5001].flatMap((from) =>
      attempt(from, from + 1, 'ok', 'a', 'acquire', { mode: 'read' }),
    );
    assert.equal(verdict(had, tried('write')).valid, false);
    assert.equal(verdict(had, tried('read')).valid, true);
  });

  it('should take elections for locks', () => {
    assert.equal(verdict(vain(0, 5500, 'a', 'campaign')).valid, false);
    const elected = attempt(3000, 3100, 'ok', 'a', 'campaign');
    assert.equal(verdict(vain(0, 3000, 'a', 'campaign'), elected).valid, true);
  });

  it('should not know where a lock was not tried for long, or nobody tried', () => {
    assert.equal(verdict(vain(0, 1000)).valid, 'unknown');
    assert.equal(verdict(call(0, 1, 1, 'read')).valid, 'unknown');
  });

  it('should say for how long, and what came of it', () => {
    const [problem] = verdict(vain(0, 6000)).problems;
    assert.equal(problem?.title, 'Nobody got the lock of "a" for 5.99 s');
    assert.match(problem.explanation, /12 acquires .* in vain/);
  });
});
