/** The coordination service under simulation: each workload's claims hold under many faults at once, and a run repeats to the byte. */
import assert from 'node:assert/strict';
import { countOutcomes } from '../../../harness/history/operation.ts';
import { judge, simulate as run } from '../../../harness/explore/simulate.ts';
import { kitOf, scenarioOf, simulate } from '../../fixtures/simulate.ts';

const TARGET = 'coordination';
const CHECK_MS = 20_000;
const FAULTS = 'partition,kill,pause,packets,clock';

describe('coordination under simulation', function () {
  this.timeout(120_000);

  it('should give the same bytes of history for the same seed', async () => {
    const options = { seed: 1, target: TARGET, timeLimitMs: 3000, rate: 50 };
    const [first, again] = [await simulate(options), await simulate(options)];
    assert.equal(again.text, first.text);
    assert.equal(again.checksum, first.checksum);
  });

  for (const [workload, f] of [
    ['lock', 'update'],
    ['read-write-lock', 'examine'],
    ['election', 'campaign'],
    ['znodes', 'create'],
    ['sessions', 'register'],
    ['watches', 'watch'],
  ] as const) {
    it(`should keep its promises under faults: ${workload}`, async () => {
      const kit = await kitOf(TARGET);
      const scenario = scenarioOf(kit, {
        seed: 1,
        target: TARGET,
        workload,
        nemesis: FAULTS,
        rate: 60,
        timeLimitMs: 8000,
      });
      const simulated = await run(scenario, kit);
      const verdict = await judge(simulated, kit, CHECK_MS);
      const wrong = verdict.claims
        .filter(({ valid }) => valid !== true)
        .map(({ checker, valid }) => `${checker}: ${valid}`);
      assert.deepEqual(wrong, []);
      const { ok = 0 } = countOutcomes(simulated.history)[f] ?? {};
      assert.ok(ok > 10, `${ok} of ${f} succeeded`);
    });
  }
});
