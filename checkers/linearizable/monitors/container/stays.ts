/**
 * When elements are certainly there: after the last moment at which one can have come and before the first at which it can have gone.
 * A moment is covered by the elements that are certainly there.
 */
import { ABSENT } from '../../calls.ts';
import type { Windows } from './contents.ts';

/** For each moment, among the elements that have come by then, those that stay longest. */
export class Stays {
  readonly #removeFirst: Int32Array;
  /** At moment `m`: of the elements that have certainly come at `m` or before, the one whose removal begins last. */
  readonly #longest: Int32Array;

  constructor({ insertLast, removeFirst }: Windows, end: number, includes: (element: number) => boolean) {
    this.#removeFirst = removeFirst;
    this.#longest = new Int32Array(end + 1).fill(ABSENT);
    for (let element = 0; element < insertLast.length; element++) {
      const moment = insertLast[element] ?? 0;
      if (includes(element) && this.#ends(element) > this.endAt(moment)) this.#longest[moment] = element;
    }
    for (let moment = 1; moment <= end; moment++) {
      const before = this.#longest[moment - 1] ?? ABSENT;
      if (this.#ends(before) > this.endAt(moment)) this.#longest[moment] = before;
    }
  }

  #ends(element: number): number {
    return element === ABSENT ? ABSENT : (this.#removeFirst[element] ?? 0);
  }

  /** Of the elements that have come at the moment or before, the one that stays longest; ABSENT if there are none. */
  longestAt(moment: number): number {
    return this.#longest[moment] ?? ABSENT;
  }

  /** The first moment at which that one can go; ABSENT if there is none. */
  endAt(moment: number): number {
    return this.#ends(this.#longest[moment] ?? ABSENT);
  }

  /** From the moment on, the first one that no element covers. */
  uncoveredFrom(moment: number): number {
    let uncovered = moment;
    while (uncovered > 0 && this.endAt(uncovered - 1) > uncovered) uncovered = this.endAt(uncovered - 1);
    return uncovered;
  }

  /** Few elements that together cover all moments from `first` to `last`. */
  covering(first: number, last: number): number[] {
    const covering: number[] = [];
    for (
      let moment = first;
      moment <= last && this.endAt(moment - 1) > moment;
      moment = this.endAt(moment - 1)
    ) {
      covering.push(this.longestAt(moment - 1));
    }
    return covering;
  }
}
