/**
 * An order of the calls of a stack that fits, made when it is asked for, from the order in which elements were peeled.
 *
 * An element comes at the last moment, and goes at the first, at which all that were left when it was peeled are certainly not there. So
 * its stay lies within the stays of those peeled before it, or outside, and never across their ends or peeks: had it been
 * across one, that moment would have been a later one to come or an earlier one to go.
 *
 * Within a moment elements go first, the highest (the last peeled) first; then calls find nothing, or see an element that stays; then
 * elements come, the lowest first; then those come and go at once that can.
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
import { orderByMoment } from '../container/moments.ts';
import { Stays } from '../container/stays.ts';
import { Timed } from '../container/timed.ts';
import { Peeling } from './peeling.ts';

/** The calls in an order that a stack allows. */
export function stackOrder(contents: Contents): number[] {
  const windows = windowsOf(contents);
  const peeling = new Peeling(contents, windows);
  const timed = new Timed(contents.end);
  const stays = staysOf(contents, windows, peeling);
  for (const stay of stays) addGoing(timed, contents, peeling, stay);
  addBetween(timed, contents, windows, peeling, stays);
  for (const stay of stays.reverse()) addComing(timed, contents, peeling, stay);
  addMomentary(timed, contents, windows);
  return timed.order();
}

/** When an element comes and goes. */
interface Stay {
  readonly element: number;
  readonly comes: number;
  readonly goes: number;
}

/** The stays of the elements that were peeled, the last peeled first. */
function staysOf({ end }: Contents, windows: Windows, { peeled, emptySince }: Peeling): Stay[] {
  const stays: Stay[] = [];
  const free = new FreeMoments(end);
  const byEmptySince = orderByMoment(emptySince, peeled.length);
  let left = byEmptySince.length;
  for (let place = peeled.length - 1; place >= 0; place--) {
    const element = peeled[place] ?? 0;
    while (left > 0 && (emptySince[byEmptySince[left - 1] ?? 0] ?? 0) > place) {
      const moment = byEmptySince[--left] ?? 0;
      free.take(moment, moment + 1);
    }
    const comes = free.lastUpTo(windows.insertLast[element] ?? 0);
    stays.push({ element, comes, goes: free.nextFrom(windows.removeFirst[element] ?? 0) });
  }
  return stays;
}

/** The peeks of an element and the moments at which they are possible. */
function* peeksOf(
  { tasks }: Peeling,
  element: number,
): Generator<readonly [sighting: number, moment: number]> {
  for (let task = tasks.startOf(element); task < tasks.startOf(element + 1); task++) {
    const sighting = tasks.sighting[task] ?? ABSENT;
    if (sighting !== ABSENT) yield [sighting, tasks.moment[task] ?? 0];
  }
}

function addGoing(
  timed: Timed,
  { elements, sightings }: Contents,
  peeling: Peeling,
  { element, goes }: Stay,
): void {
  for (const [sighting, moment] of peeksOf(peeling, element)) {
    if (moment >= goes) timed.add(sightings.call[sighting], goes);
  }
  timed.add(elements.remove[element], goes);
}

function addComing(
  timed: Timed,
  { elements, sightings }: Contents,
  peeling: Peeling,
  { element, comes }: Stay,
): void {
  timed.add(elements.insert[element], comes);
  for (const [sighting, moment] of peeksOf(peeling, element)) {
    if (moment <= comes) timed.add(sightings.call[sighting], comes);
  }
}

/** Peeks at elements that came before the moment and go after it, and what found nothing. */
function addBetween(
  timed: Timed,
  contents: Contents,
  windows: Windows,
  peeling: Peeling,
  elementStays: readonly Stay[],
): void {
  const { sightings, end } = contents;
  for (const { element, comes, goes } of elementStays) {
    for (const [sighting, moment] of peeksOf(peeling, element)) {
      if (comes < moment && moment < goes) timed.add(sightings.call[sighting], moment);
    }
  }
  const stays = new Stays(windows, end, () => true);
  for (let sighting = 0; sighting < sightings.length; sighting++) {
    if (!isEmptySighting(sightings, sighting)) continue;
    timed.add(sightings.call[sighting], stays.uncoveredFrom(sightings.first[sighting] ?? 0));
  }
}

/** Elements that come, are seen and go at once. */
function addMomentary(timed: Timed, contents: Contents, { insertLast, removeFirst }: Windows): void {
  const { elements, sightings } = contents;
  const seen = new SightingsByElement(contents);
  for (let element = 0; element < elements.length; element++) {
    const moment = removeFirst[element] ?? 0;
    if ((insertLast[element] ?? 0) < moment) continue;
    timed.add(elements.insert[element], moment);
    for (const sighting of seen.of(element)) timed.add(sightings.call[sighting], moment);
    timed.add(elements.remove[element], moment);
  }
}
