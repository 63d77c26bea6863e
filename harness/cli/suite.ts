/**
 * Runs prepared tests one after another: clears away what dead runs left, makes the run directory, listens
 * for interruption, and answers what became of each.
 */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import type { Runtime } from '../cluster/cluster.ts';
import { EXIT, HarnessError, messageOf } from '../errors.ts';
import { ableFamilies } from '../run/nemesis-spec.ts';
import type { RunRecord } from '../run/reporter.ts';
import { createRunId } from '../run/run-id.ts';
import { runTest } from '../run/run.ts';
import { createRunDirectory, linkLatest } from '../store/directory.ts';
import { type Prepared, type TestOptions, commandOf } from './plan.ts';
import { STANDARD_CHECKERS, faults, reporters, runtimes } from './registry.ts';
import type { TerminalObserver } from './terminal.ts';

/** One run, finished. */
export interface FinishedRun {
  readonly directory: string;
  readonly record: RunRecord;
}

/** Who watches a run, and what ends it early. */
export interface Watch {
  readonly observer: TerminalObserver;
  readonly signal: AbortSignal;
}

/** Throws a HarnessError that says what to do when the runtime cannot be used here. */
export async function requireRuntime(runtime: Runtime): Promise<void> {
  const availability = await runtime.probe();
  if (availability.available) return;
  const others = runtimes.filter((other) => other !== runtime).map((other) => `--runtime ${other.name}`);
  throw new HarnessError(
    `the ${runtime.name} runtime cannot be used: ${availability.detail}; ${availability.remedy}, or use ${others.join(' or ')}`,
  );
}

/** Removes what runs whose harness is dead left on this machine, and says so. */
export async function reapLeftovers(runtime: Runtime, say: (line: string) => void): Promise<void> {
  for (const line of await runtime.reap()) say(`cleaned up after a dead run: ${line}`);
}

/** The seeds of a suite: the given one, or one drawn, and its successors. */
export function seedsOf(first: string | undefined, count: number): string[] {
  const seed = first ?? String(randomInt(1_000_000));
  return Array.from({ length: count }, (_, index) =>
    index === 0 ? seed : /^\d{1,15}$/.test(seed) ? String(Number(seed) + index) : `${seed}+${index}`,
  );
}

/** One Ctrl-C may arrive twice: from the terminal, and from the launcher or npm, which pass it on. */
const SAME_INTERRUPT_MS = 500;

/**
 * Does the work with a signal that aborts on the first SIGINT or SIGTERM, so that a run ends in order; the
 * second ends the process at once.
 */
export async function interruptibly<T>(
  say: (line: string) => void,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let firstAt = 0;
  const interrupt = (): void => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAt > SAME_INTERRUPT_MS) process.exit(EXIT.harness);
      return;
    }
    firstAt = performance.now();
    say('interrupted: stopping the cluster (once more to stop at once; the next start cleans up)');
    controller.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** Runs one test with this seed. */
export async function runOnce(
  prepared: Prepared,
  options: TestOptions,
  seed: string,
  watch: Watch,
): Promise<FinishedRun> {
  const started = new Date();
  const store = resolve(options.out);
  const directory = createRunDirectory(store, prepared.plan.targetName, started, seed);
  const plan = {
    ...prepared.plan,
    seed,
    runId: createRunId(prepared.plan.targetName, started),
    started: started.toISOString(),
    command: commandOf(prepared.plan, options, seed),
  };
  linkLatest(store, directory);
  try {
    const record = await runTest({
      plan,
      directory,
      target: prepared.target,
      targetModule: prepared.targetModule,
      workload: prepared.workload,
      runtime: prepared.runtime,
      nemesis: prepared.nemesis,
      ...(prepared.faults === undefined ? {} : { faults: prepared.faults }),
      families: ableFamilies(faults, prepared.runtime, prepared.target),
      standardModule: STANDARD_CHECKERS,
      reporters,
      signal: watch.signal,
      observer: watch.observer,
    });
    return { directory, record };
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    throw new HarnessError(`${messageOf(error)}\n  what there is of the run: ${directory}`, { cause: error });
  } finally {
    watch.observer.end();
  }
}
