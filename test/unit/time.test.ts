import assert from 'node:assert/strict';
import {
  Bell,
  NANOS_PER_MS,
  formatDuration,
  fromNow,
  parseDuration,
  realTime,
  sleep,
} from '../../harness/time.ts';

describe('time', () => {
  it('should read durations, and nothing else', () => {
    const good: readonly (readonly [string, number])[] = [
      ['250ms', 250],
      ['30s', 30_000],
      ['2m', 120_000],
      ['1h', 3_600_000],
      ['1.5s', 1500],
      ['4', 4000],
    ];
    for (const [text, ms] of good) assert.equal(parseDuration(text), ms, text);
    for (const text of ['', 's', '-1s', '3 weeks', '1e3s', '10 s'])
      assert.equal(parseDuration(text), undefined, text);
  });

  it('should write durations for people', () => {
    assert.deepEqual([250, 3240, 125_000].map(formatDuration), ['250 ms', '3.2 s', '2 m 05 s']);
  });

  it('should sleep, and wake early when told to', async () => {
    const time = realTime();
    await time.sleep(20);
    assert.ok(time.now() >= 19 * NANOS_PER_MS);
    const controller = new AbortController();
    const before = time.now();
    const sleeping = sleep(60_000, controller.signal);
    controller.abort();
    await sleeping;
    await sleep(60_000, controller.signal);
    assert.ok(time.now() - before < 5000 * NANOS_PER_MS);
  });

  it('should be woken by a bell, also by one that has rung', async () => {
    const time = realTime();
    const bell = new Bell();
    const sleeping = [time.sleep(60_000, bell), time.sleep(60_000, bell)];
    const other = new Bell();
    const undisturbed = time.sleep(20, other);
    bell.ring();
    bell.ring();
    await Promise.all(sleeping);
    await time.sleep(60_000, bell);
    assert.equal(other.aborted, false);
    await undisturbed;
    assert.ok(time.now() < 5000 * NANOS_PER_MS);
  });

  it('should count from now', async () => {
    const time = realTime();
    await time.sleep(20);
    assert.ok(fromNow(time).now() < time.now());
  });
});
