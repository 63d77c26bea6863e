/**
 * The verdict in one or two sentences: the first line of every report, and often the only one that is read. So
 * it says what was tested, which promise was kept or broken and under how much, in words that need no glossary.
 */
import { formatDuration, NANOS_PER_MS } from '../time.ts';
import type { RunResults, TestPlan } from './results.ts';
import { decides, doubtsOf } from './verdicts.ts';

/** The summary of a run with these results. */
export function summarize(plan: TestPlan, results: Omit<RunResults, 'summary'>): string {
  const name =
    plan.variant === undefined ? plan.targetName : `${plan.targetName} (broken variant ${plan.variant})`;
  switch (results.valid) {
    case true:
      return kept(name, plan.variant !== undefined, results);
    case false:
      return `${name} ${broken(results)} ${through(results)}${early(results)}. ${decisive(results) ?? ''}`.trimEnd();
    case 'unknown':
      return `No verdict on ${name}: ${whyUnknown(results)}`;
  }
}

/** A mistake that did not show is not gone, and whoever looks for it is told how to go on. */
function kept(name: string, isBroken: boolean, results: Omit<RunResults, 'summary'>): string {
  const sentence = `${name} kept its promises${inBrackets(promised(results, true))} ${through(results)}.`;
  if (!isBroken) return sentence;
  return `The mistake did not show; other seeds may show it (--test-count 10 --fail-fast). ${sentence}`;
}

/** Properties that are claimed under the run's faults and were found so. */
function promised({ claims }: Pick<RunResults, 'claims'>, valid: boolean): string[] {
  return claims
    .filter((claim) => claim.claimed === 'yes' && claim.valid === valid)
    .map(({ property }) => property);
}

function inBrackets(properties: readonly string[]): string {
  return properties.length === 0 ? '' : ` (${properties.join(', ')})`;
}

/** `broke its promise "linearizable"`; what is wrong without any promise on it is a check that failed. */
function broken(results: Omit<RunResults, 'summary'>): string {
  const properties = promised(results, false).map((property) => `"${property}"`);
  if (properties.length > 0) {
    return `broke its ${properties.length === 1 ? 'promise' : 'promises'} ${properties.join(' and ')}`;
  }
  const failed = results.checks.filter(
    ({ checker, valid }) => valid === false && decides(checker, results.claims),
  );
  return `failed the check ${failed.map(({ checker }) => `"${checker}"`).join(' and ')}`;
}

function through({ faults }: Pick<RunResults, 'faults'>): string {
  const confirmed = faults.filter((fault) => fault.confirmed).length;
  if (faults.length === 0) return 'with nothing broken on purpose';
  return `under ${confirmed} confirmed ${confirmed === 1 ? 'fault' : 'faults'}`;
}

function early({ stopped }: Pick<RunResults, 'stopped'>): string {
  return stopped === undefined ? '' : ` and was stopped after ${formatDuration(stopped.time / NANOS_PER_MS)}`;
}

/** What the first check says that has the run's verdict, and a say in it. */
function decisive({ valid, checks, claims }: Omit<RunResults, 'summary'>): string | undefined {
  return checks.find((check) => check.valid === valid && decides(check.checker, claims))?.summary;
}

function whyUnknown(results: Omit<RunResults, 'summary'>): string {
  const [problem] = results.harnessProblems;
  if (problem !== undefined) return `${problem.title}: ${problem.explanation}`;
  const undecided = decisive(results);
  if (undecided !== undefined) return undecided;
  const [doubt, ...others] = doubtsOf(results.faults);
  if (doubt !== undefined) return `${doubt}${others.length === 0 ? '' : ` (and ${others.length} more)`}.`;
  return results.faults.length === 0 ? 'no fault was injected.' : 'no fault was confirmed.';
}
