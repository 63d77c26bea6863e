/**
 * The monitor of priority queues, whose removes give the greatest element, in near-linear time.
 *
 * A remove or peek can give an element at a moment if no greater one is certainly there then: has come for certain, and
 * cannot have gone yet. So each needs such a moment among its own. That is enough (Lee and Mathur 2025): take the elements from the
 * greatest down, and let each go at its first such moment. If it goes later than it might, then because greater elements
 * were certainly there until then, so that it is not longer in the way of smaller ones than these are anyway. "Found
 * nothing" needs a moment at which no element is certainly there.
 */
import { ABSENT } from '../../calls.ts';
import { nameOf, namesOf, type Core } from '../container/conflict.ts';
import { SightingsByElement, windowsOf, type Contents, type Windows } from '../container/contents.ts';
import { takeByDeadline, type Ways } from '../container/deadlines.ts';
import { wrongEmptiness } from '../container/emptiness.ts';
import { FreeMoments } from '../container/free-moments.ts';
import { monitorOf } from '../container/outline.ts';
import type { ContainerNames } from '../container/reading.ts';
import { Stays } from '../container/stays.ts';
import type { Monitor } from '../monitor.ts';
import { priorityQueueOrder } from './order.ts';
import { greatestFirst, notANumber } from './ranks.ts';

/** The monitor of a priority queue of numbers whose operations have these names. Its first state is a list of its elements. */
export function priorityQueueMonitor(names: ContainerNames): Monitor {
  return monitorOf(
    {
      name: 'priority-queue-sweep',
      refuses: notANumber,
      contradicts,
      withTakers: (contents) => takeByDeadline(contents, contradicts, waysOf),
      order: priorityQueueOrder,
    },
    names,
  );
}

/** Greater elements are in the way of smaller ones, and any element of finding nothing. */
function waysOf(contents: Contents): Ways {
  const ranks = new Int32Array(contents.elements.length);
  greatestFirst(contents).forEach((element, place) => {
    ranks[element] = ranks.length - place;
  });
  return { low: ranks, high: ranks };
}

function contradicts(contents: Contents): Core | undefined {
  const { elements, sightings, end } = contents;
  const windows = windowsOf(contents);
  const free = new FreeMoments(end);
  const seen = new SightingsByElement(contents);
  const order = greatestFirst(contents);
  for (let place = 0; place < order.length; place++) {
    const element = order[place] ?? 0;
    const removeFirst = windows.removeFirst[element] ?? 0;
    if (free.nextFrom(removeFirst) > (elements.removeLast[element] ?? 0)) {
      return coreOf(contents, windows, order.subarray(0, place + 1), ABSENT);
    }
    for (const sighting of seen.of(element)) {
      const first = Math.max(sightings.first[sighting] ?? 0, elements.insertFirst[element] ?? 0);
      if (free.nextFrom(first) <= Math.min(sightings.last[sighting] ?? 0, elements.removeLast[element] ?? 0))
        continue;
      return coreOf(contents, windows, order.subarray(0, place + 1), sighting);
    }
    free.take((windows.insertLast[element] ?? 0) + 1, removeFirst);
  }
  return wrongEmptiness(contents, windows);
}

/** An element, the last one of these, that was removed, or seen, while always a greater one was there. */
function coreOf(contents: Contents, windows: Windows, elements: Int32Array, sighting: number): Core {
  const { sightings, end } = contents;
  const { insertFirst, removeLast, remove } = contents.elements;
  const element = elements.at(-1) ?? 0;
  const greater = new Uint8Array(contents.elements.length);
  for (const other of elements) greater[other] = other === element ? 0 : 1;
  const stays = new Stays(windows, end, (other) => greater[other] === 1);
  const isSeen = sighting !== ABSENT;
  const first = isSeen
    ? Math.max(sightings.first[sighting] ?? 0, insertFirst[element] ?? 0)
    : (windows.removeFirst[element] ?? 0);
  const last = Math.min(removeLast[element] ?? 0, isSeen ? (sightings.last[sighting] ?? 0) : end);
  const covering = stays.covering(first, last);
  const call = (isSeen ? sightings.call[sighting] : remove[element]) ?? 0;
  return {
    elements: [element, ...covering],
    sightings: isSeen ? [sighting] : [],
    takers: [],
    reason: `${nameOf(contents, call)} gave ${namesOf(contents, [element])} while ${namesOf(contents, covering)} must have been there`,
  };
}
