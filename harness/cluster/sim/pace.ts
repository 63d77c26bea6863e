/**
 * How much a node does in a stretch of simulated time. One that sets timers of 0 ms for ever, or answers every
 * message with two, gives way each time and still never ends: virtual time hardly goes on. No real node does as
 * much as is allowed here, so one that does more is taken for a run-away, and ends as by a crash.
 */
import { NANOS_PER_MS } from '../../time.ts';

/** In a stretch of so many nanoseconds, so many events and messages. A node that was paused gets to thousands at once. */
const LIMITS = [
  { span: NANOS_PER_MS, most: 100_000, name: 'millisecond' },
  { span: 1000 * NANOS_PER_MS, most: 1_000_000, name: 'second' },
] as const;

/** The pace of one node. */
export class Pace {
  readonly #windows = LIMITS.map((limit) => ({ ...limit, begun: 0, count: 0 }));

  /** Counts one thing more; answers which limit that exceeds, for people. */
  exceeds(now: number): string | undefined {
    for (const window of this.#windows) {
      if (now - window.begun >= window.span) {
        window.begun = now;
        window.count = 0;
      }
      if (++window.count > window.most)
        return `${window.most} events and messages in a simulated ${window.name}`;
    }
    return undefined;
  }
}
