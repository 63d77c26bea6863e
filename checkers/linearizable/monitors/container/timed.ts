/**
 * Calls put in order by moments: those of one moment stay in the order in which they were added.
 */
import { ABSENT } from '../../calls.ts';
import { orderByMoment } from './moments.ts';

/** Calls, each with the moment at which it takes place. */
export class Timed {
  readonly #calls: number[] = [];
  readonly #moments: number[] = [];

  readonly #end: number;

  constructor(end: number) {
    this.#end = end;
  }

  /** Adds a call, if there is one. */
  add(call: number | undefined, moment: number): void {
    if (call === undefined || call === ABSENT) return;
    this.#calls.push(call);
    this.#moments.push(moment);
  }

  /** The calls by moment. */
  order(): number[] {
    const order: number[] = [];
    for (const place of orderByMoment(this.#moments, this.#end)) order.push(this.#calls[place] ?? 0);
    return order;
  }
}
