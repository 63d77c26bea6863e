/**
 * `splitbrain demo`, which is what `npm start` runs: the main job in two short tests. A correct Raft is hurt
 * and keeps its promises; one with a famous mistake is hurt in the same way and is caught.
 */
import { Command } from 'commander';
import { join } from 'node:path';
import { EXIT } from '../errors.ts';
import type { TestOptions } from './plan.ts';
import type { FinishedRun, Watch } from './suite.ts';
import { terminalObserver, terminalWidth, useColour } from './terminal.ts';

const TARGET = 'raft';
const VARIANT = 'no-dedup';
/**
 * How long the broken one may go on before it is caught. With faults at the leader that took at most 8 s in the runs that we
 * measured, so that a first look is not spoilt by bad luck.
 */
const BROKEN_LIMIT = '40s';
const HOW_IT_SHOWS = [
  'Clients that hear no answer ask again; a correct Raft notices, and acts once. This one acts twice, and a',
  'number that was appended once is in its list twice. Were it a payment, it would have been made twice.',
  'The record is checked while it grows, and the test stops as soon as that is seen.',
];

/** Lists, because everyone can see what is wrong with one: a number too many, too few, or in another place. */
const WORKLOAD = 'append';

const BASE: TestOptions = {
  workload: WORKLOAD,
  // At the leader, with whom clients are talking: what hits others is seldom noticed in so short a time.
  nemesis: 'partition:leader,kill:leader,pause:leader',
  interval: '3s',
  concurrency: '10',
  timeLimit: '12s',
  operationTimeout: '3s',
  testCount: '1',
  out: 'store',
};

const EXAMPLES = `
Examples:
  splitbrain demo                      both tests, in containers where Docker answers, else as processes
  splitbrain demo --runtime process    both tests as processes

Exit codes: 0 when the correct Raft passed and the broken one was caught; 1 when not; 2 when interrupted;
            255 the harness failed.`;

/** The command. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('see what this is: a correct Raft passes, a broken one is caught')
    .option('--runtime <name>', 'docker or process; docker where an engine answers unless given')
    .option('--out <directory>', 'the store in which the run directories are made', 'store')
    .addHelpText('after', EXAMPLES)
    .action(async (options: { runtime?: string; out: string }) => {
      process.exitCode = await runDemo(options);
    });
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

async function runDemo(options: { runtime?: string; out: string }): Promise<number> {
  const { interruptibly } = await import('./suite.ts');
  const observer = terminalObserver(false);
  const runtime = options.runtime === undefined ? await chooseRuntime() : await named(options.runtime);
  const base = { ...BASE, runtime, out: options.out };
  return interruptibly(
    (line) => observer.phase(line),
    (signal) => runBoth(base, { observer, signal }),
  );
}

async function runBoth(base: TestOptions, watch: Watch): Promise<number> {
  say(
    [
      '',
      'Raft is an algorithm by which several machines keep the same data even while some of them fail. Here five',
      'of them (nodes) keep lists of numbers. Ten clients append to the lists and read them, all at once, while',
      'whichever node leads the others is cut off, killed or frozen. Every request and every answer is written',
      'down, and then one question is asked of the record: could one single machine that never fails have given',
      'these answers? If it could, nobody has noticed that anything was broken.',
      '',
      'Test 1 of 2: a correct Raft. It should pass.',
      '',
    ].join('\n'),
  );
  const correct = await one(base, watch);
  if (correct === undefined) return EXIT.unknown;
  const passed = correct.record.results.valid === true;
  if (!passed) say('\nThe correct Raft should have passed. Please report this, with the run directory.');
  say(
    ['', `Test 2 of 2: the same with a mistake built in: ${await mistakeOf()}`, ...HOW_IT_SHOWS, ''].join(
      '\n',
    ),
  );
  const broken = await one({ ...base, variant: VARIANT, timeLimit: BROKEN_LIMIT, failFast: true }, watch);
  if (broken === undefined) return EXIT.unknown;
  const caught = broken.record.results.valid === false;
  const page = ({ directory }: FinishedRun): string => join(directory, 'report.html');
  say(
    [
      '',
      `The correct Raft ${passed ? 'passed' : 'did NOT pass'}; the broken one was ${caught ? 'caught' : 'NOT caught this time'}.`,
      'README.md says how to test a system of your own. To see what happened and why, open in a browser:',
      `  correct: ${page(correct)}`,
      `  broken:  ${page(broken)}`,
    ].join('\n'),
  );
  return passed && caught ? EXIT.valid : EXIT.invalid;
}

/** The name again; throws a UsageError before anything is said if there is no such runtime. */
async function named(runtime: string): Promise<string> {
  const { findRuntime } = await import('./registry.ts');
  return findRuntime(runtime).name;
}

/** Docker where an engine answers; else processes, and why. */
async function chooseRuntime(): Promise<string> {
  const { runtimes } = await import('./registry.ts');
  for (const runtime of runtimes) {
    const availability = await runtime.probe();
    if (availability.available) {
      say(`Running on ${runtime.name}: ${availability.detail}.`);
      return runtime.name;
    }
    say(`Not running on ${runtime.name}: ${availability.detail}. To change that, ${availability.remedy}.`);
  }
  return 'process';
}

async function mistakeOf(): Promise<string> {
  const { loadTarget } = await import('../run/load-target.ts');
  const { targets } = await import('./registry.ts');
  const target = await loadTarget(targets[TARGET] ?? '');
  return target.variants?.[VARIANT]?.mistake ?? VARIANT;
}

/** One run; undefined when the user stopped it. */
async function one(options: TestOptions, watch: Watch): Promise<FinishedRun | undefined> {
  const { outDirectory, prepare } = await import('./plan.ts');
  const { reapLeftovers, requireRuntime, runOnce, seedsOf } = await import('./suite.ts');
  const { terminalSummary } = await import('../../reports/index.ts');
  const prepared = await prepare(TARGET, options);
  outDirectory(options.out);
  await requireRuntime(prepared.runtime);
  await reapLeftovers(prepared.runtime, (line) => watch.observer.phase(line));
  const [seed = '1'] = seedsOf(undefined, 1);
  const run = await runOnce(prepared, options, seed, watch);
  const { directory, record } = run;
  say(terminalSummary(record, { colour: useColour(), width: terminalWidth(), directory }));
  return watch.signal.aborted ? undefined : run;
}
