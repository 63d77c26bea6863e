/**
 * junit.xml, for the machines that gate merges. One test suite a run; a test case for the run's verdict,
 * each claim, each check, the faults and the harness.
 *
 * `unknown` is written as an error, never as a pass. What does not decide the run (a claim that is not made
 * under the run's faults) is written as skipped, so that the file and the exit code never disagree.
 */
import type { Problem, Validity } from '../harness/history/checker.ts';
import type { Reporter, RunRecord } from '../harness/run/reporter.ts';
import type { FaultRecord, RunResults } from '../harness/run/results.ts';
import {
  faultWords,
  isDecisive,
  plural,
  setupWords,
  sightWords,
  stoppedWords,
  targetWords,
} from './words.ts';

/** Writes `junit.xml`. */
export const junit: Reporter = {
  name: 'junit',
  file: 'junit.xml',
  render: (record) => renderJunit(record),
};

type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failure' | 'error' | 'skipped'; readonly message: string; readonly text: string };

interface TestCase {
  readonly name: string;
  readonly seconds: number;
  readonly outcome: Outcome;
}

function renderJunit(record: RunRecord): string {
  const { plan, results } = record;
  const name = `splitbrain.${plan.targetName}.${plan.workload}`;
  const cases = testCases(results);
  const count = (kind: Outcome['kind']): number => cases.filter((test) => test.outcome.kind === kind).length;
  const seconds = (results.durationNs / 1e9).toFixed(3);
  const totals = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${seconds}"`;
  const properties = Object.entries({
    target: targetWords(plan),
    setup: setupWords(plan),
    nemesis: plan.nemesis,
    seed: plan.seed,
    ...(results.stopped === undefined ? {} : { stopped: stoppedWords(results.stopped) }),
    ...(results.notes === undefined ? {} : { notes: results.notes.join(' ') }),
    command: plan.command,
    runId: plan.runId,
    splitbrain: plan.versions.splitbrain,
    node: plan.versions.node,
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="splitbrain" ${totals}>`,
    `  <testsuite name="${escapeXml(name)}" timestamp="${escapeXml(plan.started)}" ${totals}>`,
    '    <properties>',
    ...properties.map(([key, value]) => `      <property name="${key}" value="${escapeXml(value)}"/>`),
    '    </properties>',
    ...cases.map((test) => renderCase(name, test)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCases(results: RunResults): TestCase[] {
  const claims = results.claims.map(({ property, checker, valid, claimed }): TestCase => {
    const outcome = outcomeOf(valid, claimed === 'yes', `${property}, as ${checker} found`, results.summary);
    return { name: `claim: ${property}`, seconds: 0, outcome };
  });
  const checks = results.checks.map((check): TestCase => {
    const text = [check.summary, ...check.problems.map(problemText)].join('\n\n');
    const outcome = outcomeOf(check.valid, isDecisive(check, results), check.summary, text);
    return { name: `check: ${check.checker}`, seconds: check.tookMs / 1000, outcome };
  });
  const verdict = outcomeOf(results.valid, true, results.summary, results.summary);
  return [
    { name: 'verdict', seconds: results.durationNs / 1e9, outcome: verdict },
    ...claims,
    ...checks,
    { name: 'faults confirmed', seconds: 0, outcome: faultsOutcome(results.faults) },
    { name: 'harness', seconds: 0, outcome: harnessOutcome(results.harnessProblems) },
  ];
}

function outcomeOf(valid: Validity, decisive: boolean, message: string, text: string): Outcome {
  if (valid === true) return { kind: 'passed' };
  if (!decisive) return { kind: 'skipped', message: `not claimed under these faults: ${message}`, text: '' };
  return { kind: valid === false ? 'failure' : 'error', message, text };
}

function faultsOutcome(faults: readonly FaultRecord[]): Outcome {
  const unseen = faults.filter((fault) => sightWords(fault) === 'no' || !fault.healed);
  if (unseen.length === 0) return { kind: 'passed' };
  const text = unseen.map((fault) => {
    const start = (fault.start / 1e9).toFixed(3);
    const { done, how } = faultWords(fault);
    return `${fault.family} ${fault.kind} at ${start} s (${done}; ${how}): injected: ${fault.evidence}; healed: ${fault.healEvidence}`;
  });
  const message = `${plural(unseen.length, 'fault')} of ${faults.length} not confirmed, or not seen healed`;
  return { kind: 'error', message, text: text.join('\n') };
}

function harnessOutcome(problems: readonly Problem[]): Outcome {
  const first = problems[0];
  if (first === undefined) return { kind: 'passed' };
  return { kind: 'error', message: first.title, text: problems.map(problemText).join('\n\n') };
}

function problemText({ title, explanation, operations = [] }: Problem): string {
  const where =
    operations.length === 0 ? '' : `\nOperations (indices in history.jsonl): ${operations.join(', ')}`;
  return `${title}\n${explanation}${where}`;
}

function renderCase(suite: string, { name, seconds, outcome }: TestCase): string {
  const head = `    <testcase classname="${escapeXml(suite)}" name="${escapeXml(name)}" time="${seconds.toFixed(3)}"`;
  if (outcome.kind === 'passed') return `${head}/>`;
  const { kind, message, text } = outcome;
  return `${head}>\n      <${kind} message="${escapeXml(message)}">${escapeXml(text)}</${kind}>\n    </testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML 1.0 has no way at all to write most control characters and lone surrogates: they become U+FFFD. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
