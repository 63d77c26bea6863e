/**
 * The clocks and timers of a real node. The wall clock is the system's, so a runtime that skews the system's
 * skews this one; durations and timers follow the monotonic clock and stay true.
 */
import { performance } from 'node:perf_hooks';
import type { ClockSkew } from '../cluster/cluster.ts';
import type { NodeClock, NodeTimers } from './program.ts';
import type { ClockTrouble } from './trouble.ts';

/** Longest delay that `setTimeout` takes; a longer one would run at once. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

/** The system's clocks. */
export const realClock: NodeClock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
};

/** The system's clocks, the wall clock as wrong as this says at the time. */
export function skewedClock(trouble: () => ClockTrouble | undefined): NodeClock {
  return {
    wall() {
      const now = realClock.wall();
      const skew = trouble();
      return skew === undefined ? now : now + aheadMs(skew, now - skew.since);
    },
    monotonic: () => realClock.monotonic(),
  };
}

/** How many milliseconds a clock is ahead of true time that was set wrong in this way `forMs` milliseconds ago. */
export function aheadMs({ offsetMs = 0, driftMs = 0, strobe }: ClockSkew, forMs: number): number {
  const jumped = strobe !== undefined && Math.floor(forMs / strobe.everyMs) % 2 === 0 ? strobe.offsetMs : 0;
  return offsetMs + (driftMs * forMs) / 1000 + jumped;
}

/** Timers on the event loop. An error thrown by `run` is the program's crash: it ends the node (main.ts). */
export const realTimers: NodeTimers = {
  after(ms, run) {
    const deadline = performance.now() + ms;
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const remaining = deadline - performance.now();
      // setTimeout counts whole milliseconds of a coarser clock and may fire a little early: go on until it is time.
      if (remaining <= 0) run();
      else timer = setTimeout(arm, Math.min(Math.ceil(remaining), TIMEOUT_MS_MAX));
    };
    timer = setTimeout(arm, Math.min(ms, TIMEOUT_MS_MAX));
    return () => clearTimeout(timer);
  },
};
