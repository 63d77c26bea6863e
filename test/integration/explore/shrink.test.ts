/** Broken variants of Raft, caught in long runs and shrunk to a few operations and faults. */
import assert from 'node:assert/strict';
import { evaluatorHere, type Evaluator, type Outcome } from '../../../harness/explore/evaluate.ts';
import type { Kit } from '../../../harness/explore/kit.ts';
import type { Scenario } from '../../../harness/explore/scenario.ts';
import { shrink, type Shrunk } from '../../../harness/explore/shrink.ts';
import { kitOf, scenarioOf } from '../../fixtures/simulate.ts';

const BUDGET_MS = 60_000;
const SEEDS = [1, 2, 3, 4, 5, 6];
const TIMES = 20;

/** The first of the seeds with which the variant fails, and how. */
async function failing(kit: Kit, evaluator: Evaluator, variant: string): Promise<[Scenario, Outcome]> {
  for (const seed of SEEDS) {
    const scenario = scenarioOf(kit, { seed, variant, rate: 100, timeLimitMs: 10_000 });
    const outcome = await evaluator.evaluate(scenario);
    if (outcome.valid === false) return [scenario, outcome];
  }
  throw new Error(`${variant} was not caught with seeds ${SEEDS.join(', ')}`);
}

describe('shrinking Raft', function () {
  this.timeout(120_000);

  /** As soon as it is small enough; whoever has time goes on. */
  async function shrunkBelow(variant: string, operations: number, faults: number): Promise<[Kit, Shrunk]> {
    const kit = await kitOf('raft');
    const evaluator = evaluatorHere(kit);
    const [scenario, { failure }] = await failing(kit, evaluator, variant);
    assert.ok(failure !== undefined);
    const enough = new AbortController();
    const shrunk = await shrink(scenario, failure, evaluator, {
      kit,
      budgetMs: BUDGET_MS,
      signal: enough.signal,
      progress({ outcome, scenario: smallest }) {
        if (outcome.operations <= operations && smallest.faults.length <= faults) enough.abort();
      },
    });
    assert.equal(shrunk.outcome.failure?.kind, failure.kind);
    return [kit, shrunk];
  }

  for (const variant of ['volatile-vote', 'early-ack']) {
    it(`should bring ${variant} down to 15 operations and 4 faults, which fail each time and not without the mistake`, async () => {
      const [kit, { scenario, outcome }] = await shrunkBelow(variant, 15, 4);
      assert.ok(outcome.operations <= 15, `${outcome.operations} operations`);
      assert.ok(scenario.faults.length <= 4, `${scenario.faults.length} faults`);
      const evaluator = evaluatorHere(kit);
      for (let time = 0; time < TIMES; time++)
        assert.equal((await evaluator.evaluate(scenario)).checksum, outcome.checksum);
      const { variant: _, ...correct } = scenario;
      assert.notEqual((await evaluator.evaluate(correct)).valid, false);
    });
  }
});
