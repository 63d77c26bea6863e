/**
 * `npm run mutants`: how often each broken variant of each target is found, and whether the correct ones pass. See `--help`, and
 * README.md beside this file for what came of it.
 */
import { execFileSync } from 'node:child_process';
import { CommanderError } from 'commander';
import { findRuntime, faults, targets as registry } from '../../harness/cli/registry.ts';
import { interruptibly } from '../../harness/cli/suite.ts';
import { EXIT, HarnessError, UsageError } from '../../harness/errors.ts';
import { loadTarget } from '../../harness/run/load-target.ts';
import { formatDuration } from '../../harness/time.ts';
import { version } from '../../harness/version.ts';
import { faultsOfTry } from './container-faults.ts';
import { FULL, QUICK } from './effort.ts';
import { measure, type Measuring } from './measure.ts';
import { parseOptions, type MutantsOptions } from './options.ts';
import {
  missingRows,
  readResults,
  shortcomings,
  withRow,
  writeResults,
  type MeasuredRow,
} from './results.ts';
import { chooseRows, nameOf, type Row } from './row.ts';
import { writeTables } from './table.ts';
import { triesOf } from './tries.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function mutants(options: MutantsOptions): Promise<number> {
  const targets = await Promise.all(Object.values(registry).map(loadTarget));
  const known = chooseRows(targets, {}).map(nameOf);
  const chosen = chooseRows(targets, options);
  if (options.tables === true) {
    writeTables(targets, readResults());
    return EXIT.valid;
  }
  const rows = options.missing === true ? missingRows(readResults(), chosen) : chosen;
  const keep = async (row: MeasuredRow): Promise<void> => {
    if (options.quick === true) return;
    // Read anew each time: two of these commands may be at work on different rows.
    const measured = withRow(readResults(), row, known);
    await writeResults(measured);
    writeTables(targets, measured);
  };
  return interruptibly(say, (signal) => measureAll(rows, options, { out: options.out, signal, say }, keep));
}

/** Row after row; one that cannot be measured keeps none of the others from it. */
async function measureAll(
  rows: readonly Row[],
  { quick }: MutantsOptions,
  measuring: Measuring,
  keep: (row: MeasuredRow) => Promise<void>,
): Promise<number> {
  const effort = quick === true ? QUICK : FULL;
  const begun = performance.now();
  const measured: MeasuredRow[] = [];
  const failed: string[] = [];
  for (const [index, row] of rows.entries()) {
    if (measuring.signal.aborted) break;
    const name = nameOf(row);
    const words = `${name.target} ${name.variant}, ${name.runtime}`;
    say(`[${index + 1} of ${rows.length}, ${formatDuration(performance.now() - begun)} so far] ${words}`);
    const docker = findRuntime('docker');
    const tries = triesOf(row, effort, (nth) => faultsOfTry(row.target, nth, faults, docker));
    try {
      const done = { ...name, version: versionWords(), tries: await measure(row, tries, measuring) };
      measured.push(done);
      await keep(done);
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      say(`  not measured: ${error.message}`);
      failed.push(`${words}: not measured`);
    }
  }
  const short = shortcomings(measured, effort);
  say(`${measured.length} of ${rows.length} rows measured, in ${formatDuration(performance.now() - begun)}`);
  for (const line of [...short, ...failed]) say(`  ${line}`);
  if (short.length > 0) return EXIT.invalid;
  return measured.length < rows.length ? EXIT.harness : EXIT.valid;
}

/** Version and commit. */
function versionWords(): string {
  try {
    const described = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
    return `${version()} (${described})`;
  } catch {
    return version();
  }
}

try {
  process.exitCode = await mutants(parseOptions(process.argv.slice(2)));
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.valid : EXIT.usage;
  else if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT.usage;
  } else throw error;
}
