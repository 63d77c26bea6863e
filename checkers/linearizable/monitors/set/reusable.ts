/**
 * A necessary condition in linear time: the phases of an element (phases.ts) if an add or a remove may flip it any
 * number of times while it is open. Who finds none has shown that the history is not linearizable.
 *
 * For each value it is enough to know the latest possible moment of the last flip to it, since that is what most calls have met the
 * other value before. Flips are possible in every gap between two returns in which an add or a remove is open.
 */
import { NEVER } from '../../calls.ts';
import { orderBy } from '../order.ts';
import type { ElementCalls } from './element.ts';

/** `since` of a value that the element cannot have, and of the first value. */
const IMPOSSIBLE = -2;
const START = -1;

/** The position by which there are no such phases; undefined if there are. */
export function reusableFlips(element: ElementCalls): number | undefined {
  const { first, values, writes, required, invoked, returned } = element;
  const since: [number, number] = first === 1 ? [IMPOSSIBLE, START] : [START, IMPOSSIBLE];
  const open: [number, number] = [0, 0];
  let arrived = 0;
  for (const due of orderBy(returned)) {
    const deadline = returned[due] ?? NEVER;
    if (deadline === NEVER) return undefined;
    for (; arrived < invoked.length && (invoked[arrived] ?? 0) < deadline; arrived++) {
      if (writes[arrived] === 1) open[values[arrived] === 1 ? 1 : 0]++;
    }
    const [out, in_] = since;
    const both = open[0] > 0 && open[1] > 0;
    if (open[1] > 0 && (both || out !== IMPOSSIBLE)) since[1] = deadline;
    if (open[0] > 0 && (both || in_ !== IMPOSSIBLE)) since[0] = deadline;
    const value = values[due] === 1 ? 1 : 0;
    const other = value === 1 ? 0 : 1;
    if (required[due] === 1 && since[other] < (invoked[due] ?? 0)) since[other] = IMPOSSIBLE;
    if (since[0] === IMPOSSIBLE && since[1] === IMPOSSIBLE) return deadline;
    if (writes[due] === 1) open[value]--;
  }
  return undefined;
}
