/**
 * Moments from which some are taken away, one after the other, and the nearest one that is left: two forests of links that skip what is
 * gone, shortened whenever they are walked. All of it takes nearly constant time a question.
 */

/** The moments from 0 to `end` that are free. */
export class FreeMoments {
  readonly #next: Int32Array;
  readonly #previous: Int32Array;

  constructor(end: number) {
    this.#next = new Int32Array(end + 2);
    for (let moment = 0; moment < this.#next.length; moment++) this.#next[moment] = moment;
    this.#previous = this.#next.slice();
  }

  /** The first free moment that is not before this one; `end + 1` if there is none. */
  nextFrom(moment: number): number {
    return follow(this.#next, moment);
  }

  /** The last free moment that is not after this one; -1 if there is none. */
  lastUpTo(moment: number): number {
    // Moved by one, so that the moment before all others has a place too.
    return follow(this.#previous, moment + 1) - 1;
  }

  /** Takes the moments from `first` up to, not including, `until`. */
  take(first: number, until: number): void {
    for (let moment = this.nextFrom(first); moment < until; moment = this.nextFrom(moment)) {
      this.#next[moment] = moment + 1;
      this.#previous[moment + 1] = moment;
    }
  }
}

function follow(links: Int32Array, start: number): number {
  let place = start;
  for (let link = links[place] ?? place; link !== place; link = links[place] ?? place) {
    const skipped = links[link] ?? link;
    links[place] = skipped;
    place = skipped;
  }
  return place;
}
