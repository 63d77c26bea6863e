/**
 * The life of a test, from set-up to verdict: cluster up, preconditions, clients against nemesis, heal, final
 * operations, logs collected, cluster down - always - then check, judge, report.
 */
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster, Runtime } from '../cluster/cluster.ts';
import { HarnessError, messageOf } from '../errors.ts';
import type { Problem, Validity } from '../history/checker.ts';
import { openRecorder } from '../history/recorder.ts';
import { type History, countOutcomes } from '../history/operation.ts';
import { createRandom } from '../random.ts';
import { RUN_FILES, writeRunFile, writeRunJson } from '../store/directory.ts';
import { readNodeLogs } from '../store/load.ts';
import { checkRun } from './check-run.ts';
import { type DriveOutcome, type RunObserver, drive } from './drive.ts';
import type { NemesisPart } from './nemesis-spec.ts';
import { requireWhole } from './preconditions.ts';
import type { Reporter, RunRecord } from './reporter.ts';
import type { FaultRecord, RunResults, TestPlan } from './results.ts';
import { drawSchedule } from './schedule.ts';
import type { Target, Workload } from './target.ts';
import { judgeClaims, judgeRun, unfinished } from './verdicts.ts';

/** How long all checks of a run may take together. */
const CHECK_LIMIT_MS = 120_000;

/** Everything that one test needs. */
export interface TestRequest {
  readonly plan: TestPlan;
  readonly directory: string;
  readonly target: Target;
  /** URL of the module whose default export the target is; the checkers' thread loads it again. */
  readonly targetModule: string;
  readonly workload: Workload;
  readonly runtime: Runtime;
  readonly nemesis: readonly NemesisPart[];
  /** URL of the module that exports `standardCheckers`. */
  readonly standardModule: string;
  readonly reporters: readonly Reporter[];
  /** Ends the test early; what was recorded is kept. */
  readonly signal: AbortSignal;
  readonly observer: RunObserver;
}

/**
 * Runs one test and writes its directory. Rejects with a HarnessError when the test could not begin; once it
 * has begun, whatever goes wrong is in the results.
 */
export async function runTest(request: TestRequest): Promise<RunRecord> {
  const { plan, directory, observer: outer } = request;
  const observer: RunObserver = {
    phase: (line) => {
      appendFileSync(join(directory, RUN_FILES.log), `${new Date().toISOString()} ${line}\n`);
      outer.phase(line);
    },
    live: (read) => outer.live(read),
  };
  const recorder = openRecorder(join(directory, RUN_FILES.history));
  let outcome: DriveOutcome;
  try {
    outcome = await withCluster({ ...request, observer }, recorder);
  } catch (error) {
    observer.phase(`failed: ${messageOf(error)}`);
    throw error;
  } finally {
    recorder.close();
  }
  const history = recorder.operations;
  const logs = readNodeLogs(directory, plan.nodes);
  observer.phase(`checking ${history.length} entries of history`);
  const results = await judge({ ...request, observer }, history, logs, outcome);
  const record: RunRecord = { plan, results, history, logs };
  writeRunJson(directory, RUN_FILES.results, results);
  if (results.valid === true) discardDisks(directory, plan.nodes);
  for (const reporter of request.reporters)
    writeRunFile(directory, reporter.file, await reporter.render(record));
  return record;
}

type RunRecorder = ReturnType<typeof openRecorder>;

