/**
 * An order of the calls of a queue that fits, made when it is asked for. First an order of the elements: again and again one before
 * which no other must come (see `monitor.ts` for what must). Then their times: each comes and goes as early as the ones
 * before it allow. A call that found nothing is an element that comes and goes at once.
 */
import { ABSENT } from '../../calls.ts';
import { isEmptySighting, SightingsByElement, windowsOf, type Contents } from '../container/contents.ts';
import { orderByMoment } from '../container/moments.ts';
import { Stays } from '../container/stays.ts';
import { Firsts } from './firsts.ts';

/** Elements, and after them the calls that found nothing. */
interface Items {
  readonly length: number;
  readonly end: number;
  readonly insertFirst: Int32Array;
  readonly insertLast: Int32Array;
  readonly removeFirst: Int32Array;
  readonly nextLast: Int32Array;
  /** The sightings that the items after the elements are. */
  readonly empty: readonly number[];
}

/** The calls in an order that a queue allows. */
export function queueOrder(contents: Contents): number[] {
  const items = itemsOf(contents);
  return callsInOrder(contents, items, new Places(items).order());
}

function itemsOf(contents: Contents): Items {
  const { elements, sightings, end } = contents;
  const windows = windowsOf(contents);
  new Firsts(contents, windows);
  const stays = new Stays(windows, end, () => true);
  const empty: number[] = [];
  for (let sighting = 0; sighting < sightings.length; sighting++) {
    if (isEmptySighting(sightings, sighting)) empty.push(sighting);
  }
  const moments = empty.map((sighting) => stays.uncoveredFrom(sightings.first[sighting] ?? 0));
  const withEmpty = (column: Int32Array): Int32Array => {
    const all = new Int32Array(column.length + moments.length);
    all.set(column);
    all.set(moments, column.length);
    return all;
  };
  return {
    length: elements.length + empty.length,
    end,
    insertFirst: withEmpty(elements.insertFirst),
    insertLast: withEmpty(windows.insertLast),
    removeFirst: withEmpty(windows.removeFirst),
    nextLast: withEmpty(windows.nextLast),
    empty,
  };
}

/** Finds the order of the items. */
class Places {
  readonly #items: Items;
  readonly #isPlaced: Uint8Array;
  /** By insertFirst, and by removeFirst: those before the mark may come next as far as inserts, or removes, are concerned. */
  readonly #byInsertFirst: Int32Array;
  readonly #byRemoveFirst: Int32Array;
  #insertMark = 0;
  #removeMark = 0;
  readonly #byInsertLast: Int32Array;
  #insertLastMark = 0;
  /** The items that have no place yet, by nextLast, linked; `length` is before the first and after the last. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** Which of the two an item has: 1 for inserts, 2 for removes. */
  readonly #cleared: Uint8Array;
  readonly #ready: number[] = [];

  constructor(items: Items) {
    const { length, end } = items;
    this.#items = items;
    this.#isPlaced = new Uint8Array(length);
    this.#cleared = new Uint8Array(length);
    this.#byInsertFirst = orderByMoment(items.insertFirst, end);
    this.#byRemoveFirst = orderByMoment(items.removeFirst, end);
    this.#byInsertLast = orderByMoment(items.insertLast, end);
    this.#next = new Int32Array(length + 1);
    this.#previous = new Int32Array(length + 1);
    let before = length;
    for (const item of orderByMoment(items.nextLast, end)) {
      this.#link(before, item);
      before = item;
    }
    this.#link(before, length);
  }

  order(): Int32Array {
    const order = new Int32Array(this.#items.length);
    for (let place = 0; place < order.length; place++) {
      this.#clearInserts();
      this.#clearRemoves();
      const item = this.#ready.pop();
      if (item === undefined) throw new Error('The queue monitor found an order to exist, and none exists.');
      order[place] = item;
      this.#isPlaced[item] = 1;
      this.#link(this.#previous[item] ?? 0, this.#next[item] ?? 0);
    }
    return order;
  }

  #link(before: number, after: number): void {
    this.#next[before] = after;
    this.#previous[after] = before;
  }

