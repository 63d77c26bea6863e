/**
 * The thread that searches parts for worker-pool.ts: it loads the model once, then answers each part that it is
 * sent with its outcome.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { loadModel } from '../models/load.ts';
import { Calls } from './calls.ts';
import { absoluteNow, Deadline } from './deadline.ts';
import { searchPart } from './part-search.ts';
import { Values } from './values.ts';
import type { WorkerStart, WorkerTask } from './worker-task.ts';

const { reference, settings, deadline: shared } = workerData as WorkerStart;
const deadline = new Deadline(shared);
const { model } = await loadModel(reference);

parentPort?.on('message', ({ key, columns, functions, values, limitMs }: WorkerTask) => {
  const calls = new Calls(columns, functions, Values.from(values));
  const end = absoluteNow() + limitMs;
  const remainingMs = (): number => Math.min(end - absoluteNow(), deadline.remainingMs);
  parentPort?.postMessage(searchPart({ key, calls }, model, settings, remainingMs));
});
