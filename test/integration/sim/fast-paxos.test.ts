/**
 * Fast Paxos under simulation: repeatable to the byte, and correct under faults, with votes that collide and logs that are
 * compacted meanwhile. Its broken variants have their stories in test/unit/targets/fast-paxos/broken.test.ts.
 */
import assert from 'node:assert/strict';
import { countOutcomes } from '../../../harness/history/operation.ts';
import { decisionsIn } from '../../../reports/decisions.ts';
import { assertRepeatable } from '../../fixtures/repeatable.ts';
import { simulate } from '../../fixtures/simulate.ts';
import { verdictOn } from '../../fixtures/verdict.ts';

const target = 'fast-paxos';
const workload = 'register';

describe('Fast Paxos under simulation', function () {
  this.timeout(60_000);

  it('should give the same bytes of history for the same seed', () => assertRepeatable(target));

  it('should keep its promises under partitions, kills and pauses, in rounds of every kind', async () => {
    for (const seed of [1, 2]) {
      const run = await simulate({ target, seed, workload, rate: 100, timeLimitMs: 12_000 });
      assert.deepEqual(run.problems, [], `seed ${seed}`);
      assert.equal(await verdictOn(run, target, workload), true, `seed ${seed}`);
      assert.ok((countOutcomes(run.history)['write']?.ok ?? 0) > 100, `seed ${seed}`);
      const { kinds = [], collisions } = decisionsIn(run.logs) ?? {};
      assert.deepEqual(
        kinds.map(({ round }) => round),
        ['fast', 'classic', 'recovered'],
        `seed ${seed}`,
      );
      assert.ok((collisions?.collided ?? 0) > 0, `seed ${seed}`);
      const snapshots = Object.values(run.logs)
        .flat()
        .filter(({ event }) => event === 'snapshot-taken');
      assert.ok(snapshots.length > 0, `seed ${seed}`);
    }
  });
});