  /** Items whose insert none of those without a place must precede. */
  #clearInserts(): void {
    const { insertFirst, insertLast, length } = this.#items;
    while (this.#isPlaced[this.#byInsertLast[this.#insertLastMark] ?? 0] === 1) this.#insertLastMark++;
    const limit = insertLast[this.#byInsertLast[this.#insertLastMark] ?? 0] ?? 0;
    while (this.#insertMark < length) {
      const item = this.#byInsertFirst[this.#insertMark] ?? 0;
      if ((insertFirst[item] ?? 0) > limit) break;
      this.#clear(item, 1);
      this.#insertMark++;
    }
  }

  /** Items before whose remove none of those without a place must have been first. None stands in its own way. */
  #clearRemoves(): void {
    const { removeFirst, nextLast, length } = this.#items;
    const first = this.#next[length] ?? length;
    const limit = nextLast[first] ?? 0;
    while (this.#removeMark < length) {
      const item = this.#byRemoveFirst[this.#removeMark] ?? 0;
      if ((removeFirst[item] ?? 0) > limit) break;
      this.#clear(item, 2);
      this.#removeMark++;
    }
    const second = this.#next[first] ?? length;
    if (second === length || (removeFirst[first] ?? 0) <= (nextLast[second] ?? 0)) this.#clear(first, 2);
  }

  #clear(item: number, way: number): void {
    const before = this.#cleared[item] ?? 0;
    if ((before & way) !== 0) return;
    this.#cleared[item] = before | way;
    if ((before | way) === 3) this.#ready.push(item);
  }
}

/** Calls with the moment of each, in order, and with the place of the element that they are about. */
class Sequence {
  readonly calls: number[] = [];
  readonly moments: number[] = [];
  readonly places: number[] = [];

  add(call: number, moment: number, place: number): void {
    this.calls.push(call);
    this.moments.push(moment);
    this.places.push(place);
  }
}

function callsInOrder(contents: Contents, items: Items, order: Int32Array): number[] {
  const { elements, sightings } = contents;
  const arrivals = new Sequence();
  const departures = new Sequence();
  const peeks = new SightingsByElement(contents);
  let come = 0;
  let gone = 0;
  for (let place = 0; place < order.length; place++) {
    const item = order[place] ?? 0;
    come = Math.max(come, items.insertFirst[item] ?? 0);
    gone = Math.max(gone, come);
    const sighting = items.empty[item - elements.length];
    arrivals.add(
      sighting === undefined ? (elements.insert[item] ?? ABSENT) : (sightings.call[sighting] ?? 0),
      come,
      place,
    );
    for (const peek of sighting === undefined ? peeks.of(item) : []) {
      departures.add(sightings.call[peek] ?? 0, Math.max(gone, sightings.first[peek] ?? 0), place);
    }
    gone = Math.max(gone, items.removeFirst[item] ?? 0);
    if (sighting === undefined) departures.add(elements.remove[item] ?? ABSENT, gone, place);
  }
  return merged(arrivals, departures);
}

/** Both sequences by moment; within one moment elements go as soon as they have come. */
function merged(arrivals: Sequence, departures: Sequence): number[] {
  const calls: number[] = [];
  let arrived = 0;
  let departed = 0;
  while (arrived < arrivals.calls.length || departed < departures.calls.length) {
    const nextArrival = arrivals.moments[arrived] ?? Infinity;
    const canDepart = (departures.places[departed] ?? Infinity) < arrived;
    const departs = canDepart && (departures.moments[departed] ?? 0) <= nextArrival;
    const call = departs ? departures.calls[departed++] : arrivals.calls[arrived++];
    if (call !== undefined && call !== ABSENT) calls.push(call);
  }
  return calls;
}
