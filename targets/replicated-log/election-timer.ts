/**
 * When a replica stops waiting for its leader. Each time-out is drawn anew, so that replicas seldom stand for
 * election at the same time.
 */
import type { NodeContext } from '../../harness/node/program.ts';

/** One timer that looks at the deadline again when it fires: cheaper than a new timer for each message. */
export class ElectionTimer {
  readonly #context: NodeContext;
  readonly #range: readonly [number, number];
  /** On the monotonic clock. */
  #deadline = 0;

  /** `range`: the shortest and the longest time-out in milliseconds. */
  constructor(context: NodeContext, range: readonly [number, number]) {
    this.#context = context;
    this.#range = range;
  }

  /** Calls `timedOut` whenever a time-out has passed without a reset, from now on. */
  start(timedOut: () => void): void {
    this.reset();
    this.#arm(timedOut);
  }

  /** A new time-out begins. */
  reset(): void {
    this.#deadline = this.#context.clock.monotonic() + this.#context.random.between(...this.#range);
  }

  #arm(timedOut: () => void): void {
    const left = this.#deadline - this.#context.clock.monotonic();
    this.#context.timers.after(Math.max(left, 0), () => {
      if (this.#context.clock.monotonic() >= this.#deadline) {
        this.reset();
        timedOut();
      }
      this.#arm(timedOut);
    });
  }
}
