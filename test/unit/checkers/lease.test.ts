/** Leases: what must have overlapped is refused, what only may have is not. */
import assert from 'node:assert/strict';
import { checkLease, lease, type LeaseTerms } from '../../../checkers/lease.ts';
import type { Verdict } from '../../../harness/history/checker.ts';
import { at, call, type Timed } from './timed.ts';

const TERMS: LeaseTerms = { ttlNanos: 100, drift: 0 };

/** The processes of each overlap, and from when to when. */
function overlaps(entries: readonly (readonly Timed[])[], terms = TERMS): (number | string)[][] {
  return checkLease(at(...entries.flat()), terms).overlaps.map(([first, second]) => [
    first.call.invoke.process,
    second.call.invoke.process,
    second.from,
    Math.min(first.to, second.to),
  ]);
}

describe('leases', () => {
  const first = call(0, 10, 0, 'acquire');

  it('should refuse a second holder before the time of the first is up', () => {
    assert.deepEqual(overlaps([first, call(20, 99, 1, 'acquire')]), [[0, 1, 99, 100]]);
    assert.deepEqual(overlaps([first, call(20, 100, 1, 'acquire')]), []);
  });

  it('should allow for a clock that runs fast', () => {
    const second = call(20, 95, 1, 'acquire');
    assert.deepEqual(overlaps([first, second], { ttlNanos: 100, drift: 0 }), [[0, 1, 95, 100]]);
    assert.deepEqual(overlaps([first, second], { ttlNanos: 100, drift: 0.05 }), []);
  });

  it('should end a hold when its release begins, however that ends', () => {
    const second = call(31, 40, 1, 'acquire');
    assert.deepEqual(overlaps([first, call(41, 50, 0, 'release'), second]), [[0, 1, 40, 41]]);
    assert.deepEqual(overlaps([first, call(30, 50, 0, 'release'), second]), []);
    const crashed: Timed[] = [
      [30, 0, 'invoke', 'release'],
      [35, 0, 'info', 'release'],
    ];
    assert.deepEqual(overlaps([first, crashed, second]), []);
  });

  it('should not end a hold by the release of another, or by one before it', () => {
    const second = call(31, 40, 1, 'acquire');
    assert.deepEqual(overlaps([first, call(20, 25, 2, 'release'), second]), [[0, 1, 40, 100]]);
    const late = call(10, 15, 0, 'acquire');
    assert.deepEqual(overlaps([call(0, 5, 0, 'release'), late, second]), [[0, 1, 40, 110]]);
  });

  it('should let a renew go on with a hold, and count nothing between if it came too late', () => {
    const second = call(130, 140, 1, 'acquire');
    assert.deepEqual(overlaps([first, call(60, 70, 0, 'renew'), second]), [[0, 1, 140, 160]]);
    assert.deepEqual(overlaps([first, call(60, 70, 0, 'renew', false), second]), []);
    const between = [call(105, 110, 1, 'acquire'), call(111, 112, 1, 'release')];
    assert.deepEqual(overlaps([first, ...between, call(101, 120, 0, 'renew')]), []);
  });

  it('should take a refused or a crashed acquire for nothing, and forgive a grant that came after its time', () => {
    const second = call(20, 30, 1, 'acquire');
    assert.deepEqual(overlaps([call(0, 10, 0, 'acquire', false), second]), []);
    assert.deepEqual(overlaps([first.slice(0, 1), second]), []);
    assert.deepEqual(overlaps([call(0, 101, 0, 'acquire'), second]), []);
    assert.deepEqual(overlaps([call(0, 99, 0, 'acquire'), second]), [[1, 0, 99, 100]]);
  });

  it('should let one process acquire again, and still see the other that holds', () => {
    assert.deepEqual(overlaps([first, call(20, 30, 0, 'acquire')]), []);
    const again = call(60, 61, 0, 'acquire');
    const other = call(40, 50, 1, 'acquire');
    assert.deepEqual(overlaps([first, other, again]), [
      [0, 1, 50, 100],
      [1, 0, 61, 140],
    ]);
  });

  it('should look at each key by itself', () => {
    const x = call(0, 10, 0, 'acquire', null, 'x');
    assert.deepEqual(overlaps([x, call(20, 30, 1, 'acquire', null, 'y')]), []);
    assert.deepEqual(overlaps([x, call(20, 30, 1, 'acquire', null, 'x')]), [[0, 1, 30, 100]]);
  });

  it('should tell who held it with whom, and when', async () => {
    const checker = lease({ ttlMs: 100 / 1e6 });
    const judge = async (...entries: Timed[][]): Promise<Verdict> =>
      checker.check(at(...entries.flat()), { logs: {}, timeoutMs: 1000 });
    const { valid, summary, problems, details } = await judge(first, call(20, 30, 1, 'acquire'));
    assert.equal(valid, false);
    assert.equal(summary, '2 leases granted or renewed: 1 began while another process held it.');
    assert.deepEqual(details, { grants: 2, overlaps: 1 });
    assert.equal(problems[0]?.title, 'Processes 0 and 1 held the lease at once');
    assert.deepEqual(problems[0].operations, [0, 1, 2, 3]);
    assert.deepEqual(problems[0].window, [30, 100]);
    assert.match(problems[0].explanation, /for 0.000 ms both of them did\.$/);
    const after = await judge(first, call(100, 130, 1, 'acquire'));
    assert.deepEqual([after.valid, after.problems], [true, []]);
    assert.equal((await judge(first.slice(0, 1))).valid, 'unknown');
  });
});
