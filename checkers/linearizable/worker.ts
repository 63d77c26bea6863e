/**
 * The thread that searches parts for worker-pool.ts: it loads the model once, then answers each part that it is
 * sent with its outcome.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { loadModel, type ModelReference } from '../models/load.ts';
import type { Call } from './calls.ts';
import { absoluteNow, Deadline } from './deadline.ts';
import { searchPart, type PartSettings } from './part-search.ts';

/** What the thread is started with. */
export interface WorkerStart {
  readonly reference: string | ModelReference;
  readonly settings: PartSettings;
  readonly deadline: SharedArrayBuffer;
}

/** One part to search, and the milliseconds that it may take at most. */
export interface WorkerTask {
  readonly calls: readonly Call[];
  readonly limitMs: number;
}

const { reference, settings, deadline: shared } = workerData as WorkerStart;
const deadline = new Deadline(shared);
const { model } = await loadModel(reference);

parentPort?.on('message', ({ calls, limitMs }: WorkerTask) => {
  const end = absoluteNow() + limitMs;
  const remainingMs = (): number => Math.min(end - absoluteNow(), deadline.remainingMs);
  parentPort?.postMessage(searchPart(calls, model, settings, remainingMs));
});
