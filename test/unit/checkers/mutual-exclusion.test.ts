/** Mutual exclusion of holders: what must have overlapped by what they knew is refused, what only may have is not. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mutualExclusion } from '../../../checkers/mutual-exclusion.ts';
import type { Verdict } from '../../../harness/history/checker.ts';
import { at, call, type Timed } from './timed.ts';

const MS = 1e6;

/** An acquire from one time to another that gives a lease of so long, in milliseconds since it was asked for. */
const acquire = (from: number, to: number, process: number, untilMs: number, key?: string): Timed[] =>
  call(from * MS, to * MS, process, 'acquire', { token: 1, untilMs }, key);
const release = (from: number, to: number, process: number): Timed[] =>
  call(from * MS, to * MS, process, 'release');

/** The same to read, beside other readers. */
const read = (from: number, to: number, process: number, untilMs: number): Timed[] =>
  call(from * MS, to * MS, process, 'acquire', { token: 1, untilMs, mode: 'read' });

function verdict(...calls: readonly Timed[][]): Verdict {
  return mutualExclusion.check(at(...calls.flat()), { logs: {}, timeoutMs: 1000 }) as Verdict;
}

describe('mutual exclusion', () => {
  it('should refuse two who hold a lock at once, and pass the second when the first one is over', () => {
    assert.equal(verdict(acquire(0, 10, 1, 100), acquire(50, 60, 2, 100)).valid, false);
    assert.equal(verdict(acquire(0, 10, 1, 100), acquire(90, 101, 2, 100)).valid, true);
  });

  it('should count a lease from when it was asked for', () => {
    assert.equal(verdict(acquire(0, 90, 1, 100), acquire(20, 95, 2, 100)).valid, false);
    assert.equal(verdict(acquire(0, 90, 1, 94), acquire(20, 95, 2, 100)).valid, true);
  });

  it('should end a hold when its release begins, and not before', () => {
    assert.equal(verdict(acquire(0, 10, 1, 100), release(40, 80, 1), acquire(42, 50, 2, 100)).valid, true);
    assert.equal(verdict(acquire(0, 10, 1, 100), release(60, 80, 1), acquire(42, 50, 2, 100)).valid, false);
  });

  it('should hold a lock without an end until it is released', () => {
    const forever = call(0, 10 * MS, 1, 'acquire', { token: 1 });
    assert.equal(verdict(forever, acquire(5000, 5010, 2, 100)).valid, false);
    assert.equal(verdict(forever, release(4000, 4010, 1), acquire(5000, 5010, 2, 100)).valid, true);
  });

  it('should go on with a hold that was renewed', () => {
    const renew = call(80 * MS, 85 * MS, 1, 'renew', { token: 1, untilMs: 100 });
    assert.equal(verdict(acquire(0, 10, 1, 100), renew, acquire(120, 130, 2, 100)).valid, false);
    assert.equal(verdict(acquire(0, 10, 1, 100), renew, acquire(120, 181, 2, 100)).valid, true);
  });

  it('should let readers hold a lock beside readers, and beside no writer', () => {
    assert.equal(verdict(read(0, 10, 1, 100), read(50, 60, 2, 100)).valid, true);
    assert.equal(verdict(read(0, 10, 1, 100), acquire(50, 60, 2, 100)).valid, false);
    assert.equal(verdict(acquire(0, 10, 1, 100), read(50, 60, 2, 100)).valid, false);
    // A writer overlaps with the reader before the last one.
    assert.equal(verdict(read(0, 10, 1, 200), read(20, 30, 2, 50), acquire(110, 120, 3, 50)).valid, false);
    assert.equal(verdict(read(0, 10, 1, 100), read(20, 30, 2, 50), acquire(110, 120, 3, 50)).valid, true);
  });

  it('should take leading for holding', () => {
    const campaign = (from: number, process: number): Timed[] =>
      call(from * MS, (from + 10) * MS, process, 'campaign', { token: from, untilMs: 100 });
    const resign = call(40 * MS, 45 * MS, 1, 'resign');
    assert.equal(verdict(campaign(0, 1), campaign(50, 2)).valid, false);
    assert.equal(verdict(campaign(0, 1), resign, campaign(50, 2)).valid, true);
  });

  it('should look at each lock by itself', () => {
    assert.equal(verdict(acquire(0, 10, 1, 100, 'a'), acquire(50, 60, 2, 100, 'b')).valid, true);
    assert.equal(verdict(acquire(0, 10, 1, 100, 'a'), acquire(50, 60, 2, 100, 'a')).valid, false);
  });

  it('should name the operations, and say for how long both held it', () => {
    const [problem] = verdict(acquire(0, 10, 1, 100), acquire(50, 60, 2, 100)).problems;
    assert.equal(problem?.title, 'Processes 1 and 2 held the lock at once');
    assert.match(problem.explanation, /for 40\.000 ms both of them did/);
    assert.deepEqual(problem.operations, [0, 1, 2, 3]);
  });

  it('should not know where nobody was granted anything', () => {
    assert.equal(verdict([[0, 1, 'invoke', 'acquire']]).valid, 'unknown');
  });

  it('should find an overlap where comparing each hold with each does', () => {
    const hold = fc.record({
      process: fc.nat(4),
      from: fc.nat(1000),
      took: fc.nat(50),
      untilMs: fc.nat(150),
      reads: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(hold, { minLength: 1, maxLength: 12 }), (drawn) => {
        // Of one process one after the other, all at different times.
        const ends = new Map<number, number>();
        const holds = drawn.map(({ process, from, took, untilMs, reads }, index) => {
          const begun = Math.max(from, Math.ceil(ends.get(process) ?? 0)) + index / 100;
          ends.set(process, begun + took + 0.001);
          return { process, from: begun, to: begun + took + 0.001, end: begun + untilMs, reads };
        });
        const overlap = holds.some((a) =>
          holds.some(
            (b) =>
              a.process !== b.process &&
              !(a.reads && b.reads) &&
              a.to <= b.to &&
              b.to < Math.min(a.end, b.end),
          ),
        );
        const calls = holds.map(({ process, from, to, end, reads }) =>
          (reads ? read : acquire)(from, to, process, end - from),
        );
        assert.equal(verdict(...calls).valid, !overlap);
      }),
    );
  });
});
