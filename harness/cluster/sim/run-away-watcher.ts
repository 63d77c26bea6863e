/**
 * The thread that watches for nodes that never give way; see run-away.ts. It writes to stderr directly if at all:
 * what a worker prints goes through the main thread, which is what hangs.
 */
import { writeSync } from 'node:fs';
import { Session, type Debugger } from 'node:inspector';
import { workerData } from 'node:worker_threads';
import type { WatchPlan } from './run-away.ts';
import { isOfNode, type CodePlace } from './stack.ts';

const STDERR = 2;
const TICK_MS = 100;
/** How long the main thread may take to stop and report, once it was told to. */
const END_MS = 10_000;
/** How often it is let on by a step, to catch it in the program. */
const STEPS_MAX = 100;

const { pulse, limitMs, ended } = workerData as WatchPlan;

let beat = 0;
/** Processor time when this beat was first seen. */
let since = 0;
/** Set while the main thread is being stopped: it ends with the process, if not of its own accord. */
let stopping: NodeJS.Timeout | undefined;

setInterval(() => {
  const now = Atomics.load(pulse, 0);
  if (now !== beat || now % 2 === 0) {
    beat = now;
    since = processorMs();
  } else if (stopping === undefined && processorMs() - since >= Atomics.load(limitMs, 0)) {
    stopping = setTimeout(kill, END_MS);
    stopMainThread();
  }
}, TICK_MS);

/** Ends what cannot be stopped in good order: native code that goes on and on. */
function kill(): void {
  writeSync(
    STDERR,
    '\nsplitbrain: a simulated node does not give way, and cannot be stopped to see where.\n',
  );
  process.kill(process.pid, 'SIGKILL');
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function stopMainThread(): void {
  const session = new Session();
  session.connectToMainThread();
  const files = new Map<string, string>();
  let steps = 0;
  session.on('Debugger.scriptParsed', ({ params }) => files.set(params.scriptId, params.url));
  session.on('Debugger.paused', ({ params }) => {
    const [innermost] = params.callFrames;
    if (innermost === undefined) return;
    const stack = params.callFrames.map((frame) => placeOf(frame, files));
    // Between two microtasks no code of the program is under way.
    if (stack.every(isOfNode) && steps++ < STEPS_MAX) {
      session.post('Debugger.stepInto');
      return;
    }
    const expression = `globalThis[${JSON.stringify(ended)}](${JSON.stringify(stack)})`;
    session.post('Debugger.evaluateOnCallFrame', { callFrameId: innermost.callFrameId, expression }, () => {
      // It has returned: a false alarm.
      session.disconnect();
      clearTimeout(stopping);
      stopping = undefined;
    });
  });
  session.post('Debugger.enable');
  session.post('Debugger.pause');
}

function placeOf({ functionName, location }: Debugger.CallFrame, files: Map<string, string>): CodePlace {
  return {
    function: functionName,
    file: files.get(location.scriptId) ?? '',
    line: location.lineNumber + 1,
  };
}
