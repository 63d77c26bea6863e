import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { Evaluator, Failure, Outcome } from '../../../harness/explore/evaluate.ts';
import type { Scenario } from '../../../harness/explore/scenario.ts';
import { shrink, type ShrinkOptions, type ShrinkProgress } from '../../../harness/explore/shrink.ts';
import { faults } from '../../../nemesis/index.ts';
import raft from '../../../targets/raft/target.ts';
import { judgedBy, madeUp, outcomeOf } from './scenarios.ts';

const FAILURE: Failure = { kind: 'linearizable', summary: 'made up' };
const OPTIONS: ShrinkOptions = { kit: { families: faults, target: raft }, budgetMs: 10_000 };

/** Fails as long as two certain operations and a partition are left. */
function needed({ operations = [], faults: planned }: Scenario): boolean {
  const at = (index: number): boolean => operations.some(({ at: time }) => Math.floor(time / 100) === index);
  return at(31) && at(90) && planned.some(({ plan }) => plan.family === 'partition');
}

/** Answers after a turn of the event loop, and keeps count. */
class Counting implements Evaluator {
  readonly width: number;
  readonly texts: string[] = [];
  most = 0;
  #underWay = 0;

  constructor(width: number) {
    this.width = width;
  }

  async evaluate(scenario: Scenario): Promise<Outcome> {
    this.texts.push(JSON.stringify(scenario));
    this.most = Math.max(this.most, ++this.#underWay);
    await turn();
    this.#underWay--;
    return outcomeOf(scenario, needed(scenario) ? FAILURE.kind : undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

describe('shrink', () => {
  it('should come down to what the failure needs', async () => {
    const { scenario, outcome, finished } = await shrink(madeUp('1'), FAILURE, judgedBy(needed), OPTIONS);
    assert.ok(needed(scenario));
    assert.equal(scenario.operations?.length, 2);
    assert.equal(scenario.faults.length, 1);
    assert.deepEqual(scenario.nodes, ['n1']);
    assert.equal(outcome.operations, 2);
    assert.equal(finished, true);
  });

  it('should come to the same with two processes as with one, each kept busy, nothing evaluated twice', async () => {
    const [one, two] = [new Counting(1), new Counting(2)];
    const first = await shrink(madeUp('2'), FAILURE, one, OPTIONS);
    const second = await shrink(madeUp('2'), FAILURE, two, OPTIONS);
    assert.deepEqual(second.scenario, first.scenario);
    assert.equal(one.most, 1);
    assert.equal(two.most, 2);
    for (const { texts } of [one, two]) {
      // The first is run once more, to have its operations written out.
      const [, ...others] = texts;
      assert.equal(new Set(others).size, others.length);
    }
  });

  it('should not take a failure of another kind for the same', async () => {
    const other: Evaluator = {
      ...judgedBy(needed),
      evaluate: (scenario) => {
        const kind = scenario.nodes.length < 5 ? 'election-safety' : FAILURE.kind;
        return Promise.resolve(outcomeOf(scenario, needed(scenario) ? kind : undefined));
      },
    };
    const { scenario } = await shrink(madeUp('1'), FAILURE, other, OPTIONS);
    assert.equal(scenario.nodes.length, 5);
    assert.equal(scenario.operations?.length, 2);
  });

  it('should pass over what cannot be run, but not when it is the scenario itself', async () => {
    const failing = (what: (scenario: Scenario) => boolean): Evaluator => ({
      ...judgedBy(needed),
      evaluate: (scenario) =>
        what(scenario) ? Promise.reject(new Error('did not start')) : judgedBy(needed).evaluate(scenario),
    });
    const { scenario } = await shrink(
      madeUp('1'),
      FAILURE,
      failing(({ nodes }) => nodes.length < 3),
      OPTIONS,
    );
    assert.equal(scenario.nodes.length, 3);
    await assert.rejects(
      shrink(
        madeUp('1'),
        FAILURE,
        failing(() => true),
        OPTIONS,
      ),
      /did not start/,
    );
  });

  it('should refuse a scenario that does not fail', async () => {
    await assert.rejects(
      shrink(
        madeUp('1'),
        FAILURE,
        judgedBy(() => false),
        OPTIONS,
      ),
      /does not fail as it is said to: linearizable/,
    );
  });

  it('should answer the best so far when it is interrupted, and say so', async () => {
    const controller = new AbortController();
    const progress = ({ scenario }: ShrinkProgress): void => {
      if ((scenario.operations?.length ?? 0) < 100) controller.abort();
    };
    const { signal } = controller;
    const options = { ...OPTIONS, signal, progress };
    const { scenario, finished } = await shrink(madeUp('1'), FAILURE, judgedBy(needed), options);
    const left = scenario.operations?.length ?? 0;
    assert.ok(left < 100 && left > 2, `${left} operations`);
    assert.ok(needed(scenario));
    assert.equal(finished, false);
  });

  it('should answer the best so far when the budget is spent', async () => {
    const { scenario, finished } = await shrink(madeUp('1'), FAILURE, new Counting(1), {
      ...OPTIONS,
      budgetMs: 1,
    });
    assert.ok(needed(scenario));
    assert.equal(finished, false);
  });

  it('should tell how far it has come, never backwards', async () => {
    const seen: ShrinkProgress[] = [];
    await shrink(madeUp('1'), FAILURE, judgedBy(needed), {
      ...OPTIONS,
      progress: (state) => void seen.push(state),
    });
    const [first] = seen;
    assert.equal(first?.scenario.operations?.length, 200);
    for (const [index, state] of seen.entries()) {
      const before = seen[index - 1];
      if (before === undefined) continue;
      assert.ok(state.tried >= before.tried && state.accepted >= before.accepted);
      assert.ok((state.scenario.operations?.length ?? 0) <= (before.scenario.operations?.length ?? 0));
    }
    assert.ok((seen.at(-1)?.tried ?? 0) > (seen.at(-1)?.accepted ?? 0));
  });
});
