/**
 * The life of a test, from set-up to verdict: cluster up, preconditions, clients against nemesis, heal, final
 * operations, logs collected, cluster down - always - then check, judge, report.
 */
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster, ClusterPlan, Runtime } from '../cluster/cluster.ts';
import type { FaultFamily } from '../cluster/fault.ts';
import { HarnessError, UsageError, messageOf } from '../errors.ts';
import type { Problem } from '../history/checker.ts';
import { type Recorder, openRecorder } from '../history/recorder.ts';
import { type History, countOutcomes } from '../history/operation.ts';
import { createRandom } from '../random.ts';
import { RUN_FILES, writeRunFile, writeRunJson } from '../store/directory.ts';
import { readNodeLogs } from '../store/load.ts';
import { traceIn } from '../store/trace.ts';
import { checkRun } from './check-run.ts';
import { clusterNodes } from './cluster-nodes.ts';
import { type DriveOutcome, type RunObserver, drive } from './drive.ts';
import { type GivenFault, scheduleOf, scheduleText } from './given-faults.ts';
import { type Follower, followApart, followHere } from './follow.ts';
import { type NemesisPart, abilitiesOf } from './nemesis-spec.ts';
import { followable } from './online-checks.ts';
import { requireWhole } from './preconditions.ts';
import type { Reporter, RunRecord } from './reporter.ts';
import type { RunResults, TestPlan } from './results.ts';
import { type ScheduledFault, drawSchedule } from './schedule.ts';
import type { ScheduledOperation } from './script.ts';
import { summarize } from './summary.ts';
import type { Target, Workload } from './target.ts';
import type { TraceSink } from './trace.ts';
import { asksForFaults, judgeClaims, judgeRun, unconfirmed, unfinished } from './verdicts.ts';

/** How long all checks of a run may take together. */
const CHECK_LIMIT_MS = 120_000;

/** What is done, given one by one, in the place of what seed and workload would draw. */
export interface GivenRun {
  readonly schedule: readonly ScheduledFault[];
  /** The clients' operations; absent: the workload generates them. */
  readonly operations?: readonly ScheduledOperation[];
  /** Whether the workload's final operations follow. */
  readonly final: boolean;
}

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
  /** Exactly these faults, in the place of drawn ones. */
  readonly faults?: readonly GivenFault[];
  /** Every family that the runtime can do: one of them takes the minority away when a majority is left alone. */
  readonly families?: readonly FaultFamily[];
  /** Drawn from the plan's seed unless given. */
  readonly given?: GivenRun;
  /** URL of the module that exports `standardCheckers`. */
  readonly standardModule: string;
  readonly reporters: readonly Reporter[];
  /** Ends the test early; what was recorded is kept. */
  readonly signal: AbortSignal;
  readonly observer: RunObserver;
  /** Looks on while the cluster runs; its file is in the directory afterwards. */
  readonly trace?: TraceSink;
}

/** What a schedule of faults is drawn from. */
export interface ScheduleRequest {
  readonly plan: Pick<TestPlan, 'nodes' | 'seed' | 'timeLimitMs' | 'intervalMs'>;
  readonly nemesis: readonly NemesisPart[];
  readonly faults?: readonly GivenFault[];
}

/**
 * Runs one test and writes its directory. Rejects with a HarnessError when the test could not begin, or not go
 * on (its history cannot be written, its generator is stuck); whatever else goes wrong is in the results.
 */
