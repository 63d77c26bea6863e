/**
 * Checks a run's history in a thread of its own, so that the time and memory limits hold whatever a checker
 * does: at the deadline the thread is ended from outside, and what it had not finished is `unknown`.
 */
import { Worker } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import type { LogEntry } from '../history/checker.ts';
import type { History } from '../history/operation.ts';
import { moduleBeside } from '../module-url.ts';
import type { CheckResult } from './results.ts';
import { unfinished } from './verdicts.ts';

/** What is checked, and with what. */
export interface CheckRequest {
  /** URL of the module whose default export is the target. */
  readonly targetModule: string;
  readonly workload: string;
  /** URL of a module that exports `standardCheckers`, which run with every workload. */
  readonly standardModule: string;
  readonly history: History;
  readonly logs: Readonly<Record<string, readonly LogEntry[]>>;
  /** Milliseconds for all checks together. */
  readonly timeoutMs: number;
}

type Message =
  | { readonly kind: 'plan'; readonly checkers: readonly string[] }
  | { readonly kind: 'result'; readonly result: CheckResult }
  | { readonly kind: 'done' };

/** The largest heap a check may use, in MiB; beyond it the check is `unknown`. */
const HEAP_MIB = 4096;
/** Checkers stop by themselves at this part of the time; the rest is for handing over what they learnt. */
const OWN_SHARE = 0.9;

/** Every checker's result, in order. Never rejects because of a checker; ends early when the signal aborts. */
export function checkRun(request: CheckRequest, signal?: AbortSignal): Promise<CheckResult[]> {
  const begun = performance.now();
  const worker = new Worker(new URL(moduleBeside(import.meta.url, './check-worker')), {
    workerData: { ...request, timeoutMs: request.timeoutMs * OWN_SHARE },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  return new Promise((resolve) => {
    const results: CheckResult[] = [];
    let planned: readonly string[] = [];
    const finish = (why: string): void => {
      clearTimeout(deadline);
      signal?.removeEventListener('abort', interrupt);
      const seen = new Set(results.map((result) => result.checker));
      const missing = (planned.length === 0 ? ['checkers'] : planned).filter((name) => !seen.has(name));
      void worker.terminate();
      resolve([...results, ...missing.map((name) => unfinished(name, why, performance.now() - begun))]);
    };
    const deadline = setTimeout(() => {
      finish(`no verdict within ${Math.round(request.timeoutMs / 1000)} s`);
    }, request.timeoutMs);
    const interrupt = (): void =>
      finish('interrupted before it was done; `splitbrain check` can check what was recorded');
    signal?.addEventListener('abort', interrupt);
    worker.on('message', (message: Message) => {
      if (message.kind === 'plan') planned = message.checkers;
      else if (message.kind === 'result') results.push(message.result);
      else finish('');
    });
    worker.on('error', (error) => {
      finish(`the check ended early: ${messageOf(error)}`);
    });
    // Without an error: a checker that ended its thread, or waited for what never comes.
    worker.on('exit', () => {
      finish('the check ended early');
    });
  });
}
