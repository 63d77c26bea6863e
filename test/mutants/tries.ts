/**
 * The tries of a row as command lines, such as a user types them. Each has its own seeds, always the same, so that a row can be
 * measured again, and any one try by itself.
 */
import { PROGRESS } from '../../harness/history/progress.ts';
import type { Workload } from '../../harness/run/target.ts';
import type { Effort } from './effort.ts';
import { CORRECT, nameOf, type Row } from './row.ts';

/** One command. */
export interface Try {
  /** Seed of its first run. */
  readonly seed: number;
  /** Without `--out` and `--json`, which say nothing of what is tried. */
  readonly args: readonly string[];
}

/** What a search may take, in real time, on two cores. */
const SEARCH = ['--budget', '60s', '--jobs', '2', '--no-shrink'];
/** What a search of a correct target is: it goes on after a failure, so that all are counted. */
const CORRECT_SEARCH = ['--time-limit', '60s', '--jobs', '2', '--no-shrink', '--keep-going'];
const VARIANT_TEST_LIMIT = '60s';
const CORRECT_TEST_LIMIT = '30s';
/** Variants that are safe and stop are found by this alone. */
const PROGRESS_LIMIT = ['--progress-limit', '10s'];
/** More seeds than a search gets to. */
const SEEDS_EACH = 100_000;

/** The tries of this row. `faultsOf` names the fault families of a test in containers, the first try being 1. */
export function triesOf(row: Row, effort: Effort, faultsOf: (nth: number) => readonly string[]): Try[] {
  const correct = nameOf(row).variant === CORRECT;
  if (row.runtime === 'sim') return correct ? [correctSearch(row, effort)] : variantSearches(row, effort);
  const count = correct ? effort.correctTests : effort.tests;
  return Array.from({ length: count }, (_, index) => containerTest(row, index + 1, faultsOf(index + 1)));
}

function correctSearch({ target }: Row, { correctRuns }: Effort): Try {
  return { seed: 1, args: ['explore', target.name, '--seeds', String(correctRuns), ...CORRECT_SEARCH] };
}

function variantSearches(row: Row, { searches }: Effort): Try[] {
  const { name, workloads } = row.target;
  const suitable = suitableWorkloads(row);
  return Array.from({ length: searches }, (_, index) => {
    const seed = (index + 1) * SEEDS_EACH;
    const seeds = `${seed}..${seed + SEEDS_EACH - 1}`;
    // A search that may draw any workload ends with whatever another's checker finds first.
    const workload = suitable.length < workloads.length ? suitable[index % suitable.length] : undefined;
    return {
      seed,
      args: ['explore', name, ...variantArgs(row), ...workloadArgs(workload), '--seeds', seeds, ...SEARCH],
    };
  });
}

function containerTest(row: Row, nth: number, faults: readonly string[]): Try {
  const workloads = suitableWorkloads(row);
  const workload = workloads[(nth - 1) % workloads.length];
  const args = [
    'test',
    row.target.name,
    ...variantArgs(row),
    '--runtime',
    'docker',
    ...workloadArgs(workload),
    '--nemesis',
    faults.join(','),
    '--time-limit',
    row.broken === undefined ? CORRECT_TEST_LIMIT : VARIANT_TEST_LIMIT,
    '--seed',
    String(nth),
    ...(wantsProgress(row) && workload?.progressGenerator !== undefined ? PROGRESS_LIMIT : []),
    ...(stopsEarly(row) ? ['--fail-fast'] : []),
  ];
  return { seed: nth, args };
}

/** Of a variant only if nothing else finds it, since it costs time; of a correct target whenever that claims it. */
function wantsProgress({ target, broken }: Row): boolean {
  return broken === undefined
    ? target.claims.some(({ checker }) => checker === PROGRESS)
    : broken.caughtBy === PROGRESS;
}

function workloadArgs(workload: Workload | undefined): string[] {
  return workload === undefined ? [] : ['--workload', workload.name];
}

function variantArgs({ broken }: Row): string[] {
  return broken === undefined ? [] : ['--variant', broken.name];
}

/** Those that the right checker judges, if it belongs to workloads; else it judges all, as far as they have what it asks for. */
function suitableWorkloads({ target, broken }: Row): readonly Workload[] {
  const judged = target.workloads.filter((workload) =>
    broken?.caughtBy === PROGRESS
      ? workload.progressGenerator !== undefined
      : workload.checkers.some(({ name }) => name === broken?.caughtBy),
  );
  return judged.length === 0 ? target.workloads : judged;
}

/** Whether the first violation may end a test: only where the right checker is one that follows, or another's find would end it. */
function stopsEarly({ target, broken }: Row): boolean {
  const checkers = [...(target.checkers ?? []), ...target.workloads.flatMap((workload) => workload.checkers)];
  return checkers.some((checker) => checker.name === broken?.caughtBy && 'online' in checker);
}
