/**
 * A token bucket: bounds a rate while letting short bursts through.
 */

/** Milliseconds of the rate that may be saved up for a burst. */
const BURST_MS = 50;

/** Smallest burst in bytes, so that a slow link still moves whole small messages. */
const BURST_BYTES_MIN = 256;

/** Tokens are bytes; they come at `rate` a second up to the size of a burst. */
export class TokenBucket {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number;

  /** @param rate bytes a second  @param now milliseconds on the clock that the other calls use as well */
  constructor(rate: number, now: number) {
    this.#rate = rate;
    this.#burst = Math.max(BURST_BYTES_MIN, (rate * BURST_MS) / 1000);
    this.#tokens = this.#burst;
    this.#filledAt = now;
  }

  /** Milliseconds until a worthwhile part of so many bytes may pass; 0: now. */
  waitMs(bytes: number, now: number): number {
    this.#fill(now);
    const worthwhile = Math.min(bytes, this.#burst / 2);
    return Math.max(0, ((worthwhile - this.#tokens) / this.#rate) * 1000);
  }

  /** Takes up to so many bytes; answers how many may pass now. */
  take(bytes: number, now: number): number {
    this.#fill(now);
    const taken = Math.min(bytes, Math.floor(this.#tokens));
    this.#tokens -= taken;
    return taken;
  }

  #fill(now: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) * this.#rate) / 1000);
    this.#filledAt = now;
  }
}
