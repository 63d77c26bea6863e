/**
 * Does what `splitbrain check` has found to do: here if that is little, else in several threads at once. Outcomes come in
 * the order of the jobs, each as soon as all before it are there.
 */
import { availableParallelism } from 'node:os';
import { UsageError } from '../errors.ts';
import { STANDARD_INPUT } from '../history/input.ts';
import { checkHistory, type HistoryOptions, type HistoryResult } from './check-history.ts';
import type { CheckJob } from './check-paths.ts';
import type { CheckProgress } from './check-progress.ts';
import { CheckThread } from './check-thread.ts';
import type { Rechecked } from './recheck.ts';

/** What became of a job. `error`: it could not be done, for a reason that is the user's to mend. */
export type CheckOutcome =
  | { readonly kind: 'history'; readonly checked: HistoryResult }
  | { readonly kind: 'run'; readonly rechecked: Rechecked; readonly text: string }
  | { readonly kind: 'error'; readonly path: string; readonly error: UsageError };

/** How jobs are done. */
export interface JobOptions {
  readonly options: HistoryOptions;
  readonly progress: CheckProgress;
  /** Called with each outcome, in order. */
  readonly onOutcome: (outcome: CheckOutcome, position: number) => void;
}

/** Bytes of histories below which this thread reads them all itself: to start another costs a tenth of a second. */
const SMALL_BYTES = 4 << 20;

/** Does all jobs. Rejects for what is nobody's mistake but ours. */
export async function runJobs(jobs: readonly CheckJob[], how: JobOptions): Promise<void> {
  const outcomes = new InOrder(how.onOutcome);
  let next = 0;
  const work = async (thread: CheckThread | undefined): Promise<void> => {
    for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) {
      const position = next - 1;
      outcomes.put(position, await settle(job, how, thread));
      how.progress.finish(job.path);
    }
  };
  const { options, progress } = how;
  const threads = Array.from({ length: threadsFor(jobs, options) }, () => new CheckThread(options, progress));
  try {
    await (threads.length === 0 ? work(undefined) : Promise.all(threads.map(work)));
  } finally {
    next = jobs.length;
    await Promise.all(threads.map((thread) => thread.end()));
  }
}

/** How many threads to start; none where this one does it all. */
function threadsFor(jobs: readonly CheckJob[], { consistency }: HistoryOptions): number {
  const histories = jobs.filter(({ kind }) => kind === 'history');
  const bytes = histories.reduce((sum, job) => sum + job.bytes, 0);
  if (histories.length > 1 && bytes >= SMALL_BYTES) return Math.min(availableParallelism(), histories.length);
  // The search for an order has threads of its own and ends them; the other checks are ended with theirs.
  return consistency === 'linearizable' ? 0 : 1;
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
    if (thread !== undefined) return { kind, checked: await thread.check(path) };
    return { kind, checked: await checkHistory(path, options, { onProgress: progress.reporter(path) }) };
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
