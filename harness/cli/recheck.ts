/**
 * Checks a run again from its directory with the checkers of its own workload and target: after a checker
 * was mended, or because the run was killed before it was checked. Changes nothing in the directory.
 */
import type { Validity } from '../history/checker.ts';
import { checkRun } from '../run/check-run.ts';
import { findWorkload, loadTarget, targetModuleOf } from '../run/load-target.ts';
import { familiesIn } from '../run/nemesis-spec.ts';
import type { CheckResult } from '../run/results.ts';
import { asksForFaults, doubtsOf, judgeClaims, judgeRun } from '../run/verdicts.ts';
import { loadRun } from '../store/load.ts';
import { STANDARD_CHECKERS, targets } from './registry.ts';

/** What a second look at a run gave. */
export interface Rechecked {
  readonly directory: string;
  readonly valid: Validity;
  readonly checks: readonly CheckResult[];
  /** What a reader should know about the run and its files. */
  readonly notes: readonly string[];
}

/** Checks the run in this directory. Throws UsageError when it is none, or when its target is gone. */
export async function recheck(directory: string, timeoutMs: number): Promise<Rechecked> {
  const { plan, results, history, logs, notes } = await loadRun(directory);
  const targetModule = targetModuleOf(plan.target, targets);
  const target = await loadTarget(targetModule);
  const checks = await checkRun({
    targetModule,
    workload: findWorkload(target, plan.workload).name,
    standardModule: STANDARD_CHECKERS,
    history,
    logs,
    timeoutMs,
  });
  const families = familiesIn(plan.nemesis);
  const claims = judgeClaims(target.claims, checks, families);
  const faults = { asked: asksForFaults(plan), records: results.faults };
  // What went wrong with the run itself is not mended by a second look.
  const { harnessProblems } = results;
  return {
    directory,
    valid: judgeRun(checks, claims, faults, harnessProblems.length),
    checks,
    notes: [
      ...notes,
      ...harnessProblems.map(({ title, explanation }) => `${title}: ${explanation}`),
      ...doubtsOf(results.faults),
    ],
  };
}

/** A line for each checker, and the problems in words. */
export function renderRechecked({ directory, valid, checks, notes }: Rechecked): string {
  const word = { true: 'PASS', false: 'FAIL', unknown: 'UNKNOWN' } as const;
  const width = Math.max(...checks.map((check) => check.checker.length));
  const problems = checks.flatMap((check) => (check.valid === true ? [] : check.problems));
  return [
    `${directory}: ${word[`${valid}`]}`,
    ...checks.map(
      ({ checker, valid: own, summary }) =>
        `  ${checker.padEnd(width)}  ${word[`${own}`].padEnd(7)}  ${summary}`,
    ),
    ...notes.map((note) => `  Note: ${note}`),
    ...problems.slice(0, 3).map(({ title, explanation }) => `\n${title}\n${explanation}`),
    ...(problems.length > 3 ? [`\n… and ${problems.length - 3} more; --json has them all.`] : []),
  ].join('\n');
}
