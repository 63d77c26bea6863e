/**
 * Waiting that ends: for work whose outcome no longer matters, only that it is over.
 */
import { sleep } from '../../time.ts';

/** Resolves when the promise has settled, whichever way, or after `ms`. Never rejects. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<void> {
  const over = new AbortController();
  const stop = (): void => {
    over.abort();
  };
  promise.then(stop, stop);
  await sleep(ms, over.signal);
}
