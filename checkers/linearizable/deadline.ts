/**
 * A moment by which searching ends, seen by every thread and moved forward by any: when one part of a history
 * has turned out wrong, the others are worth only a little more time.
 */

/** Milliseconds since the epoch, monotonic, and the same in every thread of this process. */
export function absoluteNow(): number {
  return performance.timeOrigin + performance.now();
}

/** A shared deadline, in milliseconds of `absoluteNow`. */
export class Deadline {
  /** What to hand to another thread, for its own `new Deadline(shared)`. */
  readonly shared: SharedArrayBuffer;
  readonly #at: Float64Array;

  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.#at = new Float64Array(shared);
  }

  /** The deadline at that moment. */
  static at(moment: number): Deadline {
    const deadline = new Deadline(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
    deadline.#set(moment);
    return deadline;
  }

  /** Milliseconds from now; negative once it has passed. */
  get remainingMs(): number {
    return (this.#at[0] ?? 0) - absoluteNow();
  }

  /** Makes the deadline that many milliseconds from now, unless it is sooner already. */
  bringForward(ms: number): void {
    if (ms < this.remainingMs) this.#set(absoluteNow() + ms);
  }

  #set(moment: number): void {
    // Aligned and of the size of a word: no thread sees half of it, and none minds seeing it a moment later.
    this.#at[0] = moment;
  }
}
