/**
 * A thread that checks one file at a time for `splitbrain check`: started when first used, and anew when a file was too much for
 * it. A check that does not keep to the time limit by itself is ended from here.
 */
import { Worker } from 'node:worker_threads';
import { HarnessError, messageOf, UsageError } from '../errors.ts';
import { STANDARD_INPUT } from '../history/input.ts';
import { moduleBeside } from '../module-url.ts';
import type { HistoryOptions, HistoryResult } from './check-history.ts';
import type { CheckProgress } from './check-progress.ts';
import { ended, type BegunCheck } from './check-weaker.ts';
import type { CheckMessage } from './check-worker.ts';

/** Part of the time limit, and milliseconds at least, for a check to stop by itself and hand over what it learnt. */
const GRACE = 0.05;
const GRACE_MS_MIN = 25;

/** The thread. */
export class CheckThread {
  readonly #options: HistoryOptions;
  readonly #progress: CheckProgress;
  #worker: Worker | undefined;
  #ended = false;
  #takesInput = false;

  constructor(options: HistoryOptions, progress: CheckProgress) {
    this.#options = options;
    this.#progress = progress;
  }

  /** Checks that file. Throws a UsageError as checkHistory does, or if the thread did not survive the file. */
  check(path: string): Promise<HistoryResult> {
    const report = this.#progress.reporter(path);
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve, reject) => {
      let limit: NodeJS.Timeout | undefined;
      const settle = (answer: () => void): void => {
        clearTimeout(limit);
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
        else if (message.kind === 'begun') {
          limit = this.#limit((timedOut) => settle(() => resolve(timedOut)), path, message.begun);
        } else if (message.kind === 'checked') settle(() => resolve(message.checked));
        else if (message.kind === 'refused') settle(() => reject(new UsageError(message.message)));
        else settle(() => reject(new HarnessError(`${path}: ${message.message}`)));
      };
      const failed = (error: unknown): void => died(messageOf(error));
      const exited = (code: number): void => died(`its thread exited with code ${code}`);
      worker.on('message', told).on('error', failed).on('exit', exited);
      if (path === STANDARD_INPUT) this.#handInput(worker);
      worker.postMessage(path);
    });
  }

  /** Ends the thread, whatever it is doing; that is not answered any more. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#worker?.terminate();
    // Else what was left of it would keep the process.
    if (this.#takesInput) process.stdin.destroy();
  }

  #start(): Worker {
    const module = new URL(moduleBeside(import.meta.url, './check-worker'));
    // There are as many of these threads as there are cores.
    return new Worker(module, { workerData: { ...this.#options, threads: 1 }, stdin: true });
  }

  /** Standard input is the first thread's alone, which hands it on. */
  #handInput({ stdin }: Worker): void {
    this.#takesInput = true;
    if (stdin !== null) process.stdin.pipe(stdin);
  }

  /** Ends the check when its time is up and it has not stopped by itself. Linearizability has limits of its own. */
  #limit(
    timedOut: (result: HistoryResult) => void,
    path: string,
    begun: BegunCheck,
  ): NodeJS.Timeout | undefined {
    const options = this.#options;
    if (options.consistency === 'linearizable') return undefined;
    const graceMs = Math.max(GRACE_MS_MIN, GRACE * options.timeoutMs);
    return setTimeout(() => {
      const worker = this.#worker;
      this.#worker = undefined;
      timedOut(ended(path, begun, options));
      void worker?.terminate();
    }, options.timeoutMs + graceMs);
  }
}