/** Cluster up, test, cluster down; the cluster goes down whatever happens. */
async function withCluster(request: TestRequest, recorder: RunRecorder): Promise<DriveOutcome> {
  const { plan, target, directory, runtime, observer } = request;
  const schedule = drawSchedule(request.nemesis, plan.nodes, createRandom(plan.seed).fork('nemesis'), {
    limitMs: plan.timeLimitMs,
    intervalMs: plan.intervalMs,
  });
  writeRunJson(directory, RUN_FILES.plan, { ...plan, schedule });
  const cluster = runtime.create({
    runId: plan.runId,
    nodes: plan.nodes,
    nodeModule: target.variants?.[plan.variant ?? '']?.nodeModule ?? target.nodeModule,
    options: target.options ?? {},
    seed: plan.seed,
    directory,
    progress: (line) => {
      observer.phase(line);
    },
  });
  const problems: Problem[] = [];
  let outcome: DriveOutcome | undefined;
  try {
    observer.phase(`starting ${plan.nodes.length} nodes on ${plan.runtime}`);
    await startOrStop(cluster, request.signal);
    await requireWhole(cluster);
    outcome = await drive({ ...request, schedule }, cluster, recorder);
  } finally {
    observer.phase('collecting logs, stopping the cluster');
    await attempt(problems, 'Logs could not be collected', () => cluster.collect({ disks: true }));
    await attempt(problems, 'The cluster could not be stopped', () => cluster.stop());
  }
  return { ...outcome, problems: [...outcome.problems, ...problems] };
}

/** Starts the cluster, unless the user gives up on it meanwhile. */
async function startOrStop(cluster: Cluster, signal: AbortSignal): Promise<void> {
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new HarnessError('interrupted while the cluster was starting'));
    });
  });
  interrupted.catch(() => undefined);
  if (signal.aborted) throw new HarnessError('interrupted before the cluster was started');
  await Promise.race([cluster.start(), interrupted]);
}

async function attempt(problems: Problem[], title: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    problems.push({ title, explanation: messageOf(error) });
  }
}

async function judge(
  request: TestRequest,
  history: History,
  logs: RunRecord['logs'],
  outcome: DriveOutcome,
): Promise<RunResults> {
  const { plan, target, targetModule, workload, standardModule, nemesis, signal } = request;
  const { faults, problems, startedMs } = outcome;
  const checks = signal.aborted
    ? [unfinished('checkers', 'the run was interrupted; `splitbrain check` can check what was recorded', 0)]
    : await checkRun({
        targetModule,
        workload: workload.name,
        standardModule,
        history,
        logs,
        timeoutMs: CHECK_LIMIT_MS,
      });
  const families = nemesis.map((part) => part.family.name);
  const claims = judgeClaims(target.claims, checks, families);
  const asked = families.length > 0;
  const valid = judgeRun(checks, claims, { asked, records: faults }, problems.length);
  const last = history[history.length - 1];
  return {
    valid,
    summary: summarize(plan, valid, checks.find((check) => check.valid === valid)?.summary, faults, problems),
    claims,
    checks,
    faults,
    counts: countOutcomes(history),
    startedMs,
    durationNs: last?.time ?? 0,
    harnessProblems: problems,
  };
}

/** The verdict in one sentence for someone who has never heard of any of this. */
function summarize(
  plan: TestPlan,
  valid: Validity,
  decisive: string | undefined,
  faults: readonly FaultRecord[],
  problems: readonly Problem[],
): string {
  const what =
    plan.variant === undefined ? plan.targetName : `${plan.targetName} (broken variant ${plan.variant})`;
  const confirmed = faults.filter((fault) => fault.confirmed).length;
  const under = faults.length === 0 ? 'with no faults' : `under ${confirmed} confirmed faults`;
  if (valid === true) return `${what} kept its promises ${under}.`;
  if (valid === false) return `${what} broke a promise ${under}: ${decisive ?? ''}`;
  if (problems[0] !== undefined)
    return `No verdict on ${what}: ${problems[0].title}: ${problems[0].explanation}`;
  if (faults.length > 0 && confirmed === 0) return `No verdict on ${what}: no fault was confirmed.`;
  return `No verdict on ${what}: ${decisive ?? 'no fault was injected'}`;
}

/** Disks are kept for finding out what went wrong, and only then. */
function discardDisks(directory: string, nodes: readonly string[]): void {
  for (const node of nodes) rmSync(join(directory, 'nodes', node, 'data'), { recursive: true, force: true });
}
