/**
 * What every report says in the same words: the verdict, what was tested, how many operations and faults
 * there were. Reports differ in form only, so that two of them never contradict each other.
 */
import type { Problem, Validity } from '../harness/history/checker.ts';
import type { CheckResult, EarlyStop, FaultRecord, RunResults, TestPlan } from '../harness/run/results.ts';
import { formatDuration, NANOS_PER_MS } from '../harness/time.ts';

/** A verdict for people: its word, what it means, and the exit code of the command that found it. */
export interface VerdictWords {
  readonly word: 'PASS' | 'FAIL' | 'UNKNOWN';
  readonly meaning: string;
  readonly exitCode: number;
}

/** The words for a verdict. */
export function verdictWords(valid: Validity): VerdictWords {
  switch (valid) {
    case true:
      return { word: 'PASS', meaning: 'No claim was broken in this run.', exitCode: 0 };
    case false:
      return { word: 'FAIL', meaning: 'Something happened that must not happen.', exitCode: 1 };
    case 'unknown':
      return {
        word: 'UNKNOWN',
        meaning: 'This run proves nothing either way. It is not a pass.',
        exitCode: 2,
      };
  }
}

/** The target, and the mistake if it is wrong on purpose: `raft`, `raft, variant local-reads (wrong on purpose)`. */
export function targetWords(plan: Pick<TestPlan, 'targetName' | 'variant'>): string {
  return plan.variant === undefined
    ? plan.targetName
    : `${plan.targetName}, variant ${plan.variant} (wrong on purpose)`;
}

/** How it was tested, in a line: `workload kv, 5 nodes on docker, 10 clients, 30.0 s, seed 1`. */
export function setupWords(plan: TestPlan): string {
  return [
    `workload ${plan.workload}`,
    `${plural(plan.nodes.length, 'node')} on ${plan.runtime}`,
    plural(plan.concurrency, 'client'),
    formatDuration(plan.timeLimitMs),
    `seed ${plan.seed}`,
  ].join(', ');
}

/** That a run was stopped early, and why: `at 3.2 s: key 7 fails the check "linearizable" up to index 412`. */
export function stoppedWords({ time, why }: EarlyStop): string {
  return `at ${formatDuration(time / NANOS_PER_MS)}: ${why}`;
}

/** A number with its noun: `1 node`, `5,000 operations`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A whole number with thousands separated: `5,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** Operations by outcome, over all functions. */
export function totalsOf(counts: RunResults['counts']): {
  ok: number;
  fail: number;
  info: number;
  all: number;
} {
  const totals = { ok: 0, fail: 0, info: 0, all: 0 };
  for (const { ok, fail, info } of Object.values(counts)) {
    totals.ok += ok;
    totals.fail += fail;
    totals.info += info;
    totals.all += ok + fail + info;
  }
  return totals;
}

/** What became of the faults of a family. */
export interface FaultTally {
  injected: number;
  /** Seen by a probe. */
  confirmed: number;
  /** Not seen, because other faults had taken all who could have. */
  masked: number;
}

/** How many faults of each family were injected, and how many of them a probe saw, or could not see. */
export function faultsByFamily(faults: readonly FaultRecord[]): Map<string, FaultTally> {
  const families = new Map<string, FaultTally>();
  for (const { family, confirmed, masked } of faults) {
    const tally = families.get(family) ?? { injected: 0, confirmed: 0, masked: 0 };
    tally.injected++;
    if (confirmed) tally.confirmed++;
    else if (masked === true) tally.masked++;
    families.set(family, tally);
  }
  return families;
}

/** Whether a probe saw the fault, in words: `yes`, `no`, or `masked`. */
export function sightWords({ confirmed, masked }: FaultRecord): 'yes' | 'no' | 'masked' {
  return confirmed ? 'yes' : masked === true ? 'masked' : 'no';
}

/** What was done, what it waited for, and how the runtime did it: `n3 killed, at a new leader`; `native: SIGKILL`. */
export function faultWords({ description, trigger, way }: FaultRecord): {
  readonly done: string;
  readonly how: string;
} {
  return {
    done: trigger === undefined ? description : `${description}, ${trigger}`,
    how: way === undefined ? 'not on record' : `${way.means}: ${way.how}`,
  };
}

/** A problem and who found it: a checker's name, or `harness`. */
export interface FoundProblem {
  readonly foundBy: string;
  readonly problem: Problem;
}

/** All problems: first those of checks that decide, failed before undecided; then the harness's; then all others. */
export function problemsOf(results: RunResults): FoundProblem[] {
  const of = (checks: readonly CheckResult[]): FoundProblem[] =>
    checks.flatMap((check) => check.problems.map((problem) => ({ foundBy: check.checker, problem })));
  const ofHarness = results.harnessProblems.map((problem) => ({ foundBy: 'harness', problem }));
  const decisive = results.checks.filter((check) => check.valid !== true && isDecisive(check, results));
  const others = results.checks.filter((check) => !decisive.includes(check));
  return [
    ...of(decisive.filter((check) => check.valid === false)),
    ...of(decisive.filter((check) => check.valid === 'unknown')),
    ...ofHarness,
    ...of(others),
  ];
}

/** Whether a check's verdict counts in the run's: not when all claims that rest on it hold only under other faults. */
export function isDecisive(check: CheckResult, results: RunResults): boolean {
  const claims = results.claims.filter((claim) => claim.checker === check.checker);
  return claims.length === 0 || claims.some((claim) => claim.claimed === 'yes');
}
