/**
 * When a search at work asks whether it should pause: seldom, since asking costs, but often enough that a millisecond or so passes in
 * between, however much work lies between two calls; and after each step that the model was asked for, which may have been slow.
 */
import type { StateMachine } from './state-machine.ts';

const INTERVAL_MAX = 512;
/** Milliseconds between looks below which they become rarer, and above which they become more frequent. */
const SHORT_MS = 0.5;
const LONG_MS = 2;

/** Tells, whenever it is called, whether to pause; it asks `paused` only now and then. */
export function lookout(machine: StateMachine, paused: () => boolean): () => boolean {
  let interval = 1;
  let calls = 0;
  let asked = machine.stepsAsked;
  let looked = performance.now();
  return () => {
    if (++calls < interval && machine.stepsAsked === asked) return false;
    const now = performance.now();
    if (now - looked < SHORT_MS) interval = Math.min(INTERVAL_MAX, 2 * interval);
    else if (now - looked > LONG_MS) interval = Math.max(1, interval >> 1);
    [calls, asked, looked] = [0, machine.stepsAsked, now];
    return paused();
  };
}
