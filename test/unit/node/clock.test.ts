/** Real clocks and timers. */
import assert from 'node:assert/strict';
import { aheadMs, realClock, realTimers, skewedClock } from '../../../harness/node/clock.ts';
import type { ClockTrouble } from '../../../harness/node/trouble.ts';
import { sleep } from '../../../harness/time.ts';

describe('real clock and timers', () => {
  it('should never fire early', async () => {
    for (const ms of [1, 2.5, 7, 10]) {
      const start = realClock.monotonic();
      await new Promise<void>((resolve) => realTimers.after(ms, resolve));
      const tookMs = realClock.monotonic() - start;
      assert.ok(tookMs >= ms, `${tookMs} ms is less than ${ms}`);
    }
  });

  it('should not fire once cancelled, while another does', async () => {
    const fired: string[] = [];
    const cancel = realTimers.after(5, () => fired.push('cancelled'));
    realTimers.after(5, () => fired.push('kept'));
    cancel();
    await sleep(20);
    assert.deepEqual(fired, ['kept']);
  });

  it('should keep a timer longer than the system allows', async () => {
    let fired = false;
    const cancel = realTimers.after(2 ** 33, () => (fired = true));
    await sleep(10);
    cancel();
    assert.equal(fired, false);
  });

  it('should tell the time of day', () => {
    assert.ok(Math.abs(realClock.wall() - Date.now()) < 1000);
  });
});

describe('skewed clock', () => {
  it('should be ahead by what it is told, and leave the monotonic clock true', () => {
    let trouble: ClockTrouble | undefined;
    const clock = skewedClock(() => trouble);
    const ahead = (): number => Math.round((clock.wall() - Date.now()) / 100) * 100;
    assert.equal(ahead(), 0);
    trouble = { since: Date.now() - 10_000, offsetMs: -3000, driftMs: 500 };
    assert.equal(ahead(), 2000);
    assert.ok(Math.abs(clock.monotonic() - performance.now()) < 100);
    trouble = undefined;
    assert.equal(ahead(), 0);
  });

  it('should jump to and fro, beginning with a jump', () => {
    const skew = { offsetMs: 10, strobe: { offsetMs: 1000, everyMs: 50 } };
    assert.deepEqual(
      [0, 49, 50, 99, 100].map((forMs) => aheadMs(skew, forMs)),
      [1010, 1010, 10, 10, 1010],
    );
  });
});
