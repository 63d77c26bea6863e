/**
 * The monitor of first-in-first-out queues, in linear time (but for sorting once by return).
 *
 * For each element: its insert lies in [insertFirst, insertLast], it can have become the first of the queue until nextLast and can
 * have gone from removeFirst on, all narrowed by the peeks that saw it. Then a must come before b
 *
 *   - if a's insert precedes b's:              insertLast(a)  < insertFirst(b)
 *   - if a was first before b can have gone:   nextLast(a)    < removeFirst(b)
 *
 * and the history is wrong if and only if these requirements have a cycle. Both are interval orders once `firsts.ts` has
 * settled the elements that were first for a certain time. In a union of two interval orders a shortest cycle has length
 * two: edges of one kind in a row have a short cut, and of four edges that alternate, a → b → c → d → …, the
 * two of the first kind also give a → d or c → b, since of two pairs of intervals one's early one precedes the other's late one.
 * So pairs suffice (Bouajjani et al. 2015). Any order without a cycle can be timed: each insert and each remove as early
 * as the ones before it in the order allow.
 *
 * "Found nothing" at a moment is an element that comes, is first, and goes at that moment: then a pair contradicts each other if and
 * only if an element is certainly there at the moment. So it needs a moment that no element covers.
 */
import { ABSENT } from '../../calls.ts';
import { namesOf, type Core } from '../container/conflict.ts';
import { windowsOf, type Contents, type Windows } from '../container/contents.ts';
import { wrongEmptiness } from '../container/emptiness.ts';
import { monitorOf } from '../container/outline.ts';
import type { ContainerNames } from '../container/reading.ts';
import { Stays } from '../container/stays.ts';
import type { Monitor } from '../monitor.ts';
import { Firsts } from './firsts.ts';
import { queueOrder } from './order.ts';
import { withTakers } from './takers.ts';

/** The monitor of a first-in-first-out queue whose operations have these names. Its first state is a list, the next to go first. */
export function queueMonitor(names: ContainerNames): Monitor {
  return monitorOf(
    {
      name: 'queue-pairs',
      contradicts,
      withTakers: (contents) => withTakers(contents, contradicts),
      order: queueOrder,
    },
    names,
  );
}

function contradicts(contents: Contents): Core | undefined {
  const windows = windowsOf(contents);
  const firsts = new Firsts(contents, windows);
  if (firsts.contradiction !== undefined) {
    const [a, b] = firsts.contradiction;
    return pairCore(contents, [a, b], `${namesOf(contents, [a, b])} were first at the same time`);
  }
  const stays = new Stays(windows, contents.end, () => true);
  // With windows that are not cut: what an element covers because of a cut, the one that was first covers by itself.
  return overtaking(contents, windows, stays, firsts) ?? wrongEmptiness(contents, windowsOf(contents));
}

function pairCore(contents: Contents, elements: readonly number[], reason: string): Core {
  return { elements: elements.filter((element) => element !== ABSENT), sightings: [], takers: [], reason };
}

/** An element that was first before one that had been inserted before it had gone. */
function overtaking(contents: Contents, windows: Windows, stays: Stays, firsts: Firsts): Core | undefined {
  const { elements } = contents;
  for (let later = 0; later < elements.length; later++) {
    const before = (elements.insertFirst[later] ?? 0) - 1;
    if (stays.endAt(before) <= (windows.nextLast[later] ?? 0)) continue;
    const earlier = stays.longestAt(before);
    const involved = [earlier, later, ...firsts.around(earlier), ...firsts.around(later)];
    const [name, other] = [namesOf(contents, [later]), namesOf(contents, [earlier])];
    return pairCore(
      contents,
      involved,
      `${name} was first while ${other}, inserted before it, was still there`,
    );
  }
  return undefined;
}
