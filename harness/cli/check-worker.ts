/**
 * A thread in which `splitbrain check` checks files, one after another: takes a path, reads and checks, answers.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Progress } from '../../checkers/index.ts';
import { messageOf, UsageError } from '../errors.ts';
import { checkHistory, type HistoryOptions, type HistoryResult } from './check-history.ts';
import type { BegunCheck } from './check-weaker.ts';

/** What the thread says about the file that it was given. The last three end the work on it. */
export type CheckMessage =
  | { readonly kind: 'begun'; readonly begun: BegunCheck }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'checked'; readonly checked: HistoryResult }
  | { readonly kind: 'refused' | 'failed'; readonly message: string };

const options = workerData as HistoryOptions;

async function check(path: string): Promise<CheckMessage> {
  try {
    const checked = await checkHistory(path, options, {
      onBegun: (begun) => post({ kind: 'begun', begun }),
      onProgress: (progress) => post({ kind: 'progress', progress }),
    });
    return { kind: 'checked', checked };
  } catch (error) {
    return { kind: error instanceof UsageError ? 'refused' : 'failed', message: messageOf(error) };
  }
}

function post(message: CheckMessage): void {
  parentPort?.postMessage(message);
}

parentPort?.on('message', (path: string) => void check(path).then(post));
