/**
 * What a queue, a stack or a priority queue held, read from a history in which every element is inserted once: for each element
 * when it may have come and when it may have gone, and who saw it. The monitors of these objects differ only in which
 * element has to go first.
 *
 * An element that was never removed goes at the moment `end`, after everything. One that was there from the start comes
 * at a moment of its own before everything, so that the order of the first elements is an order in time like any other.
 */
import { ABSENT, type Calls } from '../../calls.ts';

/** The elements, as columns. Times are moments. */
export interface Elements {
  readonly length: number;
  /** Its number among the values. */
  readonly value: Int32Array;
  /** The call that inserted it; ABSENT for one that was there from the start. */
  readonly insert: Int32Array;
  /** The call that removed it; ABSENT if none did. */
  readonly remove: Int32Array;
  readonly insertFirst: Int32Array;
  readonly insertLast: Int32Array;
  readonly removeFirst: Int32Array;
  readonly removeLast: Int32Array;
}

/** Calls that looked and changed nothing: peeks, and removes that found nothing. */
export interface Sightings {
  readonly length: number;
  readonly call: Int32Array;
  /** The element that was seen; ABSENT if the object was found empty. */
  readonly element: Int32Array;
  readonly first: Int32Array;
  readonly last: Int32Array;
}

/** Removes that crashed: each may have removed one element, at `first` or later. By time. */
export interface Takers {
  readonly length: number;
  readonly call: Int32Array;
  readonly first: Int32Array;
}

/** All of it. */
export interface Contents {
  readonly calls: Calls;
  readonly elements: Elements;
  readonly sightings: Sightings;
  readonly takers: Takers;
  readonly end: number;
}

/** Columns for so many elements. */
export function newElements(length: number): Elements {
  return {
    length,
    value: new Int32Array(length),
    insert: new Int32Array(length).fill(ABSENT),
    remove: new Int32Array(length).fill(ABSENT),
    insertFirst: new Int32Array(length),
    insertLast: new Int32Array(length),
    removeFirst: new Int32Array(length),
    removeLast: new Int32Array(length),
  };
}

/** Columns for so many sightings. */
export function newSightings(length: number): Sightings {
  return {
    length,
    call: new Int32Array(length),
    element: new Int32Array(length).fill(ABSENT),
    first: new Int32Array(length),
    last: new Int32Array(length),
  };
}

/**
 * When each element must have been there. Every sighting narrows it: an element is in before the first of its sightings is over,
 * and goes after the last of them began.
 */
export interface Windows {
  /** The last moment at which it can have come. */
  readonly insertLast: Int32Array;
  /** The first moment at which it can have gone. */
  readonly removeFirst: Int32Array;
  /** The last moment at which it can have become the next to go: it was seen, or removed. */
  readonly nextLast: Int32Array;
}

/** The windows of all elements. `insertFirst` and `removeLast` are not narrowed by anything. */
export function windowsOf({ elements, sightings }: Contents): Windows {
  const insertLast = Int32Array.from(elements.insertLast);
  const removeFirst = Int32Array.from(elements.removeFirst);
  const nextLast = Int32Array.from(elements.removeLast);
  for (let sighting = 0; sighting < sightings.length; sighting++) {
    const element = sightings.element[sighting] ?? ABSENT;
    if (element === ABSENT) continue;
    removeFirst[element] = Math.max(removeFirst[element] ?? 0, sightings.first[sighting] ?? 0);
    nextLast[element] = Math.min(nextLast[element] ?? 0, sightings.last[sighting] ?? 0);
  }
  for (let element = 0; element < elements.length; element++) {
    insertLast[element] = Math.min(insertLast[element] ?? 0, nextLast[element] ?? 0);
    removeFirst[element] = Math.max(removeFirst[element] ?? 0, elements.insertFirst[element] ?? 0);
  }
  return { insertLast, removeFirst, nextLast };
}

/** Whether the call found the object empty. */
export function isEmptySighting(sightings: Sightings, sighting: number): boolean {
  return sightings.element[sighting] === ABSENT;
}

const NONE = new Int32Array(0);

/** The sightings of each element. */
export class SightingsByElement {
  /** Where an element's sightings begin in `#sightings`; those of none come first. Empty if there are no sightings at all. */
  readonly #starts: Int32Array;
  readonly #sightings: Int32Array;

  constructor({ elements, sightings }: Pick<Contents, 'elements' | 'sightings'>) {
    this.#starts = new Int32Array(sightings.length === 0 ? 0 : elements.length + 2);
    this.#sightings = new Int32Array(sightings.length);
    for (const element of sightings.element) this.#starts[element + 2] = (this.#starts[element + 2] ?? 0) + 1;
    for (let place = 1; place < this.#starts.length; place++) {
      this.#starts[place] = (this.#starts[place] ?? 0) + (this.#starts[place - 1] ?? 0);
    }
    for (let sighting = 0; sighting < sightings.length; sighting++) {
      const place = (sightings.element[sighting] ?? ABSENT) + 1;
      const start = this.#starts[place] ?? 0;
      this.#sightings[start] = sighting;
      this.#starts[place] = start + 1;
    }
  }

  /** The element's sightings, by their calls. */
  of(element: number): Int32Array {
    if (this.#starts.length === 0) return NONE;
    return this.#sightings.subarray(this.#starts[element] ?? 0, this.#starts[element + 1] ?? 0);
  }
}
