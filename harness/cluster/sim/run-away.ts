/**
 * Catches a node that never gives way: a loop without end, or a chain of microtasks without end. All nodes share
 * this thread, so nothing in it can notice. A thread of its own watches the pulse (blame.ts): when one event keeps
 * the processor busy for too long, it stops this thread as a debugger does, sees where it is, and has `ended` called.
 *
 * JavaScript cannot be taken out of a loop in good order (`Runtime.terminateExecution` leaves Node.js confused), so
 * it is reported and the process ends: with exit code 1, since it is a failure of the program. What happened until
 * then is in the run's history. Processor time is what counts, so that a machine that sleeps, or a person who
 * looks at a breakpoint, is no run-away.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { isMainThread, Worker } from 'node:worker_threads';
import { EXIT, messageOf } from '../../errors.ts';
import { moduleBeside } from '../../module-url.ts';
import { formatDuration, NANOS_PER_MS } from '../../time.ts';
import { beginEvent, culpritNow, pulse } from './blame.ts';
import { isOfHarness, isOfNode, pathOf, placeName, type CodePlace } from './stack.ts';

/** A node that did not give way. */
export interface RunAway {
  readonly node: string;
  /** Simulated time. */
  readonly atMs: number;
  /** One sentence, with the innermost line of the program. */
  readonly summary: string;
  /** The calls under way in the program, innermost first, a line each. */
  readonly stack: readonly string[];
}

/** What the watching thread is given. */
export interface WatchPlan {
  readonly pulse: Int32Array;
  /** Milliseconds of processor time that one event may take, in its first element. */
  readonly limitMs: Int32Array;
  /** Property of `globalThis` that is to be called in the main thread, with the stack. */
  readonly ended: string;
}

const LIMIT_MS = 5000;
const STACK_SHOWN = 8;
const ENDED = 'splitbrain: a node did not give way';
const STDERR = 2;

const limitMs = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)).fill(LIMIT_MS);

let watcher: Worker | undefined;
let report = ({ summary, stack }: RunAway): void => {
  const lines = [`splitbrain: ${summary}`, ...stack.map((line) => `    at ${line}`)];
  writeSync(STDERR, `\n${lines.join('\n')}\n`);
};

/**
 * What is done about a run-away, in place of a message on stderr. It is called amid the loop, and the process ends
 * when it returns: all that it does is done at once or never. A short message to a parent process gets through.
 */
export function onRunAway(handler: (runAway: RunAway) => void): void {
  report = handler;
}

/** How long one event may keep the processor busy: 5000 ms, unless told otherwise. */
export function limitEvents(ms: number): void {
  limitMs[0] = ms;
}

/** Has nodes watched from now on. Costs a thread, once for the process. */
export function watchForRunAways(): void {
  // The watcher can stop the main thread only.
  if (watcher !== undefined || !isMainThread) return;
  Object.assign(globalThis, { [ENDED]: ended });
  const plan: WatchPlan = { pulse, limitMs, ended: ENDED };
  watcher = new Worker(new URL(moduleBeside(import.meta.url, './run-away-watcher')), { workerData: plan });
  // Where it cannot run, simulations can.
  watcher.on('error', () => undefined);
  watcher.unref();
}

/** Called by the watcher, amid the loop. Returns only if there is none: the node has given way at the last moment. */
function ended(stack: readonly CodePlace[]): void {
  const culprit = culpritNow();
  if (culprit === undefined) return;
  // What follows is the harness's.
  beginEvent();
  const own = stack
    .map((place) => ({ ...place, file: pathOf(place.file) }))
    .filter((place) => !isOfNode(place) && !isOfHarness(place));
  const node = culprit.id;
  const atMs = culprit.now / NANOS_PER_MS;
  const where = `${own[0]?.function ?? ''} (${placeName(own[0])})`.trimStart();
  try {
    report({
      node,
      atMs,
      summary: `${node} does not give way: at ${formatDuration(atMs)} of simulated time it began to compute and has not come to an end, in ${where}. Nothing else can happen meanwhile, here as on a real node.`,
      stack: own.slice(0, STACK_SHOWN).map((place) => `${place.function} (${placeName(place)})`.trimStart()),
    });
  } catch (error) {
    writeSync(STDERR, `splitbrain: ${node} does not give way; ${messageOf(error)}\n`);
  }
  process.once('exit', muteStderr);
  process.exit(EXIT.invalid);
}

/** At its very end Node.js would say that it waits for a debugger to go; it does not wait. */
function muteStderr(): void {
  closeSync(STDERR);
  // Takes the number that has just become free.
  openSync(devNull, 'w');
}
