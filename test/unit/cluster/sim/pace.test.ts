/** How much a node may do in a stretch of simulated time. */
import assert from 'node:assert/strict';
import { Pace } from '../../../../harness/cluster/sim/pace.ts';
import { NANOS_PER_MS } from '../../../../harness/time.ts';

/** What the pace says of so many things, so many nanoseconds apart. */
function verdictOn(things: number, apart: number): string | undefined {
  const pace = new Pace();
  for (let thing = 0; thing < things; thing++) {
    const exceeded = pace.exceeds(thing * apart);
    if (exceeded !== undefined) return exceeded;
  }
  return undefined;
}

describe('simulator: pace', () => {
  it('should let a node do a hundred thousand things at once, and no more', () => {
    assert.equal(verdictOn(100_000, 0), undefined);
    assert.equal(verdictOn(100_001, 0), '100000 events and messages in a simulated millisecond');
  });

  it('should let a node do a million things in a second, and no more', () => {
    const apart = (1000 * NANOS_PER_MS) / 1_100_000;
    assert.equal(verdictOn(1_000_000, apart), undefined);
    assert.equal(verdictOn(1_100_000, apart), '1000000 events and messages in a simulated second');
  });

  it('should let a node do half as much for ever', () => {
    assert.equal(verdictOn(2_000_000, (1000 * NANOS_PER_MS) / 500_000), undefined);
  });
});
