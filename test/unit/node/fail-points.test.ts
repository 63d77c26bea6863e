/** Fail points: counted, and armed to die once. */
import assert from 'node:assert/strict';
import { FailPoints } from '../../../harness/node/fail-points.ts';
import type { ArmedCrash } from '../../../harness/node/trouble.ts';

describe('fail points', () => {
  const crash: ArmedCrash = { id: 1, name: 'after-append', passes: 2 };
  let points: FailPoints;

  beforeEach(() => {
    points = new FailPoints({
      die: ({ id }) => {
        throw new Error(`died of ${id}`);
      },
    });
  });

  it('should count passes, whatever their names', () => {
    for (const name of ['a', 'b', 'a', 'toString']) points.pass(name);
    assert.deepEqual(points.passes, { a: 2, b: 1, toString: 1 });
  });

  it('should die at the armed point when it was passed so often since then', () => {
    points.pass('after-append');
    points.arm(crash);
    points.pass('before-reply');
    points.pass('after-append');
    assert.throws(() => points.pass('after-append'), /died of 1/);
  });

  it('should go on counting when it is told the same again, and anew when told another', () => {
    points.arm(crash);
    points.pass('after-append');
    points.arm({ ...crash });
    assert.throws(() => points.pass('after-append'), /died of 1/);
    points.arm({ ...crash, id: 2 });
    points.pass('after-append');
    assert.throws(() => points.pass('after-append'), /died of 2/);
  });

  it('should not die when disarmed', () => {
    points.arm({ ...crash, passes: 1 });
    points.arm(undefined);
    points.pass('after-append');
    assert.deepEqual(points.passes, { 'after-append': 1 });
  });
});
