/**
 * Runs one scenario in memory: cluster, clients, nemesis and history as in any test, without a run directory.
 * Then checks it, here and now, and says what came out.
 */
import { SimCluster } from '../cluster/sim/cluster.ts';
import type { SimObserver } from '../cluster/sim/observer.ts';
import { simRuntime } from '../cluster/sim/runtime.ts';
import type { SimJournal } from '../cluster/sim/world.ts';
import type { LogEntry, Problem, Validity } from '../history/checker.ts';
import type { History } from '../history/operation.ts';
import { memoryRecorder } from '../history/recorder.ts';
import { drive, type DriveOutcome } from '../run/drive.ts';
import { followHere } from '../run/follow.ts';
import { clusterNodes } from '../run/cluster-nodes.ts';
import { abilitiesOf } from '../run/nemesis-spec.ts';
import { followable } from '../run/online-checks.ts';
import { requireWhole } from '../run/preconditions.ts';
import type { CheckResult, ClaimResult, EarlyStop, FaultRecord } from '../run/results.ts';
import { partsIn } from '../run/schedule.ts';
import { applicable, doubtsOf, judgeClaims, judgeRun, runChecker, unconfirmed } from '../run/verdicts.ts';
import { checkersOf, workloadOf, type Kit } from './kit.ts';
import { planOf, type Scenario } from './scenario.ts';

/** What a run of a scenario leaves. */
export interface SimulatedRun {
  readonly scenario: Scenario;
  readonly history: History;
  /** Of every draw and event: equal for equal runs. */
  readonly checksum: string;
  /** Nanoseconds of virtual time, from before the nodes booted to the end. */
  readonly simulatedNs: number;
  /** Milliseconds since the epoch at time 0 of the history. */
  readonly startedMs: number;
  readonly faults: readonly FaultRecord[];
  /** Present if it was stopped at a violation. */
  readonly stopped?: EarlyStop;
  /** What went wrong with the harness, in sentences. */
  readonly problems: readonly string[];
  readonly logs: Readonly<Record<string, readonly LogEntry[]>>;
}

/** Choices that change nothing about what happens. */
export interface SimulateOptions {
  readonly observer?: SimObserver;
  readonly journal?: SimJournal;
  readonly signal?: AbortSignal;
}

/** Runs it. Rejects with a UsageError when it cannot be run as it stands, and a HarnessError when it could not begin. */
export async function simulate(
  scenario: Scenario,
  kit: Kit,
  options: SimulateOptions = {},
): Promise<SimulatedRun> {
  const { target } = kit;
  const plan = planOf(scenario, {
    runId: 'simulation',
    targetName: target.name,
    runtime: 'sim',
    started: '',
    command: '',
    versions: { splitbrain: '', node: process.versions.node },
  });
  const parts = partsIn(scenario.faults, kit.families);
  const cluster = new SimCluster({
    runId: plan.runId,
    ...clusterNodes(plan, target, abilitiesOf(parts)),
    seed: scenario.seed,
    settings: scenario.settings,
    directory: '',
    progress: () => undefined,
  });
  if (options.observer !== undefined) cluster.observe(options.observer);
  if (options.journal !== undefined) cluster.keepJournal(options.journal);
  const recorder = memoryRecorder();
  const workload = workloadOf(kit, scenario.workload);
  const checkers = scenario.failFast === true ? followable(target, workload, familiesOf(scenario)) : [];
  const follower = checkers.length === 0 ? undefined : await followHere(checkers);
  let outcome: DriveOutcome;
  // Of the run itself: what is torn when the cluster is stopped is drawn too.
  let checksum: string;
  try {
    await cluster.start();
    await requireWhole(cluster);
    outcome = await drive(
      {
        plan,
        target,
        workload,
        nemesis: parts,
        schedule: scenario.faults,
        families: kit.families,
        abilities: simRuntime.abilities,
        simulated: true,
        ...(scenario.operations === undefined ? {} : { operations: scenario.operations }),
        final: scenario.final,
        ...(follower === undefined ? {} : { follower }),
        signal: options.signal ?? new AbortController().signal,
        observer: { phase: () => undefined, live: () => undefined },
      },
      cluster,
      recorder,
    );
    checksum = cluster.checksum;
  } finally {
    // Rejects for a program whose runs cannot be repeated, which then is why anything else went wrong.
    await cluster.stop();
  }
  return {
    scenario,
    history: recorder.operations,
    checksum,
    simulatedNs: cluster.time.now(),
    startedMs: outcome.startedMs,
    faults: outcome.faults,
    ...(outcome.stopped === undefined ? {} : { stopped: outcome.stopped }),
    problems: outcome.problems.map(sentence),
    logs: Object.fromEntries(
      [...plan.nodes, ...(plan.spares ?? [])].map((node) => [node, entriesOf(cluster.log(node))]),
    ),
  };
}

/** The verdict on a run. */
export interface Judgement {
  readonly valid: Validity;
  readonly checks: readonly CheckResult[];
  readonly claims: readonly ClaimResult[];
  /** What went wrong with the harness, in sentences. */
  readonly problems: readonly string[];
  /** What no probe saw of the faults, in sentences. */
  readonly doubts: readonly string[];
}

/** Checks a run as `splitbrain test` would; each checker may take so many milliseconds. */
export async function judge(run: SimulatedRun, kit: Kit, timeoutMs: number): Promise<Judgement> {
  const checkers = checkersOf(kit, workloadOf(kit, run.scenario.workload));
  const checks: CheckResult[] = [];
  for (const checker of applicable(checkers, run.history))
    checks.push(await runChecker(checker, run.history, { logs: run.logs, timeoutMs }));
  const claims = judgeClaims(kit.target.claims, checks, familiesOf(run.scenario));
  const doubt = unconfirmed(run.stopped, checks);
  const problems = doubt === undefined ? run.problems : [...run.problems, sentence(doubt)];
  // A shrunken schedule may leave nothing to confirm; whether a fault fired is asked of whole tests only.
  const faults = { asked: false, records: run.faults };
  const valid = judgeRun(checks, claims, faults, problems.length);
  return { valid, checks, claims, problems, doubts: doubtsOf(run.faults) };
}

function familiesOf({ faults }: Scenario): string[] {
  return [...new Set(faults.map(({ plan }) => plan.family))];
}

function sentence({ title, explanation }: Problem): string {
  return `${title}: ${explanation}`;
}

function entriesOf(log: string): LogEntry[] {
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogEntry);
}
