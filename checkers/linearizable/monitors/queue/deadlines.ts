/**
 * Crashed removes of stacks and priority queues. An element without a remove that has certainly come before a call begins, and that
 * would be in the way of what this call gave, must be gone when the call returns: that is its deadline, and a crashed remove must
 * have taken it, one that began by then. Where deadlines are more than the crashed removes that began in time, the history is wrong.
 * Else those with the earliest deadlines get the earliest crashed removes. If it fits then, it fits. If not,
 * another choice might, and the monitor leaves it to the search.
 */
import { ABSENT } from '../../calls.ts';
import { orderBy } from '../order.ts';
import { namesOf, type Contradicts, type Core } from './conflict.ts';
import { isEmptySighting, windowsOf, type Contents, type Windows } from './contents.ts';
import { orderByMoment } from './moments.ts';
import type { Decision } from './outline.ts';

/**
 * Which elements are in the way of which: an element that was inserted before a call began is in the way of its giving
 * another one if the other's `low` is less than its `high`.
 */
export interface Ways {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

/** Below every `high`: anything is in the way of finding nothing. */
const LOWEST = 0;

/** Decides about a stack or a priority queue with crashed removes. */
export function takeByDeadline(
  contents: Contents,
  withoutTakers: Contradicts,
  waysOf: (contents: Contents, windows: Windows) => Ways,
): Decision {
  const contradicts: Contradicts = (some) =>
    withoutTakers(some) && new Deadlines(some, waysOf).contradiction();
  const deadlines = new Deadlines(contents, waysOf);
  const core = deadlines.contradiction();
  if (core !== undefined) return { core, contradicts };
  const assigned = deadlines.assigned();
  if (withoutTakers(assigned) === undefined) return { fits: assigned };
  return { undecided: 'it depends on which elements crashed removes took' };
}

/** What each call gives and when: the removes of elements, then the sightings. */
interface Gives {
  readonly length: number;
  readonly low: Int32Array;
  readonly first: Int32Array;
  readonly last: Int32Array;
}

function givesOf({ elements, sightings }: Contents, windows: Windows, { low }: Ways): Gives {
  const length = elements.length + sightings.length;
  const gives = {
    length,
    low: new Int32Array(length),
    first: new Int32Array(length),
    last: new Int32Array(length),
  };
  gives.low.set(low);
  gives.first.set(windows.removeFirst);
  gives.last.set(elements.removeLast);
  gives.last.set(sightings.last, elements.length);
  for (let sighting = 0; sighting < sightings.length; sighting++) {
    const element = sightings.element[sighting] ?? ABSENT;
    const give = elements.length + sighting;
    gives.low[give] = element === ABSENT ? LOWEST : (low[element] ?? LOWEST);
    gives.first[give] = Math.max(sightings.first[sighting] ?? 0, elements.insertFirst[element] ?? 0);
  }
  return gives;
}

/** Of the calls added so far that begin after a moment, the one that returns first: a Fenwick tree from the end. */
class EarliestReturn {
  readonly #last: Int32Array;
  readonly #best: Int32Array;

  constructor(last: Int32Array, end: number) {
    this.#last = last;
    this.#best = new Int32Array(end + 2).fill(ABSENT);
  }

  #isBetter(give: number, other: number): boolean {
    return other === ABSENT || (this.#last[give] ?? 0) < (this.#last[other] ?? 0);
  }

  add(give: number, first: number): void {
    for (let node = this.#best.length - 1 - first; node < this.#best.length; node += node & -node) {
      if (this.#isBetter(give, this.#best[node] ?? ABSENT)) this.#best[node] = give;
    }
  }

  after(moment: number): number {
    let best = ABSENT;
    for (let node = this.#best.length - 2 - moment; node > 0; node -= node & -node) {
      const give = this.#best[node] ?? ABSENT;
      if (give !== ABSENT && this.#isBetter(give, best)) best = give;
    }
    return best;
  }
}

/** The deadlines of the elements without a remove. */
class Deadlines {
  readonly #contents: Contents;
  /** By element: the call whose return is its deadline, by its number among the gives. */
  readonly #give: Int32Array;
  /** The elements that have a deadline, the earliest first. */
  readonly #due: Int32Array;
  readonly #gives: Gives;

  constructor(contents: Contents, waysOf: (contents: Contents, windows: Windows) => Ways) {
    this.#contents = contents;
    const windows = windowsOf(contents);
    const ways = waysOf(contents, windows);
    this.#gives = givesOf(contents, windows, ways);
    this.#give = this.#findAll(windows, ways);
    const { elements, end } = contents;
    const deadlines = this.#give.map((give) => (give === ABSENT ? end : (this.#gives.last[give] ?? end)));
    this.#due = orderByMoment(deadlines, end).filter(
      (element) => elements.remove[element] === ABSENT && (deadlines[element] ?? end) < end,
    );
  }

  #findAll({ insertLast }: Windows, { high }: Ways): Int32Array {
    const { elements, end } = this.#contents;
    const { low, first, last } = this.#gives;
    const earliest = new EarliestReturn(last, end);
    const byLow = orderBy(low);
    const found = new Int32Array(elements.length).fill(ABSENT);
    let added = 0;
    for (const element of orderBy(high)) {
      for (; added < byLow.length; added++) {
        const give = byLow[added] ?? 0;
        if ((low[give] ?? 0) >= (high[element] ?? 0)) break;
        if ((last[give] ?? 0) < end) earliest.add(give, first[give] ?? 0);
      }
      if (elements.remove[element] === ABSENT) found[element] = earliest.after(insertLast[element] ?? 0);
    }
    return found;
  }

  /** More elements that must be gone by a moment than crashed removes that had begun. */
  contradiction(): Core | undefined {
    const { takers } = this.#contents;
    for (let place = 0; place < this.#due.length; place++) {
      const give = this.#give[this.#due[place] ?? 0] ?? 0;
      if ((takers.first[place] ?? Infinity) > (this.#gives.last[give] ?? 0)) return this.#coreOf(place);
    }
    return undefined;
  }

  #coreOf(place: number): Core {
    const { elements, sightings } = this.#contents;
    const due = [...this.#due.subarray(0, place + 1)];
    const gives = due.map((element) => this.#give[element] ?? 0);
    const seen = gives.filter((give) => give >= elements.length).map((give) => give - elements.length);
    const given = [
      ...gives.filter((give) => give < elements.length),
      ...seen
        .filter((sighting) => !isEmptySighting(sightings, sighting))
        .map((sighting) => sightings.element[sighting] ?? 0),
    ];
    return {
      elements: [...due, ...given],
      sightings: seen,
      takers: Array.from({ length: place }, (_, taker) => taker),
      reason: `not all of ${namesOf(this.#contents, due)}, which were in the way, can have been taken by crashed removes`,
    };
  }

  /** The contents in which crashed removes took what has a deadline. */
  assigned(): Contents {
    const { elements, takers } = this.#contents;
    const remove = Int32Array.from(elements.remove);
    const removeFirst = Int32Array.from(elements.removeFirst);
    for (let taker = 0; taker < this.#due.length; taker++) {
      const element = this.#due[taker] ?? 0;
      remove[element] = takers.call[taker] ?? 0;
      removeFirst[element] = takers.first[taker] ?? 0;
    }
    return { ...this.#contents, elements: { ...elements, remove, removeFirst } };
  }
}