export async function runTest(request: TestRequest): Promise<RunRecord> {
  const { plan, directory } = request;
  const observer = logged(request.observer, join(directory, RUN_FILES.log));
  const given = request.given ?? { schedule: drawnSchedule(request), final: true };
  writeRunJson(directory, RUN_FILES.plan, { ...plan, ...given });
  const recorder = openRecorder(join(directory, RUN_FILES.history));
  const mishaps = new Mishaps(observer);
  let outcome: DriveOutcome;
  const follower = plan.failFast === true ? await follow(request, recorder.operations) : undefined;
  const followed = follower === undefined ? {} : { follower };
  try {
    outcome = await withCluster({ ...request, ...followed, observer, given }, recorder, mishaps);
  } catch (error) {
    observer.phase(`failed: ${messageOf(error)}`);
    throw error;
  } finally {
    await follower?.close();
    await mishaps.watch('The history could not be written to its end', () => recorder.close());
  }
  const history = recorder.operations;
  await mishaps.watch('The faults that happened could not be written', () =>
    writeRunFile(directory, RUN_FILES.faults, scheduleText(outcome.happened)),
  );
  const logs = readNodeLogs(directory, [...plan.nodes, ...(plan.spares ?? [])]);
  observer.phase(`checking ${history.length} entries of history`);
  const problems = [...outcome.problems, ...mishaps.problems];
  for (const note of follower?.notes ?? []) observer.phase(note);
  const results = await judge(request, history, logs, {
    ...outcome,
    problems,
    notes: follower?.notes ?? [],
  });
  if (results.valid === true) discardDisks(directory, plan.nodes);
  return writeRecord({ plan, results, history, logs, ...traceIn(directory) }, request, observer);
}

/** The faults that the plan's seed gives, or those that were given with what they leave open. */
export function drawnSchedule({ plan, nemesis, faults }: ScheduleRequest): ScheduledFault[] {
  const { nodes, timeLimitMs, intervalMs } = plan;
  const random = createRandom(plan.seed).fork('nemesis');
  if (faults === undefined) return drawSchedule(nemesis, nodes, random, { limitMs: timeLimitMs, intervalMs });
  const families = nemesis.map(({ family }) => family);
  return scheduleOf(faults, families, nodes, random, timeLimitMs);
}

/** Begins to follow the run; undefined if no check can that has a say in it. */
async function follow(
  { target, targetModule, workload, nemesis, runtime }: TestRequest,
  history: History,
): Promise<Follower | undefined> {
  const checkers = followable(target, workload, familiesOf(nemesis));
  if (checkers.length === 0) return undefined;
  if (runtime.simulates === true) return followHere(checkers);
  const names = checkers.map(({ name }) => name);
  return followApart({ targetModule, workload: workload.name, checkers: names }, history);
}

function familiesOf(nemesis: readonly NemesisPart[]): string[] {
  return nemesis.map(({ family }) => family.name);
}

/** The observer, with each phase in the run's own log as well. */
function logged(observer: RunObserver, file: string): RunObserver {
  return {
    phase(line) {
      try {
        appendFileSync(file, `${new Date().toISOString()} ${line}\n`);
      } catch {
        // A full disk must not keep the cluster from being stopped; the history's own writer reports it.
      }
      observer.phase(line);
    },
    live: (read) => observer.live(read),
  };
}

/** What goes wrong on the way and must not keep what follows from being done. */
class Mishaps {
  readonly problems: Problem[] = [];
  readonly #observer: RunObserver;
  #refusal: UsageError | undefined;

  constructor(observer: RunObserver) {
    this.#observer = observer;
  }

  async watch(title: string, action: () => Promise<void> | void): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (error instanceof UsageError) {
        this.#refusal ??= error;
        return;
      }
      this.problems.push({ title, explanation: messageOf(error) });
      this.#observer.phase(`${title}: ${messageOf(error)}`);
    }
  }

  /** When all is done: throws if the request was wrong, which outranks whatever else has come of it. */
  throwRefusal(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
  }
}

/** Cluster up, test, cluster down; the cluster goes down whatever happens. */
async function withCluster(
  request: TestRequest & { readonly given: GivenRun; readonly follower?: Follower },
  recorder: Recorder,
  mishaps: Mishaps,
): Promise<DriveOutcome> {
  const { plan, directory, runtime, observer, given, trace } = request;
  const cluster = runtime.create({
    runId: plan.runId,
    ...nodesOf(request),
    seed: plan.seed,
    ...(plan.settings === undefined ? {} : { settings: plan.settings }),
    directory,
    progress: (line) => {
      observer.phase(line);
    },
  });
  try {
    observer.phase(`starting ${plan.nodes.join(' ')} on ${plan.runtime}`);
    await startOrStop(cluster, request.signal);
    // For people who want to ask a node themselves, with curl or a browser.
    observer.phase(`they answer at ${plan.nodes.map((node) => cluster.endpoint(node)).join(' ')}`);
    await requireWhole(cluster);
    trace?.begin(cluster.time.now());
    const { abilities, simulates = false } = runtime;
    return await drive({ ...request, ...given, abilities, simulated: simulates }, cluster, recorder);
  } finally {
    observer.phase('collecting logs, stopping the cluster');
    await mishaps.watch('Logs could not be collected', () => cluster.collect({ disks: true }));
    await mishaps.watch('The cluster could not be stopped', () => cluster.stop());
    await mishaps.watch('The trace could not be written to its end', () => trace?.close());
    mishaps.throwRefusal();
  }
}

