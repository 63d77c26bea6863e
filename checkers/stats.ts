/**
 * Did anything happen at all? Counts client operations by kind and outcome. A kind that was tried and never
 * succeeded was not tested, whatever the other checkers say, so it is `unknown`.
 */
import { worst, type Checker, type Problem } from '../harness/history/checker.ts';
import { countOutcomes, type OutcomeCounts } from '../harness/history/operation.ts';

const NONE: OutcomeCounts = { ok: 0, fail: 0, info: 0 };

const inWords = ({ ok, fail, info }: OutcomeCounts): string =>
  `${ok} ok, ${fail} failed, ${info} indeterminate`;

function neverSucceeded(f: string, count: OutcomeCounts): Problem {
  return {
    title: `No ${f} succeeded`,
    explanation: `Of the operations "${f}" ${inWords(count)}: nothing is known about how the system answers them. Look at their errors, or give the test more time or fewer faults.`,
  };
}

/** Operations by kind and outcome; `unknown` if a kind never succeeded, or nothing was done. */
export const stats: Checker = {
  name: 'stats',
  check(history) {
    const counts = countOutcomes(history);
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
