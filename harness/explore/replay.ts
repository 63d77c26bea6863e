/**
 * From what an earlier run left - its directory, or a `repro.json` - back to a scenario that can be run again, and
 * whether a run repeated it.
 *
 * A run of the simulator is repeated to the byte. Of a run on another runtime the operations that its history
 * holds and the faults of its schedule are done again at their times; what the network and the nodes made of
 * them then is nowhere written down.
 */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { simRuntime } from '../cluster/sim/runtime.ts';
import { UsageError } from '../errors.ts';
import { formatLine } from '../history/jsonl.ts';
import type { History } from '../history/operation.ts';
import type { TestPlan } from '../run/results.ts';
import type { GivenRun } from '../run/run.ts';
import { operationsOf } from '../run/script.ts';
import { asksForFaults } from '../run/verdicts.ts';
import { RUN_FILES } from '../store/directory.ts';
import { loadRun, type LoadedRun } from '../store/load.ts';
import { NANOS_PER_MS } from '../time.ts';
import { decisive, type Failure } from './evaluate.ts';
import type { Kit } from './kit.ts';
import { ownKit } from './own-kit.ts';
import { readRepro } from './repro.ts';
import { parseScenario, type Scenario } from './scenario.ts';

/** An earlier run, as far as it matters for doing it again. */
export interface Earlier {
  /** The run's directory, or the `repro.json`; not a link such as store/latest, which moves on. */
  readonly path: string;
  /** The file that the scenario is from; errors about the scenario name it. */
  readonly file: string;
  readonly scenario: Scenario;
  /** The versions it was run with. */
  readonly versions: TestPlan['versions'];
  /** What failed then, if it is on record. */
  readonly failure?: Failure;
  /** What its plan said of faults; absent when they were given one by one. */
  readonly asked?: Pick<TestPlan, 'nemesis' | 'intervalMs' | 'scheduleFile'>;
  /** Its history as it is in the file, where a repetition must give the same: a run of the simulator. */
  readonly history?: string;
  /** False when the run was ended early, so that a repetition goes on where its history ends. */
  readonly complete: boolean;
  /** What a reader should know: a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Reads a run directory (or the `test.json` in one), or a `repro.json`. Throws a UsageError that names the file
 * and the field when it is neither, or when something that a repetition needs is missing or malformed.
 */
export async function readEarlier(path: string): Promise<Earlier> {
  if (!existsSync(path)) {
    throw new UsageError(
      `there is nothing at ${path}; name the directory of a run, such as store/latest, or a repro.json`,
    );
  }
  const real = realpathSync(path);
  if (statSync(real).isDirectory()) return ofRun(real);
  if (basename(real) === RUN_FILES.plan) return ofRun(dirname(real));
  const { scenario, failure, versions } = readRepro(real);
  return { path: real, file: real, scenario, failure, versions, complete: true, notes: [] };
}

async function ofRun(directory: string): Promise<Earlier> {
  const run = await loadRun(directory);
  const { plan, results, complete, notes } = run;
  const file = join(directory, RUN_FILES.plan);
  const simulated = plan.runtime === simRuntime.name;
  const failure = decisive(results, false);
  return {
    path: directory,
    file,
    scenario: scenarioOf(run, file, simulated),
    versions: plan.versions,
    ...(failure === undefined ? {} : { failure }),
    ...(asksForFaults(plan) ? { asked: askedBy(plan) } : {}),
    ...(simulated ? { history: historyIn(directory) } : {}),
    complete,
    notes: simulated ? notes : [...notes, elsewhere(plan.runtime)],
  };
}

function askedBy({ nemesis, intervalMs, scheduleFile }: TestPlan): NonNullable<Earlier['asked']> {
  return { nemesis, intervalMs, ...(scheduleFile === undefined ? {} : { scheduleFile }) };
}

function elsewhere(runtime: string): string {
  return `it was recorded on ${runtime}: its operations and faults are done again, but its messages and delays are not on record`;
}

/** The plan as a scenario. What the simulator generated it generates again; what others did is in their history. */
function scenarioOf(run: LoadedRun, file: string, simulated: boolean): Scenario {
  const plan: TestPlan & Partial<GivenRun> = run.plan;
  const { schedule, final = true, progressLimitMs = 0, concurrency, timeLimitMs } = plan;
  const { target, variant, workload, seed, nodes, spares, rate, operationTimeoutMs, failFast } = plan;
  if (schedule === undefined)
    throw new UsageError(
      `${file}: schedule: is missing, so its faults cannot be repeated; run the test again`,
    );
  const operations = simulated
    ? plan.operations
    : operationsOf(run.history, concurrency, timeLimitMs * NANOS_PER_MS);
  const value = {
    target,
    variant,
    workload,
    seed,
    nodes,
    ...(spares === undefined ? {} : { spares }),
    concurrency,
    ...(operations === undefined ? { rate } : { operations }),
    timeLimitMs,
    operationTimeoutMs,
    settings: simulated ? (plan.settings ?? {}) : {},
    faults: schedule,
    final,
    progressLimitMs,
    ...(failFast === undefined ? {} : { failFast }),
  };
  return parseScenario(value, file, { faults: 'schedule' });
}

function historyIn(directory: string): string {
  const path = join(directory, RUN_FILES.history);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** What it is run with. Throws a UsageError that names the file when the target is gone, or is no longer what it was. */
export async function kitFor(earlier: Earlier): Promise<Kit> {
  const kit = await ownKit(earlier.scenario.target).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${earlier.file}: target: ${error.message}`, { cause: error });
  });
  requireFitting(earlier, kit);
  return kit;
}

/** Throws a UsageError when the target as it is now has no such variant, workload or fault family. */
export function requireFitting({ file, scenario }: Earlier, kit: Kit): void {
  const { target } = kit;
  const variants = Object.keys(target.variants ?? {});
  if (scenario.variant !== undefined && !variants.includes(scenario.variant)) {
    throw new UsageError(
      `${file}: variant: ${target.name} has no variant "${scenario.variant}" now; it has ${variants.join(', ') || 'none'}`,
    );
  }
  const workloads = target.workloads.map(({ name }) => name);
  if (!workloads.includes(scenario.workload)) {
    throw new UsageError(
      `${file}: workload: ${target.name} has no workload "${scenario.workload}" now; it has ${workloads.join(', ')}`,
    );
  }
  const families = kit.families.map(({ name }) => name);
  const strange = scenario.faults.find(({ plan }) => !families.includes(plan.family));
  if (strange !== undefined) {
    throw new UsageError(
      `${file}: faults: there is no fault family "${strange.plan.family}"; there are ${families.join(', ')}`,
    );
  }
}

/** How a history compares with the one on record. */
export type Comparison =
  /** Byte by byte the same, in so many entries. */
  | { readonly same: true; readonly entries: number }
  /** Different from this entry on: as it was and as it is, a line each; undefined where there is none. */
  | {
      readonly same: false;
      readonly entry: number;
      readonly before: string | undefined;
      readonly now: string | undefined;
    };

/** Compares a history with the one on record, which may have been ended early and then need only begin the same. */
export function compareHistories(
  { history = '', complete }: Pick<Earlier, 'history' | 'complete'>,
  repeated: History,
): Comparison {
  const lines = history.split('\n');
  // What follows the last line end: nothing, or a line that was torn when the run was killed.
  lines.pop();
  const now = repeated.map((entry) => formatLine(entry).trimEnd());
  const length = complete ? Math.max(lines.length, now.length) : lines.length;
  for (let entry = 0; entry < length; entry++) {
    if (lines[entry] !== now[entry]) return { same: false, entry, before: lines[entry], now: now[entry] };
  }
  return { same: true, entries: length };
}
