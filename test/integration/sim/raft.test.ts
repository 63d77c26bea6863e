/** Raft under simulation: repeatable to the byte, correct when it should be, and caught when it is not. */
import assert from 'node:assert/strict';
import { EPOCH_MS } from '../../../harness/cluster/sim/world.ts';
import { countOutcomes, isClient } from '../../../harness/history/operation.ts';
import { faults } from '../../../nemesis/index.ts';
import { simulate } from '../../fixtures/simulate.ts';
import { verdictOn } from '../../fixtures/verdict.ts';

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);
const RATE = 100;

/** The first of the seeds with which the variant breaks a promise. */
async function firstFinding(variant: string, workload: string): Promise<number | undefined> {
  for (const seed of SEEDS) {
    const run = await simulate({ seed, variant, workload, rate: RATE });
    if ((await verdictOn(run, 'raft', workload)) === false) return seed;
  }
  return undefined;
}

/** Faults under which Raft promises anything: with an old disk it cannot. */
const promised = faults.filter(({ name, asks }) => name !== 'files' && asks === undefined);

describe('Raft under simulation', function () {
  this.timeout(120_000);

  it('should give the same bytes of history for the same seed, and others for another', async () => {
    const [first, again, other] = [
      await simulate({ seed: 1, timeLimitMs: 5000 }),
      await simulate({ seed: 1, timeLimitMs: 5000 }),
      await simulate({ seed: 2, timeLimitMs: 5000 }),
    ];
    assert.ok(first.history.filter(isClient).length > 1000);
    assert.equal(again.text, first.text);
    assert.equal(again.checksum, first.checksum);
    assert.notEqual(other.text, first.text);
    assert.notEqual(other.checksum, first.checksum);
  });

  // Changes whenever Raft, a workload, the nemesis, the harness or the simulator does anything else than before.
  it('should give this checksum for seed 1, today as ever', async () => {
    const { checksum } = await simulate({ seed: 1, workload: 'kv', rate: 100, timeLimitMs: 5000 });
    assert.equal(checksum, '87a7c9c2');
  });

  it('should give the same bytes when two simulations share the thread', async () => {
    const alone = await simulate({ seed: 3, timeLimitMs: 2000 });
    const [beside] = await Promise.all([
      simulate({ seed: 3, timeLimitMs: 2000 }),
      simulate({ seed: 4, timeLimitMs: 2000 }),
    ]);
    assert.equal(beside.text, alone.text);
    assert.equal(beside.checksum, alone.checksum);
  });

  it('should have time 0 of the history on the clock of the logs', async () => {
    const { startedMs, logs } = await simulate({ seed: 1, timeLimitMs: 1000, nemesis: 'none' });
    assert.ok(startedMs > EPOCH_MS && startedMs < EPOCH_MS + 1000);
    const elected = Object.values(logs)
      .flat()
      .find(({ event }) => event === 'became-leader');
    assert.ok(elected !== undefined && elected.time > EPOCH_MS && elected.time < startedMs + 1000);
  });

  it('should keep its promises under partitions, kills and pauses, with 20 seeds of 20 seconds', async () => {
    for (const seed of SEEDS) {
      const run = await simulate({ seed, workload: 'register', rate: RATE });
      assert.deepEqual(run.problems, [], `seed ${seed}`);
      assert.equal(await verdictOn(run, 'raft', 'register'), true, `seed ${seed}`);
      const families = run.faults.filter(({ confirmed }) => confirmed).map(({ family }) => family);
      assert.deepEqual([...new Set(families)].sort(), ['kill', 'partition', 'pause'], `seed ${seed}`);
      for (const { description, healed, healEvidence } of run.faults)
        assert.equal(healed, true, `seed ${seed}: ${description}: ${healEvidence}`);
      const { ok = 0 } = countOutcomes(run.history)['write'] ?? {};
      assert.ok(ok > 200, `seed ${seed}: ${ok} writes`);
    }
  });

  for (const { name } of promised) {
    it(`should have every ${name} confirmed, and healed`, async () => {
      const run = await simulate({ seed: 1, workload: 'register', nemesis: name, rate: RATE });
      assert.ok(run.faults.length >= 4);
      for (const { description, confirmed, masked, evidence, healed, healEvidence } of run.faults)
        assert.ok((confirmed || masked === true) && healed, `${description}: ${evidence}; ${healEvidence}`);
      assert.ok(run.faults.some(({ confirmed }) => confirmed));
      assert.equal(await verdictOn(run, 'raft', 'register'), true);
    });
  }

  it('should keep its promises under many families of faults at once', async () => {
    for (const seed of SEEDS.slice(0, 3)) {
      // All of them, over three seeds; so many confirmations take their time.
      const nemesis = promised.filter((_, index) => index % 3 === seed % 3).map(({ name }) => name);
      const run = await simulate({ seed, nemesis: nemesis.join(','), rate: RATE, timeLimitMs: 60_000 });
      assert.deepEqual(run.problems, [], `seed ${seed}`);
      assert.equal(await verdictOn(run, 'raft', 'kv'), true, `seed ${seed}`);
      const seen = run.faults.filter(({ confirmed, masked }) => confirmed || masked === true);
      assert.deepEqual([...new Set(seen.map(({ family }) => family))].sort(), nemesis.sort(), `seed ${seed}`);
      for (const { description, healed, healEvidence } of run.faults)
        assert.equal(healed, true, `seed ${seed}: ${description}: ${healEvidence}`);
    }
  });

  it('should be green where leaders are elected in terms in which nobody writes', async () => {
    // An operation in two seconds, and a new leader every second: most terms pass without a write.
    const options = { seed: 1, workload: 'register', nemesis: 'scenario:leader-hunt', rate: 0.5 };
    const run = await simulate({ ...options, timeLimitMs: 60_000 });
    const { ok = 0 } = countOutcomes(run.history)['write'] ?? {};
    const terms = new Set(
      Object.values(run.logs)
        .flat()
        .flatMap(({ event, term }) => (event === 'became-leader' ? [term] : [])),
    );
    assert.ok(ok > 0 && terms.size > ok, `${ok} writes in ${terms.size} terms`);
    assert.equal(await verdictOn(run, 'raft', 'register'), true);
  });

  it('should be caught without deduplication within 20 seeds', async () => {
    assert.notEqual(await firstFinding('no-dedup', 'append'), undefined);
  });

  it('should be caught when it acknowledges early within 20 seeds', async () => {
    assert.notEqual(await firstFinding('early-ack', 'register'), undefined);
  });
});
