/**
 * Runs checkers over a history and judges the run. A checker that throws is `unknown`, never a pass; the
 * claims of the target decide which verdicts count.
 */
import { messageOf } from '../errors.ts';
import {
  type CheckContext,
  type Checker,
  type Problem,
  type Validity,
  type Verdict,
  worst,
} from '../history/checker.ts';
import type { History } from '../history/operation.ts';
import { PROGRESS } from '../history/progress.ts';
import { isJsonObject } from '../json.ts';
import { formatDuration, NANOS_PER_MS } from '../time.ts';
import { familiesIn } from './nemesis-spec.ts';
import type { CheckResult, ClaimResult, EarlyStop, FaultRecord, TestPlan } from './results.ts';
import type { Claim } from './target.ts';

/** Those of the checkers that find anything to check in this history. */
export function applicable(checkers: Iterable<Checker>, history: History): Checker[] {
  return [...checkers].filter((checker) => checker.applies?.(history) ?? true);
}

/** Runs one checker; whatever it throws becomes `unknown` with the message. */
export async function runChecker(
  checker: Checker,
  history: History,
  context: CheckContext,
): Promise<CheckResult> {
  const begun = performance.now();
  try {
    const verdict = await checker.check(history, context);
    requireVerdict(verdict);
    return { checker: checker.name, ...verdict, tookMs: Math.round(performance.now() - begun) };
  } catch (error) {
    return unfinished(checker.name, `the checker failed: ${messageOf(error)}`, performance.now() - begun);
  }
}

/** Checkers are written by users as well, and what is no verdict must not pass for one. */
function requireVerdict(verdict: unknown): asserts verdict is Verdict {
  const fields: Readonly<Record<string, unknown>> = isJsonObject(verdict) ? verdict : {};
  const { valid, summary, problems } = fields;
  const known = valid === true || valid === false || valid === 'unknown';
  if (known && typeof summary === 'string' && Array.isArray(problems)) return;
  throw new TypeError(`expected { valid, summary, problems } of it, got ${JSON.stringify(verdict)}`);
}

/** The result of a check that did not come to its end. */
export function unfinished(checker: string, why: string, tookMs: number): CheckResult {
  const problem = { title: `${checker} gave no verdict`, explanation: why };
  return { checker, valid: 'unknown', summary: why, problems: [problem], tookMs: Math.round(tookMs) };
}

/** Each claim that a checker of this run decides. Beyond the faults it is made for, a claim is not claimed. */
export function judgeClaims(
  claims: readonly Claim[],
  checks: readonly CheckResult[],
  families: readonly string[],
): ClaimResult[] {
  return claims.flatMap(({ property, checker, under }) => {
    const check = checks.find((candidate) => candidate.checker === checker);
    if (check === undefined) return [];
    const claimed = families.every((family) => isClaimed(under, family)) ? 'yes' : 'no';
    return [{ property, checker, valid: check.valid, claimed }];
  });
}

/** Whether what is claimed under these families is claimed under this one. */
export function isClaimed(under: Claim['under'], family: string): boolean {
  if (under === 'any') return true;
  return 'except' in under ? !under.except.includes(family) : under.includes(family);
}

/** Whether a plan asks for faults, so that some must have fired: those of a repeated run may find nothing to strike. */
export function asksForFaults({
  nemesis,
  intervalMs,
  scheduleFile,
}: Pick<TestPlan, 'nemesis' | 'intervalMs' | 'scheduleFile'>): boolean {
  return familiesIn(nemesis).length > 0 && (intervalMs > 0 || scheduleFile !== undefined);
}

/**
 * What nobody saw of the faults, a sentence each: one that was injected and not seen to hold may have done nothing, and one
 * whose end was not seen may have gone on. That a minority was taken away is for the check of progress to judge.
 */
export function doubtsOf(records: readonly FaultRecord[]): string[] {
  return records.flatMap(
    ({ family, kind, start, end, confirmed, masked, evidence, healed, healEvidence }) => {
      const which = `the fault ${family}:${kind} at ${formatDuration(start / NANOS_PER_MS)}`;
      if (!confirmed && masked !== true && family !== PROGRESS)
        return [`${which} was injected, and no probe saw that it holds: ${evidence}`];
      if (end !== undefined && !healed)
        return [`${which} was healed, and nobody saw its end: ${healEvidence}`];
      return [];
    },
  );
}

/**
 * The verdict of the whole run: the worst of all checks, but for those whose claim is not made under these
 * faults; and `unknown` when faults were asked for and none was confirmed, when one of them is in doubt, or the harness
 * had problems.
 */
export function judgeRun(
  checks: readonly CheckResult[],
  claims: readonly ClaimResult[],
  faults: { readonly asked: boolean; readonly records: readonly FaultRecord[] },
  harnessProblems: number,
): Validity {
  const counted = checks.filter((check) => decides(check.checker, claims)).map((check) => check.valid);
  // That a minority was taken away afterwards says nothing of the faults that were asked for.
  const asked = faults.records.filter(({ family }) => family !== PROGRESS);
  const fired = !faults.asked || asked.some((fault) => fault.confirmed);
  const certain = fired && harnessProblems === 0 && doubtsOf(faults.records).length === 0;
  return worst([...counted, certain ? true : 'unknown']);
}

/** A check decides unless all claims that rest on it are beyond what is claimed under these faults. */
export function decides(checker: string, claims: readonly ClaimResult[]): boolean {
  const resting = claims.filter((claim) => claim.checker === checker);
  return resting.length === 0 || resting.some((claim) => claim.claimed === 'yes');
}

/**
 * What is wrong when a run was stopped at a violation that the check of its whole history does not find: one of the two is mistaken, and
 * a run that was cut short proves nothing by what is right in it.
 */
export function unconfirmed(
  stopped: EarlyStop | undefined,
  checks: readonly CheckResult[],
): Problem | undefined {
  const check = checks.find(({ checker }) => checker === stopped?.checker);
  if (stopped === undefined || check?.valid === false) return undefined;
  const found = check === undefined ? 'was not made.' : `says: ${check.summary}`;
  return {
    title: 'The run was stopped at a violation that was not confirmed',
    explanation:
      `At ${formatDuration(stopped.time / NANOS_PER_MS)} the check that followed the run said that ${stopped.why}; ` +
      `the check of the whole history ${found} Without --fail-fast the run goes on to its end.`,
    operations: [stopped.operation],
  };
}
