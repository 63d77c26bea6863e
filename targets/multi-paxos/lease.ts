/**
 * A leader's lease for reads (PML 5.2): an acceptor that answered a round does not answer other candidates for the
 * shortest election time-out after (acceptor.ts). Whoever a majority answered is the only leader for so long, counted from
 * when that round *began*, less a margin for clocks that do not run alike.
 */

/** The lease lasts this part of the acceptors' silence: clocks may differ by a tenth. */
const MARGIN = 0.9;

/** The lease of one leadership. */
export class ReadLease {
  readonly #lengthMs: number;
  /** When each round began that no majority has answered, on the monotonic clock. */
  readonly #began = new Map<number, number>();
  #until = -Infinity;

  /** `silenceMs`: for how long acceptors do not answer others. */
  constructor(silenceMs: number) {
    this.#lengthMs = silenceMs * MARGIN;
  }

  /** True if nobody else can lead at this time. */
  holds(now: number): boolean {
    return now < this.#until;
  }

  roundBegan(round: number, now: number): void {
    this.#began.set(round, now);
  }

  /** A majority answered this round, and so all before it. */
  roundConfirmed(confirmed: number): void {
    for (const [round, began] of this.#began) {
      if (round > confirmed) break;
      this.#until = Math.max(this.#until, began + this.#lengthMs);
      this.#began.delete(round);
    }
  }

  end(): void {
    this.#began.clear();
    this.#until = -Infinity;
  }
}
