/** Real clocks and timers. */
import assert from 'node:assert/strict';
import { realClock, realTimers } from '../../../harness/node/clock.ts';
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
