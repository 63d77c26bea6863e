/**
 * What a command's JSON says of a try.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../../harness/errors.ts';
import type { RunResults } from '../../harness/run/results.ts';
import { decides } from '../../harness/run/verdicts.ts';
import type { ExplorationReport } from '../../reports/index.ts';

/** A try and what came of it. */
export interface Outcome {
  /** Seed of its first run. */
  readonly seed: number;
  /** A broken variant was found by the checker that should; a correct target failed. */
  readonly found: boolean;
  /** All checkers that found something, that for which a search stopped first. */
  readonly by: readonly string[];
  /** Runs made; of a find, until it was found. */
  readonly runs: number;
  readonly failed: number;
  /** Runs that prove nothing, whatever the reason. */
  readonly notJudged: number;
  /** Real seconds that the search took, or the whole command of a test in containers. */
  readonly seconds: number;
}

/** What is known of a try beside its output. */
interface About {
  readonly seed: number;
  /** Name of the checker that should find it; absent for a correct target. */
  readonly caughtBy?: string;
}

/** Reads the directory of a run that failed. */
type ReadResults = (directory: string) => Pick<RunResults, 'checks' | 'claims'>;

/** Of `splitbrain explore --json`. Throws HarnessError when the search was interrupted. */
export function outcomeOfSearch(
  stdout: string,
  { seed, caughtBy }: About,
  read: ReadResults = resultsIn,
): Outcome {
  const report = parsed(stdout) as ExplorationReport;
  if (report.interrupted) throw new HarnessError('the search was interrupted');
  const finds = report.found.map(({ kind, directory, after }) => ({
    after,
    by: [kind, ...failing(read(directory))],
  }));
  const right = finds.find(({ by }) => caughtBy !== undefined && by.includes(caughtBy));
  const found = caughtBy === undefined ? report.found.length > 0 : right !== undefined;
  return {
    seed,
    found,
    by: [...new Set(finds.flatMap(({ by }) => by))],
    runs: right?.after ?? report.runs,
    failed: Object.values(report.failures).reduce((sum, count) => sum + count, 0),
    notJudged: report.unknown + report.thin,
    seconds: rounded(report.elapsedMs / 1000),
  };
}

/** Of `splitbrain test --json`. */
export function outcomeOfTest(stdout: string, { seed, caughtBy }: About, tookMs: number): Outcome {
  const { results } = parsed(stdout) as { readonly results: RunResults };
  const by = failing(results);
  return {
    seed,
    found: results.valid === false && (caughtBy === undefined || by.includes(caughtBy)),
    by,
    runs: 1,
    failed: results.valid === false ? 1 : 0,
    notJudged: results.valid === 'unknown' ? 1 : 0,
    seconds: rounded(tookMs / 1000),
  };
}

function parsed(stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    throw new HarnessError(`expected JSON, got "${stdout.slice(0, 200)}"`, { cause });
  }
}

function failing({ checks, claims }: Pick<RunResults, 'checks' | 'claims'>): string[] {
  return checks
    .filter(({ valid, checker }) => valid === false && decides(checker, claims))
    .map(({ checker }) => checker);
}

/** A run that took its process along left no results. */
function resultsIn(directory: string): Pick<RunResults, 'checks' | 'claims'> {
  try {
    return JSON.parse(readFileSync(join(directory, 'results.json'), 'utf8')) as RunResults;
  } catch {
    return { checks: [], claims: [] };
  }
}

function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
