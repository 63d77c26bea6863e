/**
 * Waiting for work to be over, whichever way it ends: nothing may go on unseen once its caller has.
 */
import { sleep } from '../time.ts';

/** Waits for all, also after a failure, and then rejects with the first. */
export async function settleAll(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Resolves when the promise has settled, whichever way, or after `ms`. Never rejects. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<void> {
  const over = new AbortController();
  const stop = (): void => {
    over.abort();
  };
  promise.then(stop, stop);
  await sleep(ms, over.signal);
}
