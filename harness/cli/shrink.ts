/**
 * `splitbrain shrink`: makes a failing simulated run small, and writes what is left as a `repro.json` with a test.
 */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command } from 'commander';
import { EXIT } from '../errors.ts';
import type { Evaluator, Failure, Outcome } from '../explore/evaluate.ts';
import type { Kit } from '../explore/kit.ts';
import type { Scenario } from '../explore/scenario.ts';
import type { ShrinkProgress, Shrunk } from '../explore/shrink.ts';
import { duration, outDirectory, wholeNumber } from './plan.ts';
import { liveShrinking, nothingToShrink, shrunkJson, shrunkWords } from './shrink-words.ts';
import { terminalObserver, type TerminalObserver } from './terminal.ts';

const EXAMPLES = `
Examples:
  splitbrain shrink store/latest                        the newest run, which failed in the simulator
  splitbrain shrink store/latest --budget 5m            with more time than a minute
  splitbrain shrink repro.json --out tests/regressions  what was shrunk before, further, and written elsewhere

Operations, faults, nodes, clients, times and delays are left out or made smaller for as long as the same checker finds
the run wrong. What is left is written as repro.json, which "splitbrain replay" repeats, and as repro.test.ts, a test for
mocha that fails until the bug is mended: into the run's directory, or in the place of the repro.json.

Exit codes: 1 it fails, and was shrunk; 0 it does not fail, so there is nothing to shrink; 2 the verdict on it is unknown;
            254 bad usage or configuration, 255 the harness failed.`;

/** The options as they are typed. */
export interface ShrinkCommandOptions {
  readonly budget: string;
  readonly jobs?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** The command. */
export function shrinkCommand(): Command {
  return new Command('shrink')
    .description('make a failing simulated run small, and write it as repro.json with a test')
    .argument('<run>', "a run's directory, such as store/latest, or a repro.json")
    .option('--budget <duration>', 'real time to spend', '60s')
    .option('--jobs <number>', 'processes; one a core unless given')
    .option('--out <directory>', 'where repro.json is written; beside what is shrunk unless given')
    .option('--json', 'print one JSON object instead of words')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, options: ShrinkCommandOptions) => {
      process.exitCode = await shrinkRun(path, options);
    });
}

async function shrinkRun(path: string, options: ShrinkCommandOptions): Promise<number> {
  const budgetMs = duration('--budget', options.budget);
  const jobs = options.jobs === undefined ? {} : { jobs: wholeNumber('--jobs', options.jobs, 1) };
  const { kitFor, readEarlier } = await import('../explore/replay.ts');
  const { poolEvaluator } = await import('../explore/pool.ts');
  const { interruptibly } = await import('./suite.ts');
  const earlier = await readEarlier(path);
  const kit = await kitFor(earlier);
  const directory = directoryFor(earlier.path, options.out);
  const evaluator = poolEvaluator(kit.addresses, jobs);
  const quiet = options.json === true;
  const observer = terminalObserver(quiet);
  try {
    return await interruptibly(
      () => observer.phase('interrupted: stopping (once more to stop at once)'),
      async (signal) => {
        const before = await evaluator.evaluate(earlier.scenario);
        const { failure } = before;
        if (failure === undefined) return passedOver(before, quiet);
        // Nothing was shrunk, so nothing is written.
        if (signal.aborted) return EXIT.unknown;
        const work = { kit, evaluator, failure, budgetMs, signal, directory, quiet, observer };
        return await shrinkAndWrite(earlier.scenario, work);
      },
    );
  } finally {
    await evaluator.close();
  }
}

/** Where the files go. */
function directoryFor(path: string, out: string | undefined): string {
  if (out !== undefined) return outDirectory(out);
  return statSync(path).isDirectory() ? path : dirname(path);
}

/** All that shrinking needs beside the scenario. */
interface Work {
  readonly kit: Kit;
  readonly evaluator: Evaluator;
  readonly failure: Failure;
  readonly budgetMs: number;
  readonly signal: AbortSignal;
  readonly directory: string;
  readonly quiet: boolean;
  readonly observer: TerminalObserver;
}

async function shrinkAndWrite(scenario: Scenario, work: Work): Promise<number> {
  const { writeRepro } = await import('../explore/repro.ts');
  const begun = performance.now();
  const shrunk = await shrinkVisibly(scenario, work);
  const failure = shrunk.outcome.failure ?? work.failure;
  const file = writeRepro(work.directory, { scenario: shrunk.scenario, failure });
  const about = { failure, file, tookMs: performance.now() - begun };
  const text = work.quiet ? JSON.stringify(shrunkJson(shrunk, about)) : shrunkWords(shrunk, about);
  process.stdout.write(`${text}\n`);
  return EXIT.invalid;
}

/** With a live line. */
async function shrinkVisibly(
  scenario: Scenario,
  { failure, evaluator, observer, ...work }: Work,
): Promise<Shrunk> {
  const { shrink } = await import('../explore/shrink.ts');
  const begun = performance.now();
  let state: ShrinkProgress | undefined;
  observer.watch((columns) => liveShrinking(state, performance.now() - begun).slice(0, columns));
  try {
    return await shrink(scenario, failure, evaluator, { ...work, progress: (now) => (state = now) });
  } finally {
    observer.end();
  }
}

function passedOver(outcome: Outcome, quiet: boolean): number {
  process.stdout.write(
    quiet
      ? `${JSON.stringify({ valid: outcome.valid, unknown: outcome.unknown })}\n`
      : `${nothingToShrink(outcome)}\n`,
  );
  return outcome.valid === true ? EXIT.valid : EXIT.unknown;
}
