import assert from 'node:assert/strict';
import fc from 'fast-check';
import { quickOutcomes, simulate } from '../../../harness/generator/index.ts';
import { canonical } from '../../../harness/json.ts';
import { createRandom } from '../../../harness/random.ts';
import { type ScheduledFault, drawSchedule, scheduleGenerator } from '../../../harness/run/schedule.ts';
import { NANOS_PER_MS } from '../../../harness/time.ts';
import { faults } from '../../../nemesis/index.ts';

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];

function draw(seed: number, names: readonly string[], limitMs = 30_000): ScheduledFault[] {
  const parts = faults
    .filter((family) => names.includes(family.name))
    .map((family) => ({ family, kinds: Object.keys(family.kinds) }));
  return drawSchedule(parts, NODES, createRandom(seed), { limitMs, intervalMs: 5000 });
}

describe('drawSchedule', () => {
  it('should give the same faults at the same times for the same seed, and others for another', () => {
    assert.deepEqual(draw(1, ['partition', 'kill']), draw(1, ['partition', 'kill']));
    assert.notDeepEqual(draw(1, ['partition', 'kill']), draw(2, ['partition', 'kill']));
  });

  it('should not change one family when another is added', () => {
    const plans = (names: readonly string[]): unknown =>
      draw(3, names)
        .filter((fault) => fault.plan.family === 'kill')
        .map(({ start, end, plan }) => ({ start, end, plan }));
    assert.deepEqual(plans(['kill']), plans(['kill', 'pause', 'partition']));
  });

  it('should keep faults of one family apart, end them in time, and number them in order', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1000, max: 60_000 }), (seed, limitMs) => {
        const schedule = draw(seed, ['partition', 'kill', 'pause'], limitMs);
        schedule.forEach((fault, index) => {
          assert.equal(fault.id, index);
          assert.ok(fault.start <= fault.end && fault.end <= limitMs);
        });
        for (const family of ['partition', 'kill', 'pause']) {
          const own = schedule.filter((fault) => fault.plan.family === family);
          own.slice(1).forEach((fault, index) => assert.ok(fault.start >= (own[index]?.end ?? 0)));
        }
      }),
    );
  });

  it('should let some faults hand over to the next of their family, which begins first', () => {
    const schedule = draw(1, ['partition'], 120_000);
    const handovers = schedule.slice(1).filter((fault, index) => fault.start === schedule[index]?.end);
    assert.ok(
      handovers.length > 0 && handovers.length < schedule.length / 2,
      `${handovers.length} of ${schedule.length}`,
    );
    const asked = simulate(scheduleGenerator(schedule), quickOutcomes).filter((_, index) => index % 2 === 0);
    for (const { id, start } of handovers) {
      const names = asked
        .filter(({ time }) => time === start * NANOS_PER_MS)
        .map(({ f, value }) => `${f} ${canonical(value)}`);
      assert.match(names[0] ?? '', new RegExp(`^start-partition .*"id":${id},`));
      assert.match(names[1] ?? '', new RegExp(`^stop-partition .*"id":${id - 1}}`));
    }
  });

  it('should meet every kind before any comes up again, and favourites twice as often', () => {
    for (let seed = 0; seed < 50; seed++) {
      const kills = draw(seed, ['kill'], 600_000).map((fault) => fault.plan.kind);
      for (let start = 0; start + 6 <= kills.length; start += 6) {
        const dealt = kills.slice(start, start + 6).sort();
        assert.deepEqual(dealt, ['all', 'leader', 'leader', 'majority', 'minority', 'one']);
      }
    }
  });

  it('should give at least four faults in half a minute of three families', () => {
    for (let seed = 0; seed < 100; seed++) assert.ok(draw(seed, ['partition', 'kill', 'pause']).length >= 4);
  });
});
