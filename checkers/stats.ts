/**
 * Did anything happen at all? Counts client operations by kind and outcome. A kind that was tried and never
 * succeeded was not tested, whatever the other checkers say, so it is `unknown`.
 */
import { worst, type Checker, type Problem } from '../harness/history/checker.ts';
import { countOutcomes, type History, type OutcomeCounts } from '../harness/history/operation.ts';
import { kindOf } from './errors.ts';

const NONE: OutcomeCounts = { ok: 0, fail: 0, info: 0 };

const inWords = ({ ok, fail, info }: OutcomeCounts): string =>
  `${ok} ok, ${fail} failed, ${info} indeterminate`;

function neverSucceeded(f: string, count: OutcomeCounts, history: History): Problem {
  const error = commonestError(history.filter((operation) => operation.f === f));
  const why =
    error === undefined ? 'Look at their errors' : `Most often it was "${error}": see what that comes from`;
  return {
    title: `No ${f} succeeded`,
    explanation: `Of the operations "${f}" ${inWords(count)}: nothing is known about how the system answers them. ${why}, or give the test more time or fewer faults.`,
  };
}

/** As the checker of errors groups them; undefined when no operation told one. */
function commonestError(history: History): string | undefined {
  const counts = new Map<string, number>();
  for (const { error } of history) {
    if (error === undefined) continue;
    const text = kindOf(error);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].sort(([, left], [, right]) => right - left)[0]?.[0];
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
    const problems = entries
      .filter(([, { ok }]) => ok === 0)
      .map(([f, count]) => neverSucceeded(f, count, history));
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