/** Which nodes there are to be, what they run, and what will be asked of them. */
function nodesOf({
  plan,
  target,
  nemesis,
  families = [],
}: TestRequest): Pick<ClusterPlan, 'nodes' | 'spares' | 'nodeModule' | 'versions' | 'abilities' | 'options'> {
  const takers = families.filter((family) => 'takeAway' in family && (plan.progressLimitMs ?? 0) > 0);
  const afterwards = takers.map((family) => ({ family, kinds: Object.keys(family.kinds) }));
  return clusterNodes(plan, target, abilitiesOf([...nemesis, ...afterwards]));
}

/** Starts the cluster, unless the user gives up on it meanwhile. */
async function startOrStop(cluster: Cluster, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw new HarnessError('interrupted before the cluster was started');
  const over = new AbortController();
  const interrupted = new Promise<never>((_, reject) => {
    const give = (): void => reject(new HarnessError('interrupted while the cluster was starting'));
    signal.addEventListener('abort', give, { once: true, signal: over.signal });
  });
  try {
    await Promise.race([cluster.start(), interrupted]);
  } finally {
    over.abort();
  }
}

/** Writes results and reports. The verdict is known by now: what cannot be written does not change it. */
async function writeRecord(
  record: RunRecord,
  { directory, reporters }: TestRequest,
  observer: RunObserver,
): Promise<RunRecord> {
  const mishaps = new Mishaps(observer);
  await mishaps.watch('The results could not be written', () =>
    writeRunJson(directory, RUN_FILES.results, record.results),
  );
  for (const reporter of reporters) {
    await mishaps.watch(`The report ${reporter.name} could not be written`, async () =>
      writeRunFile(directory, reporter.file, await reporter.render(record)),
    );
  }
  mishaps.throwRefusal();
  const harnessProblems = [...record.results.harnessProblems, ...mishaps.problems];
  return { ...record, results: { ...record.results, harnessProblems } };
}

async function judge(
  request: TestRequest,
  history: History,
  logs: RunRecord['logs'],
  outcome: DriveOutcome & { readonly notes: readonly string[] },
): Promise<RunResults> {
  const { plan, target, targetModule, workload, standardModule, nemesis, signal } = request;
  const { faults, startedMs, stopped, notes } = outcome;
  const checks = signal.aborted
    ? [unfinished('checkers', 'the run was interrupted; `splitbrain check` can check what was recorded', 0)]
    : await checkRun(
        {
          targetModule,
          workload: workload.name,
          standardModule,
          history,
          logs,
          timeoutMs: CHECK_LIMIT_MS,
        },
        signal,
      );
  const claims = judgeClaims(target.claims, checks, familiesOf(nemesis));
  const doubt = signal.aborted ? undefined : unconfirmed(stopped, checks);
  const problems = doubt === undefined ? outcome.problems : [...outcome.problems, doubt];
  const valid = judgeRun(checks, claims, { asked: asksForFaults(plan), records: faults }, problems.length);
  const last = history[history.length - 1];
  const results = {
    valid,
    claims,
    checks,
    faults,
    counts: countOutcomes(history),
    startedMs,
    durationNs: last?.time ?? 0,
    ...(stopped === undefined ? {} : { stopped }),
    ...(notes.length === 0 ? {} : { notes }),
    harnessProblems: problems,
  };
  return { ...results, summary: summarize(plan, results) };
}

/** Disks are kept for finding out what went wrong, and only then. */
function discardDisks(directory: string, nodes: readonly string[]): void {
  for (const node of nodes) rmSync(join(directory, 'nodes', node, 'data'), { recursive: true, force: true });
}
