/** Multi-Paxos under simulation: repeatable to the byte, correct under faults with its logs compacted meanwhile, and caught when broken. */
import assert from 'node:assert/strict';
import { countOutcomes } from '../../../harness/history/operation.ts';
import { decisionsIn } from '../../../reports/decisions.ts';
import { decisionsSection } from '../../../reports/html/decisions-section.ts';
import { assertRepeatable } from '../../fixtures/repeatable.ts';
import { simulate } from '../../fixtures/simulate.ts';
import { verdictOn } from '../../fixtures/verdict.ts';

const target = 'multi-paxos';
const workload = 'register';

describe('Multi-Paxos under simulation', function () {
  this.timeout(60_000);

  it('should give the same bytes of history for the same seed', () => assertRepeatable(target));

  it('should keep its promises under partitions, kills and pauses, and compact its log', async () => {
    for (const seed of [1, 2]) {
      const run = await simulate({ target, seed, workload, rate: 150, timeLimitMs: 12_000 });
      assert.deepEqual(run.problems, [], `seed ${seed}`);
      assert.equal(await verdictOn(run, target, workload), true, `seed ${seed}`);
      assert.ok((countOutcomes(run.history)['write']?.ok ?? 0) > 200, `seed ${seed}`);
      const snapshots = Object.values(run.logs)
        .flat()
        .filter(({ event }) => event === 'snapshot-taken');
      assert.ok(snapshots.length > 0, `seed ${seed}`);
    }
  });

  it('should decide in three message delays, and its report draw that, with no word of collisions', async () => {
    const run = await simulate({ target, seed: 1, workload, rate: 100, nemesis: 'none', timeLimitMs: 5000 });
    const decisions = decisionsIn(run.logs) ?? assert.fail('nodes tell nothing');
    const [classic = assert.fail(), ...others] = decisions.kinds;
    assert.deepEqual([classic.round, others, decisions.collisions], ['classic', [], undefined]);
    assert.deepEqual(
      classic.byDelays.map(({ delays }) => delays),
      [3],
    );
    // Of all updates at most what was not told yet when the run ended is missing.
    const updates = run.history.filter(({ f, type }) => type === 'ok' && f !== 'read').length;
    assert.ok(classic.commands > updates - 64, `${classic.commands} of ${updates}`);
    const { html } = decisionsSection(decisions, { plan: { runtime: 'sim' } });
    assert.match(html, /classic rounds: \d+ commands took 3 message delays \(100%\)/);
    assert.doesNotMatch(html, /collided|fast round/);
  });

  it('should be caught when its leader executes past a gap', async () => {
    const run = await simulate({ target, seed: 1, variant: 'gap-skip', workload, rate: 100 });
    assert.equal(await verdictOn(run, target, workload), false);
  });
});
