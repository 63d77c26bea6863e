/**
 * What an acceptor has accepted, by slot: in each slot the command of the latest ballot in which it accepted one.
 * There may be gaps, since slots are filled independently. Slots up to the base were chosen, applied, and
 * compacted away.
 */
import type { Ballot } from '../replicated-log/ballots.ts';
import type { Command } from '../replicated-log/state-machine.ts';

/** What was accepted in a slot. */
export type Accepted = {
  readonly ballot: Ballot;
  /** Null is a no-op, with which a leader fills a gap. */
  readonly command: Command | null;
};

/** Accepted values from the base on. Slots are numbered from 1. */
export class SlotLog {
  readonly #slots = new Map<number, Accepted>();
  #base = 0;
  #last = 0;

  /** The last slot that was compacted away; 0 when none was. */
  get base(): number {
    return this.#base;
  }

  /** The last slot in which anything was accepted, or that was compacted away. */
  get last(): number {
    return this.#last;
  }

  /** What was accepted there; undefined in a gap, and up to the base. */
  at(slot: number): Accepted | undefined {
    return this.#slots.get(slot);
  }

  /** What was accepted in these slots, both included, up to the first gap. */
  run(from: number, to: number): readonly Accepted[] {
    const run: Accepted[] = [];
    for (let slot = from; slot <= to; slot++) {
      const accepted = this.#slots.get(slot);
      if (accepted === undefined) break;
      run.push(accepted);
    }
    return run;
  }

  /** All slots from this one on in which something was accepted, in order. */
  *from(slot: number): Iterable<readonly [slot: number, accepted: Accepted]> {
    for (let at = Math.max(slot, this.#base + 1); at <= this.#last; at++) {
      const accepted = this.#slots.get(at);
      if (accepted !== undefined) yield [at, accepted];
    }
  }

  /** Puts these in successive slots; what would be in slots up to the base is left out. */
  write(from: number, entries: readonly Accepted[]): void {
    entries.forEach((accepted, offset) => {
      if (from + offset > this.#base) this.#slots.set(from + offset, accepted);
    });
    this.#last = Math.max(this.#last, from + entries.length - 1);
  }

  /** Drops the slots up to and including this one. */
  compact(slot: number): void {
    for (let at = this.#base + 1; at <= slot; at++) this.#slots.delete(at);
    this.#base = Math.max(this.#base, slot);
    this.#last = Math.max(this.#last, this.#base);
  }
}
