/**
 * Crashed removes of stacks and priority queues. An element without a remove that has certainly come before a call begins, and that
 * would be in the way of what this call gave, must be gone when the call returns: that is its deadline, and a crashed remove must
 * have taken it, one that began by then. Where deadlines are more than the crashed removes that began in time, the history is wrong.
 * Else the deadlines are where the search for what they took begins.
 */
import { ABSENT } from '../../calls.ts';
import { orderBy } from '../order.ts';
import { namesOf, type Contradicts, type Core } from './conflict.ts';
import { isEmptySighting, windowsOf, type Contents, type Windows } from './contents.ts';
import { orderByMoment } from './moments.ts';
import type { Decision } from './outline.ts';
import { searchTaken } from './taken.ts';

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
  const deadlines = new Deadlines(contents, waysOf);
  const tooMany = deadlines.contradiction();
  if (tooMany === undefined) {
    const { elements, sightings } = deadlines.involved();
    const known = { elements, sightings, limits: deadlines.limits() };
    return searchTaken(contents, known, withoutTakers, contradicts);
  }
  return { core: tooMany, contradicts };

  function contradicts(some: Contents): Core | undefined {
    if (withoutTakers(some) === undefined) return undefined;
    const decision = takeByDeadline(some, withoutTakers, waysOf);
    return 'core' in decision ? decision.core : undefined;
  }
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
    const due = this.#due.subarray(0, place + 1);
    return {
      ...this.#involvedIn(due),
      takers: Array.from({ length: place }, (_, taker) => taker),
      reason: `not all of ${namesOf(this.#contents, [...due])}, which were in the way, can have been taken by crashed removes`,
    };
  }

  #involvedIn(due: Int32Array): Pick<Core, 'elements' | 'sightings'> {
    const { elements, sightings } = this.#contents;
    const gives = Array.from(due, (element) => this.#give[element] ?? 0);
    const seen = gives.filter((give) => give >= elements.length).map((give) => give - elements.length);
    const given = [
      ...gives.filter((give) => give < elements.length),
      ...seen
        .filter((sighting) => !isEmptySighting(sightings, sighting))
        .map((sighting) => sightings.element[sighting] ?? 0),
    ];
    return { elements: [...due, ...given], sightings: seen };
  }

  /** For each element that has a deadline, the latest crashed remove that can have taken it. */
  limits(): Map<number, number> {
    const { takers } = this.#contents;
    const limits = new Map<number, number>();
    let begun = 0;
    for (const element of this.#due) {
      const deadline = this.#gives.last[this.#give[element] ?? 0] ?? 0;
      while (begun < takers.length && (takers.first[begun] ?? 0) <= deadline) begun++;
      limits.set(element, begun - 1);
    }
    return limits;
  }

  /** The elements that have a deadline and the calls that set it. */
  involved(): Pick<Core, 'elements' | 'sightings'> {
    return this.#involvedIn(this.#due);
  }
}
