/**
 * Did anything happen at all? Counts client operations by kind and outcome. A kind that was tried and never
 * succeeded was not tested, whatever the other checkers say, so it is `unknown`.
 */
import { worst, type Checker, type Problem } from '../harness/history/checker.ts';
import { pairCalls, type History } from '../harness/history/operation.ts';

interface Count {
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
}

const NONE: Count = { ok: 0, fail: 0, info: 0 };

/** Client operations by `f` and by how they ended; one that never completed counts as `info`. */
function countByFunction(history: History): Record<string, Count> {
  const counts: Record<string, Count> = {};
  for (const { invoke, completion } of pairCalls(history)) {
    const outcome = completion?.type ?? 'info';
    if (outcome === 'invoke') continue;
    const count = counts[invoke.f] ?? NONE;
    counts[invoke.f] = { ...count, [outcome]: count[outcome] + 1 };
  }
  return counts;
}

const inWords = ({ ok, fail, info }: Count): string => `${ok} ok, ${fail} failed, ${info} indeterminate`;

function neverSucceeded(f: string, count: Count): Problem {
  return {
    title: `No ${f} succeeded`,
    explanation: `Of the operations "${f}" ${inWords(count)}: nothing is known about how the system answers them. Look at their errors, or give the test more time or fewer faults.`,
  };
}

/** Operations by kind and outcome; `unknown` if a kind never succeeded, or nothing was done. */
export const stats: Checker = {
  name: 'stats',
  check(history) {
    const counts = countByFunction(history);
    const entries = Object.entries(counts);
    const total = entries.reduce(
      (sum, [, { ok, fail, info }]) => ({ ok: sum.ok + ok, fail: sum.fail + fail, info: sum.info + info }),
      NONE,
    );
    const problems = entries.filter(([, { ok }]) => ok === 0).map(([f, count]) => neverSucceeded(f, count));
    if (entries.length === 0) {
      problems.push({
        title: 'No operations',
        explanation: 'The history has no client operation, so nothing was tested.',
      });
    }
    return {
      valid: worst(problems.map(() => 'unknown')),
      summary: `${total.ok + total.fail + total.info} operations: ${inWords(total)}.`,
      problems,
      details: {
        total: { ...total },
        operations: Object.fromEntries(entries.map(([f, count]) => [f, { ...count }])),
      },
    };
  },
};
