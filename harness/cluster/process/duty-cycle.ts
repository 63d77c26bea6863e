/**
 * Leaves a process a share of a processor, by stopping it and letting it go on again in short turns. What the timers
 * of a busy harness get wrong in one turn is made up for in the next, so that the share is right over a few of them.
 */
import { performance } from 'node:perf_hooks';

/** Milliseconds of a turn: short beside election time-outs, long beside the timers' precision. */
const PERIOD_MS = 50;
/** Periods of standing still that are made up for; what the harness slept through beyond is forgotten. */
const OWED_PERIODS_MAX = 4;

/** Sends the process one of the two signals. */
type Send = (signal: 'SIGSTOP' | 'SIGCONT') => void;

/** The turns of one process, from the making of this to `end`. */
export class DutyCycle {
  readonly #send: Send;
  readonly #share: number;
  /** Milliseconds that it has still to stand still for what it ran. */
  #owedMs = 0;
  #since = performance.now();
  #timer: NodeJS.Timeout;

  /** @param share of a processor, above 0 and below 1 */
  constructor(share: number, send: Send) {
    this.#share = share;
    this.#send = send;
    this.#timer = setTimeout(() => this.#stop(), share * PERIOD_MS);
  }

  /** Leaves it as it is now, running or stopped. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #stop(): void {
    const ranMs = this.#elapsedMs();
    this.#owedMs += (ranMs * (1 - this.#share)) / this.#share;
    this.#owedMs = Math.min(this.#owedMs, Math.max(OWED_PERIODS_MAX, 1 / this.#share) * PERIOD_MS);
    this.#send('SIGSTOP');
    // Who stood still for too long has that to his credit.
    this.#timer = setTimeout(() => this.#goOn(), Math.max(0, this.#owedMs));
  }

  #goOn(): void {
    this.#owedMs -= this.#elapsedMs();
    this.#send('SIGCONT');
    this.#timer = setTimeout(() => this.#stop(), this.#share * PERIOD_MS);
  }

  #elapsedMs(): number {
    const now = performance.now();
    const elapsed = now - this.#since;
    this.#since = now;
    return elapsed;
  }
}
