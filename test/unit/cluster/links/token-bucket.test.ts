/** The token bucket, on a clock of the test's own. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TokenBucket } from '../../../../harness/cluster/links/token-bucket.ts';

describe('token bucket', () => {
  it('should let a burst through, then make wait as long as the rate says', () => {
    const bucket = new TokenBucket(10_000, 0);
    assert.equal(bucket.waitMs(500, 0), 0);
    assert.equal(bucket.take(500, 0), 500);
    assert.equal(bucket.waitMs(100, 0), 10);
    assert.equal(bucket.waitMs(100, 10), 0);
    assert.equal(bucket.take(500, 10), 100);
  });

  it('should never exceed the rate by more than a burst, and come to it', () => {
    const rates = fc.integer({ min: 1000, max: 1_000_000 });
    fc.assert(
      fc.property(rates, fc.array(fc.integer({ min: 1, max: 65_536 }), { minLength: 1 }), (rate, sizes) => {
        const bucket = new TokenBucket(rate, 0);
        const burst = Math.max(256, rate / 20);
        let now = 0;
        let passed = 0;
        for (const size of sizes) {
          for (let rest = size; rest > 0;) {
            now += bucket.waitMs(rest, now) + 1e-6;
            const taken = bucket.take(rest, now);
            rest -= taken;
            passed += taken;
            assert.ok(passed <= burst + (now * rate) / 1000 + 1);
          }
        }
        assert.ok(passed >= (now * rate) / 1000 - burst, 'it never waits longer than it must');
      }),
    );
  });
});
