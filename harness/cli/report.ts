/**
 * `splitbrain report`: writes a run's reports anew from what its directory holds.
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { UsageError, didYouMean } from '../errors.ts';
import type { Reporter } from '../run/reporter.ts';
import { writeRunFile } from '../store/directory.ts';
import { loadRun } from '../store/load.ts';

const EXAMPLES = `
Examples:
  splitbrain report store/latest                 the newest run's report.html and junit.xml
  splitbrain report store/latest --open          and shows the page in the browser
  splitbrain report store/raft/20260301T120000Z-1 --format junit

A run that was killed half-way has a report too, with the verdict UNKNOWN.`;

interface ReportOptions {
  readonly format?: string;
  readonly open?: boolean;
}

/** The command. */
export function reportCommand(): Command {
  return new Command('report')
    .description("write a run's reports anew from its directory")
    .argument('<run>', "the run's directory, such as store/latest")
    .option('--format <names>', 'which reports, separated by commas; all unless given')
    .option('--open', 'show the page in the browser')
    .addHelpText('after', EXAMPLES)
    .action(writeReports);
}

async function writeReports(run: string, options: ReportOptions): Promise<void> {
  const { reporters } = await import('../../reports/index.ts');
  const chosen = chooseReporters(reporters, options.format);
  const page = chosen.find((reporter) => reporter.file.endsWith('.html'));
  if (options.open === true && page === undefined) {
    throw new UsageError('--open: only a page can be opened; add html to --format');
  }
  const record = await loadRun(resolve(run));
  for (const note of record.notes) process.stderr.write(`note: ${note}\n`);
  if (!record.complete) process.stderr.write(`note: ${record.results.summary}\n`);
  for (const reporter of chosen) {
    writeRunFile(record.directory, reporter.file, await reporter.render(record));
    process.stdout.write(`${join(record.directory, reporter.file)}\n`);
  }
  if (options.open === true && page !== undefined) await openInBrowser(join(record.directory, page.file));
}

function chooseReporters(reporters: readonly Reporter[], format: string | undefined): readonly Reporter[] {
  if (format === undefined) return reporters;
  return format.split(',').map((name) => {
    const reporter = reporters.find((candidate) => candidate.name === name.trim());
    if (reporter !== undefined) return reporter;
    const known = reporters.map((candidate) => candidate.name);
    throw new UsageError(
      `--format: there is no report "${name.trim()}"${didYouMean(name.trim(), known)}; there are ${known.join(', ')}`,
    );
  });
}

const OPENERS: Partial<Record<NodeJS.Platform, readonly [command: string, ...args: string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** How long an opener may take to give up; one that has found a browser may well run until that is closed. */
const OPENER_GIVES_UP_MS = 3000;

/** Asks the system to show a file. Where it cannot, the printed path is all there is, and that is said. */
async function openInBrowser(path: string): Promise<void> {
  const [command, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...args, path], { detached: true, stdio: 'ignore' });
  const opened = await new Promise<boolean>((resolve) => {
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
    setTimeout(resolve, OPENER_GIVES_UP_MS, true).unref();
  });
  child.unref();
  if (!opened) process.stderr.write(`note: ${command} cannot open the page here; open ${path} yourself\n`);
}
