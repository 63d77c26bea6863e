/** Isolation of readers: who certainly held the lock to read, and saw the resource change, is shown. */
import assert from 'node:assert/strict';
import { readerIsolation } from '../../../checkers/reader-isolation.ts';
import type { Verdict } from '../../../harness/history/checker.ts';
import { at, call, type Timed } from './timed.ts';

const MS = 1e6;

const acquire = (from: number, process: number, untilMs = 100): Timed[] =>
  call(from * MS, (from + 5) * MS, process, 'acquire', { token: from, untilMs, mode: 'read' }, 'a');
const renew = (from: number, process: number): Timed[] =>
  call(from * MS, (from + 5) * MS, process, 'renew', { token: 1, untilMs: 100, mode: 'read' }, 'a');
const release = (from: number, process: number): Timed[] =>
  call(from * MS, (from + 5) * MS, process, 'release', null, 'a');
const examine = (from: number, to: number, process: number, before: number, after: number): Timed[] =>
  call(from * MS, to * MS, process, 'examine', { before, after }, 'a');
const update = (from: number, to: number, process: number, version: number): Timed[] =>
  call(
    from * MS,
    to * MS,
    process,
    'update',
    { id: `u${version}`, token: 1, base: version - 1, version },
    'a',
  );

const verdict = (...calls: readonly Timed[][]): Verdict =>
  readerIsolation.check(at(...calls.flat()), { logs: {}, timeoutMs: 1000 }) as Verdict;

describe('isolation of readers', () => {
  it('should refuse a change between the two looks of one who held the lock', () => {
    assert.equal(verdict(acquire(0, 1), examine(10, 90, 1, 3, 4)).valid, false);
    assert.equal(verdict(acquire(0, 1), examine(10, 90, 1, 4, 4)).valid, true);
  });

  it('should take nothing for wrong that was seen for longer than the lease', () => {
    const other = [acquire(200, 2), examine(210, 220, 2, 4, 4)];
    assert.equal(verdict(acquire(0, 1), examine(10, 101, 1, 3, 4), ...other).valid, true);
    assert.equal(verdict(acquire(0, 1, 102), examine(10, 101, 1, 3, 4), ...other).valid, false);
  });

  it('should go by the last renewal, and by no lease that was given back', () => {
    assert.equal(verdict(acquire(0, 1), renew(50, 1), examine(60, 140, 1, 3, 4)).valid, false);
    assert.equal(verdict(acquire(0, 1), renew(50, 1), examine(60, 140, 1, 3, 3)).valid, true);
    assert.equal(verdict(acquire(0, 1), release(20, 1), examine(30, 40, 1, 3, 4)).valid, 'unknown');
  });

  it('should know of each client what it holds', () => {
    const good = [acquire(0, 2), examine(10, 20, 2, 3, 3)];
    assert.equal(verdict(...good, examine(11, 21, 1, 3, 4)).valid, true);
    assert.equal(verdict(...good, acquire(1, 1), examine(11, 21, 1, 3, 4)).valid, false);
  });

  it('should name who wrote', () => {
    const { problems } = verdict(acquire(0, 1), update(20, 30, 2, 4), examine(10, 90, 1, 3, 4));
    assert.equal(
      problems[0]?.title,
      'Somebody wrote to the resource of "a" while process 1 held the lock to read',
    );
    assert.match(
      problems[0].explanation,
      /version 3 and, within 80\.000 ms, version 4 .* Written between was u4 with token 1\./,
    );
    assert.deepEqual(problems[0].operations, [3, 4, 2, 5]);
  });

  it('should not know where nobody looked', () => {
    assert.equal(verdict(acquire(0, 1)).valid, 'unknown');
    assert.equal(verdict(examine(0, 5, 1, 3, 4)).valid, 'unknown');
  });
});
