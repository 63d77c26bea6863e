/**
 * `splitbrain demo`, which is what `npm start` runs: the main job in two short tests. A correct Raft is hurt
 * and keeps its promises; one with a famous mistake is hurt in the same way and is caught.
 */
import { Command } from 'commander';
import { join } from 'node:path';
import { EXIT } from '../errors.ts';
import type { TestOptions } from './plan.ts';
import type { FinishedRun } from './suite.ts';
import { type TerminalObserver, terminalObserver, terminalWidth, useColour } from './terminal.ts';

const TARGET = 'raft';
/** Caught in every one of the seeds that we measured, so a first look is never spoilt by bad luck. */
const VARIANT = 'no-dedup';

const BASE: TestOptions = {
  nemesis: 'partition,kill,pause',
  interval: '4s',
  concurrency: '10',
  timeLimit: '15s',
  operationTimeout: '3s',
  testCount: '1',
  out: 'store',
};

const EXAMPLES = `
Examples:
  splitbrain demo                      both tests, in containers where Docker answers, else as processes
  splitbrain demo --runtime process    both tests as processes

Exit codes: 0 when the correct Raft passed and the broken one was caught; 1 when not; 255 the harness failed.`;

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
  const observer = terminalObserver(false);
  const runtime = options.runtime ?? (await chooseRuntime());
  const base = { ...BASE, runtime, out: options.out };
  say(
    [
      '',
      'Raft is an algorithm by which several machines agree on the same data even while some of them fail.',
      'Test 1 of 2: a correct Raft on five nodes. Ten clients read and write while the network is cut,',
      'nodes are killed and nodes are frozen. Every operation is recorded, and in the end one question is',
      'answered: could one single machine that never fails have given the same answers?',
      '',
    ].join('\n'),
  );
  const correct = await one(base, observer);
  const mistake = correct.record.results.valid === true ? '' : ' (it should have passed: please report this)';
  say(`\nThe correct Raft: ${correct.record.results.summary}${mistake}\n`);
  say(`Test 2 of 2: the same, but with a mistake built in: ${await mistakeOf()}\n`);
  const broken = await one({ ...base, variant: VARIANT }, observer);
  const caught = broken.record.results.valid === false;
  say(
    `\nThe broken Raft was ${caught ? 'caught' : 'NOT caught this time'}. Open the reports in a browser to see what happened and why:`,
  );
  say(`  correct: ${join(correct.directory, 'report.html')}`);
  say(`  broken:  ${join(broken.directory, 'report.html')}`);
  return correct.record.results.valid === true && caught ? EXIT.valid : EXIT.invalid;
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
    say(`Not running on ${runtime.name}: ${availability.detail}. ${availability.remedy}.`);
  }
  return 'process';
}

async function mistakeOf(): Promise<string> {
  const { loadTarget } = await import('../run/load-target.ts');
  const { targets } = await import('./registry.ts');
  const target = await loadTarget(targets[TARGET] ?? '');
  return target.variants?.[VARIANT]?.mistake ?? VARIANT;
}

async function one(options: TestOptions, observer: TerminalObserver): Promise<FinishedRun> {
  const { prepare } = await import('./plan.ts');
  const { interruptible, reapLeftovers, runOnce, seedsOf } = await import('./suite.ts');
  const { terminalSummary } = await import('../../reports/index.ts');
  const prepared = await prepare(TARGET, options);
  await reapLeftovers(prepared.runtime, (line) => observer.phase(line));
  const { signal } = interruptible((line) => observer.phase(line));
  const [seed = '1'] = seedsOf(undefined, 1);
  const run = await runOnce(prepared, options, seed, { observer, signal });
  const { directory, record } = run;
  say(terminalSummary(record, { colour: useColour(), width: terminalWidth(), directory }));
  return run;
}
