/**
 * What aim is worth: the mistakes in Raft that need the right leader to go at the right moment, looked for by faults that
 * are drawn blindly and by a strategy that goes by who leads. Both have the same clients, the same simulated time and the
 * same moments; what differs is whom they strike. The number is how many runs it takes on average to find the mistake.
 */
import { evaluatorHere, type Evaluator } from '../../harness/explore/evaluate.ts';
import type { Scenario } from '../../harness/explore/scenario.ts';
import { kitOf, scenarioOf } from '../fixtures/simulate.ts';
import type { Benchmark, Measurement } from './benchmark.ts';

/** Faults that do not know who leads. Whole-cluster outages are left out: after those nobody remembers anything, and no aim is needed. */
const BLIND = 'partition:halves+random-halves+one+ring+bridge+one-way,kill:one+minority,pause:one+minority';

/** The mistakes, and the strategy that is made for each. */
const MISTAKES = [
  { variant: 'old-term-commit', aimed: 'hunt:alternate' },
  { variant: 'early-read-index', aimed: 'hunt:isolate-elected' },
] as const;

/** A search ends when it has found so many, or has run so often. */
const FOUND = 10;
const RUNS_MAX = { aimed: 300, blind: 1500 };
const TIME_LIMIT_MS = 5000;
const RATE = 100;

/** What one way to search came to. */
interface Search {
  readonly runs: number;
  readonly found: number;
  readonly ms: number;
}

async function search(
  evaluator: Evaluator,
  scenario: (seed: number) => Scenario,
  runsMax: number,
): Promise<Search> {
  const begun = performance.now();
  let [runs, found] = [0, 0];
  while (runs < runsMax && found < FOUND) {
    const { valid } = await evaluator.evaluate(scenario(++runs));
    if (valid === false) found++;
  }
  return { runs, found, ms: performance.now() - begun };
}

function told({ runs, found }: Search): string {
  if (found === 0) return `none in ${runs} runs`;
  return `1 in ${(runs / found).toFixed(1)} runs (${found} in ${runs})`;
}

/** By mistake and way. */
export const aim: Benchmark = {
  name: 'aim',
  async *run() {
    const kit = await kitOf('raft');
    const evaluator = evaluatorHere(kit);
    for (const { variant, aimed } of MISTAKES) {
      for (const [way, nemesis] of [
        ['aimed', aimed],
        ['blind', BLIND],
      ] as const) {
        const scenario = (seed: number): Scenario =>
          scenarioOf(kit, { seed, variant, nemesis, timeLimitMs: TIME_LIMIT_MS, rate: RATE });
        const result = await search(evaluator, scenario, RUNS_MAX[way]);
        const name = `${variant}, ${way === 'aimed' ? aimed : 'faults drawn blindly'}`;
        yield { name, operations: result.runs, ms: result.ms, outcome: told(result) } satisfies Measurement;
      }
    }
  },
};
