/** What simulated wall clocks show when they are wrong. */
import assert from 'node:assert/strict';
import { WallClock } from '../../../../harness/cluster/sim/clock.ts';
import { World } from '../../../../harness/cluster/sim/world.ts';
import type { ClockSkew } from '../../../../harness/cluster/cluster.ts';

/** How far the clock is ahead at these times after it was set to this. */
async function ahead(skew: ClockSkew, ...timesMs: readonly number[]): Promise<number[]> {
  const world = new World('1');
  const clock = new WallClock(world);
  await world.time.sleep(1234);
  clock.set(skew);
  const seen: number[] = [];
  let passed = 0;
  for (const ms of timesMs) {
    await world.time.sleep(ms - passed);
    passed = ms;
    seen.push(Math.round(1000 * (clock.now() - world.wall())) / 1000);
  }
  return seen;
}

describe('simulator: wall clock', () => {
  it('should show true time unless it is set wrong', async () => {
    assert.deepEqual(await ahead({}, 1, 1000), [0, 0]);
  });

  it('should be off by what it is set off', async () => {
    assert.deepEqual(await ahead({ offsetMs: -250 }, 1, 1000), [-250, -250]);
  });

  it('should drift from when it was set', async () => {
    assert.deepEqual(await ahead({ offsetMs: 5, driftMs: 100 }, 1000, 2500), [105, 255]);
  });

  it('should jump to and fro', async () => {
    const strobe = { offsetMs: 40, everyMs: 10 };
    assert.deepEqual(await ahead({ strobe }, 5, 15, 25, 35), [40, 0, 40, 0]);
  });
});
