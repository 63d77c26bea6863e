/**
 * From a scenario to a run directory: the same run as `simulate` makes in memory, with everything that
 * `splitbrain test` leaves behind - or, on another runtime, a run with the same operations and faults.
 */
import { join, resolve } from 'node:path';
import type { Runtime } from '../cluster/cluster.ts';
import { SimCluster } from '../cluster/sim/cluster.ts';
import { simRuntime } from '../cluster/sim/runtime.ts';
import { HarnessError } from '../errors.ts';
import type { RunObserver } from '../run/drive.ts';
import { ableFamilies, familiesIn } from '../run/nemesis-spec.ts';
import type { Reporter, RunRecord } from '../run/reporter.ts';
import type { TestPlan } from '../run/results.ts';
import { createRunId } from '../run/run-id.ts';
import { runTest } from '../run/run.ts';
import { partsIn } from '../run/schedule.ts';
import { fromHere, quoted } from '../shell.ts';
import { createRunDirectory, linkLatest, RUN_FILES } from '../store/directory.ts';
import { workloadOf, type Kit } from './kit.ts';
import { planOf, type Scenario } from './scenario.ts';
import { TraceWriter } from './trace.ts';

/** Where and how a run is written. */
export interface WriteRunOptions {
  /** The store in which the run directory is made. */
  readonly store: string;
  /** splitbrain's version. */
  readonly version: string;
  readonly reporters: readonly Reporter[];
  /** The simulator unless given. Settings of the simulator mean nothing to another. */
  readonly runtime?: Runtime;
  /** What repeats the run; `splitbrain replay <its directory>` unless given. */
  readonly command?: string;
  /** What an earlier run's plan said of its faults, when this one repeats it. */
  readonly asked?: Pick<TestPlan, 'nemesis' | 'intervalMs' | 'scheduleFile'>;
  /** Whether to write `trace.jsonl`; the simulator only. */
  readonly trace?: boolean;
  readonly signal?: AbortSignal;
  readonly observer?: RunObserver;
}

/** A run that was written. */
export interface WrittenRun {
  readonly directory: string;
  readonly record: RunRecord;
}

/**
 * Runs the scenario and writes its directory. Rejects with a HarnessError when the run could not begin or not go
 * on; whatever else goes wrong is in the results.
 */
export async function writeRun(scenario: Scenario, kit: Kit, options: WriteRunOptions): Promise<WrittenRun> {
  const { runtime = simRuntime, observer = SILENT, signal = new AbortController().signal } = options;
  const store = resolve(options.store);
  const started = new Date();
  const directory = createRunDirectory(store, kit.target.name, started, scenario.seed);
  linkLatest(store, directory);
  const trace = options.trace === true ? new TraceWriter(join(directory, RUN_FILES.trace)) : undefined;
  const { faults: schedule, operations, final } = scenario;
  const plan = planFor(scenario, kit, options, { directory, started, runtime: runtime.name });
  const running = runTest({
    plan,
    directory,
    target: kit.target,
    targetModule: kit.addresses.targetModule,
    workload: workloadOf(kit, scenario.workload),
    runtime: trace === undefined ? runtime : tracing(trace),
    // Also those that were asked for and of which the schedule has no fault: claims are judged by them.
    nemesis: partsIn(schedule, kit.families, familiesIn(plan.nemesis)),
    families: ableFamilies(kit.families, runtime, kit.target),
    given: { schedule, ...(operations === undefined ? {} : { operations }), final },
    standardModule: kit.addresses.standardModule,
    reporters: options.reporters,
    signal,
    observer,
    ...(trace === undefined ? {} : { trace }),
  });
  try {
    return { directory, record: await running };
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    throw new HarnessError(`${error.message}\n  what there is of the run: ${directory}`, { cause: error });
  }
}

const SILENT: RunObserver = { phase: () => undefined, live: () => undefined };

function planFor(
  scenario: Scenario,
  kit: Kit,
  { command, asked, version }: WriteRunOptions,
  run: { readonly directory: string; readonly started: Date; readonly runtime: string },
): TestPlan {
  const mistake = kit.target.variants?.[scenario.variant ?? '']?.mistake;
  const { settings, ...plan } = planOf(scenario, {
    runId: createRunId(kit.target.name, run.started),
    targetName: kit.target.name,
    ...(mistake === undefined ? {} : { mistake }),
    runtime: run.runtime,
    started: run.started.toISOString(),
    command: command ?? `npx splitbrain replay ${quoted(fromHere(run.directory))}`,
    versions: { splitbrain: version, node: process.versions.node },
  });
  const own = run.runtime === simRuntime.name && settings !== undefined ? { settings } : {};
  return { ...plan, ...own, ...asked };
}

/** The simulator, with this onlooker in each of its clusters. */
function tracing(trace: TraceWriter): Runtime {
  return {
    ...simRuntime,
    create(plan) {
      const cluster = new SimCluster(plan);
      cluster.observe(trace);
      return cluster;
    },
  };
}
