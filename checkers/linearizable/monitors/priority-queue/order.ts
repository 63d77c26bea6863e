/**
 * An order of the calls of a priority queue that fits, made when it is asked for. From the greatest element down, each comes as late
 * as it can and goes as early as it can; one that was peeked at comes at the last moment at which it is the greatest, if there
 * is one by then (after that, greater ones are there, so it is in nobody's way).
 *
 * Within a moment elements go first, the greatest first; among them are those that come and go at once. Then the queue may be found empty,
 * and then elements come to stay, the smallest first, so that each can be seen before a greater one comes.
 */
import { ABSENT } from '../../calls.ts';
import {
  isEmptySighting,
  SightingsByElement,
  windowsOf,
  type Contents,
  type Windows,
} from '../container/contents.ts';
import { FreeMoments } from '../container/free-moments.ts';
import { Timed } from '../container/timed.ts';
import { greatestFirst } from './ranks.ts';

/** When an element comes and goes, and when it is seen between. */
interface Stay {
  readonly element: number;
  readonly comes: number;
  readonly goes: number;
  /** The sightings with the moment of each. */
  readonly seen: readonly (readonly [sighting: number, moment: number])[];
}

/** The calls in an order that a priority queue allows. */
export function priorityQueueOrder(contents: Contents): number[] {
  const { sightings, end } = contents;
  const windows = windowsOf(contents);
  const free = new FreeMoments(end);
  const seen = new SightingsByElement(contents);
  const timed = new Timed(end);
  const staying: Stay[] = [];
  for (const element of greatestFirst(contents)) {
    const stay = stayOf(contents, windows, free, element, seen.of(element));
    if (stay.comes < stay.goes) staying.push(stay);
    else addComing(timed, contents, stay);
    addGoing(timed, contents, stay);
    free.take((windows.insertLast[element] ?? 0) + 1, windows.removeFirst[element] ?? 0);
  }
  for (let sighting = 0; sighting < sightings.length; sighting++) {
    if (!isEmptySighting(sightings, sighting)) continue;
    timed.add(sightings.call[sighting] ?? ABSENT, free.nextFrom(sightings.first[sighting] ?? 0));
  }
  for (const stay of staying.reverse()) addComing(timed, contents, stay);
  return timed.order();
}

/** The stay of an element, where `free` are the moments at which no greater one is certainly there. */
function stayOf(
  { elements, sightings }: Contents,
  windows: Windows,
  free: FreeMoments,
  element: number,
  seen: Int32Array,
): Stay {
  const insertFirst = elements.insertFirst[element] ?? 0;
  const insertLast = windows.insertLast[element] ?? 0;
  const goes = free.nextFrom(windows.removeFirst[element] ?? 0);
  const greatest = seen.length === 0 ? ABSENT : free.lastUpTo(insertLast);
  return {
    element,
    comes: Math.min(goes, greatest >= insertFirst ? greatest : insertLast),
    goes,
    seen: Array.from(seen, (sighting) => [
      sighting,
      free.nextFrom(Math.max(sightings.first[sighting] ?? 0, insertFirst)),
    ]),
  };
}

/** Adds the insert, and the sightings at once after it. */
function addComing(timed: Timed, { elements, sightings }: Contents, { element, comes, seen }: Stay): void {
  timed.add(elements.insert[element] ?? ABSENT, comes);
  for (const [sighting, moment] of seen) {
    if (moment <= comes) timed.add(sightings.call[sighting] ?? ABSENT, comes);
  }
}

/** Adds the remove, and the later sightings. */
function addGoing(
  timed: Timed,
  { elements, sightings }: Contents,
  { element, comes, goes, seen }: Stay,
): void {
  for (const [sighting, moment] of seen) {
    if (moment > comes) timed.add(sightings.call[sighting] ?? ABSENT, Math.min(moment, goes));
  }
  timed.add(elements.remove[element] ?? ABSENT, goes);
}
