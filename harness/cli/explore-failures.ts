/**
 * What becomes of the failures that a search found: a run directory each, `repro.json` and its test at once, and
 * again when it was shrunk. So whoever stops the command early has what there was.
 */
import { join } from 'node:path';
import type { Evaluator, Failure } from '../explore/evaluate.ts';
import type { Found } from '../explore/explore.ts';
import { CRASH, RUN_AWAY } from '../explore/pool.ts';
import { writeRepro } from '../explore/repro.ts';
import type { Scenario } from '../explore/scenario.ts';
import { shrink, type Shrunk, type ShrinkProgress } from '../explore/shrink.ts';
import { writeRun } from '../explore/write-run.ts';
import { fromHere, quoted } from '../shell.ts';
import { createRunDirectory, linkLatest } from '../store/directory.ts';
import { formatDuration } from '../time.ts';
import type { ExplorationReport } from '../../reports/index.ts';
import type { ExploreOptions, PreparedExploration } from './explore-plan.ts';
import { reporters } from './registry.ts';
import { liveShrinking } from './shrink-words.ts';
import type { Watch } from './suite.ts';
import { version } from '../version.ts';

type Kept = ExplorationReport['found'][number];

/** What it takes. */
export interface Keeping {
  readonly prepared: PreparedExploration;
  readonly options: ExploreOptions;
  readonly evaluator: Evaluator;
  readonly watch: Watch;
}

/** Kinds of failures after the first few are counted only. */
const KEPT_MAX = 3;

/** Writes and shrinks the first failures, one after another. */
export async function keepFailures(found: readonly Found[], keeping: Keeping): Promise<Kept[]> {
  const kept: Kept[] = [];
  for (const one of found.slice(0, KEPT_MAX)) kept.push(await keep(one, keeping));
  return kept;
}

async function keep({ scenario, failure, after }: Found, keeping: Keeping): Promise<Kept> {
  const { options, watch } = keeping;
  const { path, failsAgain, report } = await writeDirectory(scenario, failure, keeping);
  const directory = fromHere(path);
  const repro = writeRepro(path, { scenario, failure });
  const base = {
    kind: failure.kind,
    summary: failure.summary,
    seed: scenario.seed,
    after,
    directory,
    ...(report === undefined ? {} : { report: fromHere(report) }),
    command: `npx splitbrain replay ${quoted(fromHere(repro))}`,
  };
  if (!failsAgain) return { ...base, unrepeatable: true };
  if (!options.shrink || watch.signal.aborted) return base;
  const shrunk = await shrinkIt(scenario, failure, keeping);
  if (shrunk === undefined) return base;
  writeRepro(path, { scenario: shrunk.scenario, failure: shrunk.outcome.failure ?? failure });
  const { outcome, tried, finished, tookMs } = shrunk;
  const { faults, nodes } = shrunk.scenario;
  const size = { operations: outcome.operations, faults: faults.length, nodes: nodes.length };
  return { ...base, shrunk: { ...size, tried, tookMs, finished } };
}

/** The run once more, with its report; what ends or stops a process is not run in this one. */
async function writeDirectory(
  scenario: Scenario,
  { kind }: Failure,
  { prepared: { kit }, options, watch }: Keeping,
): Promise<{ readonly path: string; readonly failsAgain: boolean; readonly report?: string }> {
  if (kind !== CRASH && kind !== RUN_AWAY) {
    watch.observer.phase('writing its run directory');
    const { directory, record } = await writeRun(scenario, kit, {
      store: options.out,
      version: version(),
      reporters,
    });
    return {
      path: directory,
      failsAgain: record.results.valid === false,
      report: join(directory, 'report.html'),
    };
  }
  const path = createRunDirectory(options.out, kit.target.name, new Date(), scenario.seed);
  linkLatest(options.out, path);
  return { path, failsAgain: true };
}

/** Undefined when the user put an end to it before anything was known. */
async function shrinkIt(
  scenario: Scenario,
  failure: Failure,
  { prepared, evaluator, watch }: Keeping,
): Promise<(Shrunk & { readonly tookMs: number }) | undefined> {
  const begun = performance.now();
  let state: ShrinkProgress | undefined;
  watch.observer.phase(`shrinking it for ${formatDuration(prepared.shrinkMs)} at most`);
  watch.observer.watch((columns) => liveShrinking(state, performance.now() - begun).slice(0, columns));
  try {
    const shrunk = await shrink(scenario, failure, evaluator, {
      kit: prepared.kit,
      budgetMs: prepared.shrinkMs,
      signal: watch.signal,
      progress: (now) => (state = now),
    });
    return { ...shrunk, tookMs: performance.now() - begun };
  } catch (error) {
    if (watch.signal.aborted) return undefined;
    throw error;
  } finally {
    watch.observer.end();
  }
}
