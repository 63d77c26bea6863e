/**
 * What aim is worth: the mistakes in Raft that need the right leader to go at the right moment, looked for by faults that
 * are drawn blindly and by a strategy that goes by who leads. Both have the same clients and the same simulated time. The
 * number is how many runs it takes on average to find the mistake.
 */
import { evaluatorHere, type Evaluator } from '../../harness/explore/evaluate.ts';
import type { Scenario } from '../../harness/explore/scenario.ts';
import { kitOf, scenarioOf } from '../fixtures/simulate.ts';
import type { Benchmark, Measurement } from './benchmark.ts';

/** Faults that do not know who leads. Whole-cluster outages are left out: after those nobody remembers anything, and no aim is needed. */
const BLIND = 'partition:halves+random-halves+one+ring+bridge+one-way,kill:one+minority,pause:one+minority';

/** A mistake, and the strategy that is best at it. */
interface Case {
  readonly variant: string;
  readonly aimed: string;
  /** Simulated milliseconds of one run, aimed or blind. */
  readonly timeLimitMs: number;
  /** Between two aimed faults, on average: a story takes longer than a stroke. Blind faults come as often as usual. */
  readonly intervalMs: number;
}

const CASES: readonly Case[] = [
  {
    variant: 'old-term-commit',
    aimed: 'scenario:leaders-in-turn',
    timeLimitMs: 25_000,
    intervalMs: 9000,
  },
  { variant: 'early-read-index', aimed: 'hunt:crash-unreplicated', timeLimitMs: 5000, intervalMs: 2000 },
];

/** A search ends when it has found so many, or has run so often. */
const FOUND = 10;
const RUNS_MAX = { aimed: 60, blind: 400 };
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
    for (const { variant, aimed, timeLimitMs, intervalMs } of CASES) {
      const asUsual = { variant, timeLimitMs, rate: RATE };
      const ways = {
        aimed: { ...asUsual, nemesis: aimed, intervalMs },
        blind: { ...asUsual, nemesis: BLIND },
      };
      for (const way of ['aimed', 'blind'] as const) {
        const scenario = (seed: number): Scenario => scenarioOf(kit, { ...ways[way], seed });
        const result = await search(evaluator, scenario, RUNS_MAX[way]);
        const name = `${variant}, ${way === 'aimed' ? aimed : 'faults drawn blindly'}`;
        yield { name, operations: result.runs, ms: result.ms, outcome: told(result) } satisfies Measurement;
      }
    }
  },
};
