/**
 * Why peeling got stuck, in few elements: one that is stuck, those that stand in the way of one of its open tasks, those that stand in
 * the way of theirs, and so on. Where these stop, each of them has a task that the others make impossible: they are stuck
 * by themselves.
 */
import { ABSENT } from '../../calls.ts';
import type { Contents, Windows } from '../container/contents.ts';
import { Stays } from '../container/stays.ts';
import type { Peeling } from './peeling.ts';

/** Elements, and the peeks among their impossible tasks. */
export interface StuckCore {
  readonly elements: readonly number[];
  readonly sightings: readonly number[];
}

/** Some elements that are stuck by themselves. */
export function stuckCore(
  contents: Contents,
  windows: Windows,
  peeling: Peeling,
  stuck: readonly number[],
): StuckCore {
  const { tasks } = peeling;
  const isStuck = new Uint8Array(contents.elements.length);
  for (const element of stuck) isStuck[element] = 1;
  const stays = new Stays(windows, contents.end, (element) => isStuck[element] === 1);
  const elements = new Set(stuck.slice(0, 1));
  const sightings: number[] = [];
  for (const element of elements) {
    const task = openTask(peeling, element);
    const sighting = tasks.sighting[task] ?? ABSENT;
    if (sighting !== ABSENT) sightings.push(sighting);
    const last = tasks.last[task] ?? 0;
    for (let moment = tasks.first[task] ?? 0; moment <= last;) {
      let other = stays.longestAt(moment - 1);
      if (other === element) other = longestOther(windows, stuck, element, moment);
      elements.add(other);
      moment = windows.removeFirst[other] ?? contents.end;
    }
  }
  return { elements: [...elements], sightings };
}

function openTask({ tasks }: Peeling, element: number): number {
  let task = tasks.startOf(element);
  while (tasks.moment[task] !== ABSENT) task++;
  return task;
}

/** Of the other elements that are there at the moment the one that stays longest. */
function longestOther(
  { insertLast, removeFirst }: Windows,
  stuck: readonly number[],
  element: number,
  moment: number,
): number {
  let longest = element;
  for (const other of stuck) {
    if (other === element || (insertLast[other] ?? 0) >= moment) continue;
    if (longest === element || (removeFirst[other] ?? 0) > (removeFirst[longest] ?? 0)) longest = other;
  }
  return longest;
}
