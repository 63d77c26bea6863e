/**
 * Searches parts in worker threads: several at once, and each ended from outside if it does not answer soon
 * after the deadline, whatever its model does. Parts take turns, so that a hard one does not use up the time of
 * easy ones; a turn begins from the start, and turns grow so fast that this hardly costs anything.
 */
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../harness/errors.ts';
import { moduleBeside } from '../../harness/module-url.ts';
import type { Deadline } from './deadline.ts';
import { nothingLearnt, type PartOutcome } from './part-search.ts';
import type { Part } from './split.ts';
import { taskOf, type WorkerStart } from './worker-task.ts';

/** Milliseconds for a part at first; when they are up, it waits for its next turn, which is so many times longer. */
const FIRST_TURN_MS = 100;
const TURN_GROWTH = 8;
/** Milliseconds between looks at the deadline, which other threads may bring forward. */
const LOOK_MS = 20;
const BYTES_A_MIB = 1 << 20;
/** Heap of a thread beside what the search may remember. A thread that cannot even start takes the process with it. */
const HEAP_BASE_MIB = 256;

/** What the pool works on. */
export interface PoolRequest extends Omit<WorkerStart, 'deadline'> {
  readonly parts: readonly Part[];
  /** How many threads to start at most. */
  readonly threads: number;
  readonly deadline: Deadline;
  /** Milliseconds after the deadline at which a thread that has not answered is ended. */
  readonly graceMs: number;
  /** Called with each part's position and outcome, as they come. */
  readonly onOutcome: (position: number, outcome: PartOutcome) => void;
}

/** Searches all parts. Never rejects because of a part. */
export async function searchInWorkers(request: PoolRequest): Promise<void> {
  const threads = Math.min(request.threads, request.parts.length);
  const firstTurnMs = request.parts.length > threads ? FIRST_TURN_MS : Infinity;
  const waiting = request.parts.map((part, position) => ({ part, position, limitMs: firstTurnMs }));
  await Promise.all(
    Array.from({ length: threads }, async () => {
      let worker: Worker | undefined;
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
        worker ??= startWorker(request);
        const { found, ended } = await ask(worker, item.part, item.limitMs, request);
        if (ended) {
          await worker.terminate();
          worker = undefined;
        }
        if (found.outOfTime) waiting.push({ ...item, limitMs: TURN_GROWTH * item.limitMs });
        request.onOutcome(item.position, found);
        if (request.deadline.remainingMs < 0) break;
      }
      await worker?.terminate();
    }),
  );
}

function startWorker({ reference, settings, deadline }: PoolRequest): Worker {
  const start: WorkerStart = { reference, settings, deadline: deadline.shared };
  return new Worker(new URL(moduleBeside(import.meta.url, './worker')), {
    workerData: start,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_BASE_MIB + Math.ceil(settings.memoryBytes / BYTES_A_MIB) },
  });
}

interface Answer {
  readonly found: PartOutcome;
  /** The thread is of no further use. */
  readonly ended: boolean;
}

/** Has the thread search one part; resolves when it answers, dies, or has had its turn. */
function ask(
  worker: Worker,
  part: Part,
  limitMs: number,
  { deadline, graceMs }: PoolRequest,
): Promise<Answer> {
  return new Promise((resolve) => {
    const settle = (found: PartOutcome, ended: boolean): void => {
      clearInterval(look);
      worker.off('message', answered).off('error', failed).off('exit', exited);
      resolve({ found, ended });
    };
    const answered = (found: PartOutcome): void => {
      settle(found, false);
    };
    const failed = (error: unknown): void => {
      settle(nothingLearnt(`the search ended early: ${messageOf(error)}`), true);
    };
    const exited = (code: number): void => {
      failed(`its thread exited with code ${code}`);
    };
    const look = setInterval(() => {
      if (deadline.remainingMs >= -graceMs) return;
      settle(
        nothingLearnt('the time was up, and the search was ended because it did not stop by itself'),
        true,
      );
    }, LOOK_MS);
    worker.on('message', answered).on('error', failed).on('exit', exited);
    worker.postMessage(taskOf(part, limitMs));
  });
}
