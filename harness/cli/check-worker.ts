/**
 * A thread in which `splitbrain check` checks files, one after another: takes a path, reads and checks, answers.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Progress } from '../../checkers/index.ts';
import { messageOf, UsageError } from '../errors.ts';
import { checkFile, type CheckFileOptions, type CheckFileResult } from './check-file.ts';

/** What the thread says about the file that it was given. All but progress ends the work on it. */
export type CheckMessage =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'checked'; readonly checked: CheckFileResult }
  | { readonly kind: 'refused' | 'failed'; readonly message: string };

const options = workerData as CheckFileOptions;

async function check(path: string): Promise<CheckMessage> {
  try {
    const onProgress = (progress: Progress): void => post({ kind: 'progress', progress });
    return { kind: 'checked', checked: await checkFile(path, { ...options, onProgress }) };
  } catch (error) {
    return { kind: error instanceof UsageError ? 'refused' : 'failed', message: messageOf(error) };
  }
}

function post(message: CheckMessage): void {
  parentPort?.postMessage(message);
}

parentPort?.on('message', (path: string) => void check(path).then(post));
