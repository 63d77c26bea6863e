/**
 * The stretch of time on show: one for the timeline and all charts, so that what stands above each other
 * happened together. Times in nanoseconds since the start of the test.
 */

/** The shortest stretch that can be shown: a microsecond. */
const SPAN_MIN = 1000;

/** A stretch of time that can be zoomed and moved within its bounds. */
export class TimeView {
  readonly min: number;
  readonly max: number;
  #from: number;
  #to: number;
  /** The moment that zooming keeps where it is while it is on show; else, and when it is undefined, the middle. */
  anchor: number | undefined;
  readonly #listeners: (() => void)[] = [];

  /** Shows everything, from `min` (0 unless given) to `max`. */
  constructor(max: number, min = 0) {
    this.min = min;
    this.max = Math.max(min + SPAN_MIN, max);
    this.#from = min;
    this.#to = this.max;
  }

  get from(): number {
    return this.#from;
  }

  get to(): number {
    return this.#to;
  }

  get span(): number {
    return this.#to - this.#from;
  }

  /** Calls `listener` after each change. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Shows this stretch, moved into the bounds and made long enough to see. */
  show(from: number, to: number): void {
    const span = this.#bounded(to - from);
    const centre = (from + to) / 2;
    const start = Math.min(Math.max(this.min, centre - span / 2), this.max - span);
    if (start === this.#from && start + span === this.#to) return;
    this.#from = start;
    this.#to = start + span;
    for (const listener of this.#listeners) listener();
  }

  /** Shows everything. */
  reset(): void {
    this.show(this.min, this.max);
  }

  /** Multiplies the length by `factor` (below 1 zooms in) and keeps the moment `around` where it is on the screen. */
  zoom(factor: number, around: number = this.#centre): void {
    const span = this.#bounded(this.span * factor);
    const share = (around - this.#from) / this.span;
    const from = around - share * span;
    this.show(from, from + span);
  }

  /** Moves by this share of the length: 0.5 is half a screen later. */
  pan(share: number): void {
    const shift = this.span * share;
    const from = Math.min(Math.max(this.min, this.#from + shift), this.max - this.span);
    this.show(from, from + this.span);
  }

  get #centre(): number {
    const { anchor } = this;
    const shown = anchor !== undefined && anchor >= this.#from && anchor <= this.#to;
    return shown ? anchor : (this.#from + this.#to) / 2;
  }

  #bounded(span: number): number {
    return Math.min(this.max - this.min, Math.max(SPAN_MIN, span));
  }
}

/** Moments for the labels of a time axis: multiples of 1, 2 or 5 times a power of ten, about `count` of them. */
export function timeTicks(from: number, to: number, count: number): number[] {
  const step = niceStep((to - from) / Math.max(1, count));
  const first = Math.ceil(from / step);
  const length = Math.max(0, Math.floor(to / step) - first + 1);
  return Array.from({ length }, (_, place) => (first + place) * step);
}

/** The smallest of 1, 2 and 5 times a power of ten that is at least `least`. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, Number.MIN_VALUE)));
  return ([1, 2, 5].find((multiple) => multiple * power >= least) ?? 10) * power;
}

/** A moment for people, as exact as a stretch of `span` nanoseconds can show: `12.3 s`. */
export function formatMoment(time: number, span: number): string {
  const decimals = Math.min(6, Math.max(0, Math.ceil(-Math.log10(span / 1e9 / 20))));
  return `${(time / 1e9).toFixed(decimals)} s`;
}

/** A length of time for people: `12 µs`, `3.2 ms`, `1.20 s`. */
export function formatNanos(nanos: number): string {
  if (nanos < 1e6) return `${Math.round(nanos / 1e3)} µs`;
  if (nanos < 1e8) return `${(nanos / 1e6).toFixed(1)} ms`;
  if (nanos < 1e9) return `${Math.round(nanos / 1e6)} ms`;
  return `${(nanos / 1e9).toFixed(2)} s`;
}
