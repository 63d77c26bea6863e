/**
 * Does what `splitbrain check` has found to do: here if that is little, else in several threads at once. Outcomes come in
 * the order of the jobs, each as soon as all before it are there.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { HarnessError, messageOf, UsageError } from '../errors.ts';
import { STANDARD_INPUT } from '../history/input.ts';
import { moduleBeside } from '../module-url.ts';
import { checkFile, type CheckFileOptions, type CheckFileResult } from './check-file.ts';
import type { CheckJob } from './check-paths.ts';
import type { CheckProgress } from './check-progress.ts';
import type { CheckMessage } from './check-worker.ts';
import type { Rechecked } from './recheck.ts';

/** What became of a job. `error`: it could not be done, for a reason that is the user's to mend. */
export type CheckOutcome =
  | { readonly kind: 'history'; readonly checked: CheckFileResult }
  | { readonly kind: 'run'; readonly rechecked: Rechecked; readonly text: string }
  | { readonly kind: 'error'; readonly path: string; readonly error: UsageError };

/** How jobs are done. */
export interface JobOptions {
  readonly options: CheckFileOptions & { readonly timeoutMs: number };
  readonly progress: CheckProgress;
  /** Called with each outcome, in order. */
  readonly onOutcome: (outcome: CheckOutcome, position: number) => void;
}

/** Bytes of histories below which this thread reads them all itself: to start another costs a tenth of a second. */
const SMALL_BYTES = 4 << 20;

/** Does all jobs. Rejects for what is nobody's mistake but ours. */
export async function runJobs(jobs: readonly CheckJob[], how: JobOptions): Promise<void> {
  const histories = jobs.filter(({ kind }) => kind === 'history');
  const bytes = histories.reduce((sum, job) => sum + job.bytes, 0);
  const lanes = histories.length < 2 || bytes < SMALL_BYTES ? 1 : availableParallelism();
  const outcomes = new InOrder(how.onOutcome);
  let next = 0;
  const work = async (thread: CheckThread | undefined): Promise<void> => {
    for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) {
      const position = next - 1;
      outcomes.put(position, await settle(job, how, thread));
      how.progress.finish(job.path);
    }
  };
  const threads = Array.from({ length: lanes === 1 ? 0 : Math.min(lanes, histories.length) }, () => {
    return new CheckThread(how);
  });
  try {
    await (threads.length === 0 ? work(undefined) : Promise.all(threads.map(work)));
  } finally {
    next = jobs.length;
    await Promise.all(threads.map((thread) => thread.end()));
  }
}

async function settle(
  job: CheckJob,
  { options, progress }: JobOptions,
  thread: CheckThread | undefined,
): Promise<CheckOutcome> {
  const { path, kind } = job;
  progress.begin(path);
  try {
    if (kind === 'run') {
      const { recheck, renderRechecked } = await import('./recheck.ts');
      const rechecked = await recheck(path, options.timeoutMs);
      return { kind, rechecked, text: renderRechecked(rechecked) };
    }
    // Standard input is this thread's alone.
    if (thread !== undefined && path !== STANDARD_INPUT) return { kind, checked: await thread.check(path) };
    const onProgress = progress.reporter(path);
    return { kind, checked: await checkFile(path, { ...options, onProgress }) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { kind: 'error', path, error: naming(path, error) };
  }
}

/** Of several files, an error must say which it is about; a model's error knows nothing of files. */
function naming(path: string, error: UsageError): UsageError {
  if (path === STANDARD_INPUT || error.message.includes(path)) return error;
  return new UsageError(`${path}: ${error.message}`, { cause: error });
}

/** Hands on in order what comes in any. */
class InOrder<T> {
  readonly #take: (item: T, position: number) => void;
  readonly #waiting = new Map<number, T>();
  #next = 0;

  constructor(take: (item: T, position: number) => void) {
    this.#take = take;
  }

  put(position: number, item: T): void {
    this.#waiting.set(position, item);
    for (let due = this.#waiting.get(this.#next); due !== undefined; due = this.#waiting.get(this.#next)) {
      this.#waiting.delete(this.#next);
      this.#take(due, this.#next++);
    }
  }
}

/** A thread that checks one file at a time; started when first used, and anew when a file was too much for it. */
class CheckThread {
  readonly #how: JobOptions;
  #worker: Worker | undefined;
  #ended = false;

  constructor(how: JobOptions) {
    this.#how = how;
  }

  /** Checks that file. Throws a UsageError as checkFile does, or if the thread did not survive the file. */
  check(path: string): Promise<CheckFileResult> {
    const report = this.#how.progress.reporter(path);
    this.#worker ??= new Worker(new URL(moduleBeside(import.meta.url, './check-worker')), {
      workerData: this.#how.options,
    });
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const settle = (answer: () => void): void => {
        worker.off('message', told).off('error', failed).off('exit', exited);
        if (!this.#ended) answer();
      };
      const died = (why: string): void => {
        this.#worker = undefined;
        const error = new UsageError(`${path}: its check ended early: ${why}; check it by itself`);
        settle(() => reject(error));
      };
      const told = (message: CheckMessage): void => {
        if (message.kind === 'progress') report(message.progress);
        else if (message.kind === 'checked') settle(() => resolve(message.checked));
        else if (message.kind === 'refused') settle(() => reject(new UsageError(message.message)));
        else settle(() => reject(new HarnessError(`${path}: ${message.message}`)));
      };
      const failed = (error: unknown): void => died(messageOf(error));
      const exited = (code: number): void => died(`its thread exited with code ${code}`);
      worker.on('message', told).on('error', failed).on('exit', exited);
      worker.postMessage(path);
    });
  }

  /** Ends the thread, whatever it is doing; that is not answered any more. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#worker?.terminate();
  }
}
