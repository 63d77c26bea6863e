/**
 * Time as the harness sees it: one monotonic clock that starts with the test, and waiting. The engine takes
 * both from the cluster's runtime, because in the simulator they are virtual.
 */
import { performance } from 'node:perf_hooks';

/** Nanoseconds in a millisecond. */
export const NANOS_PER_MS = 1e6;

/** What may end a wait early: an AbortSignal, or a bell. */
export interface Interruption {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * Ends waits early, once. An AbortController without the events, which cost a simulated test several times what
 * the waiting does: each operation is waited for twice, and nearly every wait is ended early.
 */
export class Bell implements Interruption {
  aborted = false;
  /** A list: there is one listener, seldom two, and most bells live for one wait only. */
  #listeners: (() => void)[] = [];

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const place = this.#listeners.indexOf(listener);
    if (place >= 0) this.#listeners.splice(place, 1);
  }

  /** Ends the waits that are under way, and all that begin later. */
  ring(): void {
    if (this.aborted) return;
    this.aborted = true;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }
}

/** A clock and the means to wait on it. */
export interface Time {
  /** Whole nanoseconds since this clock was made. */
  now(): number;
  /** Milliseconds since the epoch, by the wall clock that goes with it; lays this clock beside the nodes' logs. */
  wall(): number;
  /**
   * Resolves after that many milliseconds, or at once when the signal aborts (it never rejects); for 0, after
   * whatever else is due has had its turn.
   */
  sleep(ms: number, signal?: Interruption): Promise<void>;
}

/** Real time, starting now. */
export function realTime(): Time {
  const start = performance.now();
  return {
    now: () => Math.round((performance.now() - start) * NANOS_PER_MS),
    wall: () => Date.now(),
    sleep,
  };
}

/** The same clock, counted from now. */
export function fromNow(time: Time): Time {
  const start = time.now();
  return {
    now: () => time.now() - start,
    wall: () => time.wall(),
    sleep: (ms, signal) => time.sleep(ms, signal),
  };
}

/** Real waiting; see `Time`. */
export function sleep(ms: number, signal?: Interruption): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    if (ms <= 0) {
      setImmediate(resolve);
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Reads a duration such as `250ms`, `30s`, `2m` or `1h` (a bare number means seconds) into milliseconds; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  if (match === null) return undefined;
  return Number(match[1]) * (UNITS[match[2] ?? 's'] ?? 1000);
}

/** Writes milliseconds for people: `250 ms`, `3.2 s`, `2 m 05 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, '0')} s`;
}
