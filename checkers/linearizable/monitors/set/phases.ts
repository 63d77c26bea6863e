/**
 * The history of one element as phases: it is in for a while, then out, then in again. Nothing else matters.
 *
 * - A flip from one phase to the next needs an add or a remove of its own that is open at that moment.
 * - Every other completed call is satisfied if and only if the element has the call's value at some moment between its invocation and
 *   its return: it is placed there, and an add of what is in changes nothing.
 *
 * So a history is linearizable if and only if there are flips, each with a call of its own, such that no completed call lies wholly
 * within a phase of the other value. Because calls are optional where they are not needed, a flip can be put off until the
 * return of a call that needs it, until the return of the call that makes it, or until the next flip. That leaves few
 * moments and choices (configurations.ts).
 */
import { NEVER } from '../../calls.ts';
import { findFlips, type Flip } from './configurations.ts';
import type { ElementCalls } from './element.ts';
import { orderBy } from '../order.ts';
import { reusableFlips } from './reusable.ts';

/** What was decided; `at` is the position by which it has failed. */
export type Phases =
  | { readonly valid: true; readonly order: () => number[] }
  | { readonly valid: false; readonly at: number }
  | { readonly valid: 'inapplicable'; readonly why: string };

/** Decides whether there are such phases. */
export function decidePhases(element: ElementCalls): Phases {
  const found = findFlips(element);
  if ('flips' in found) return { valid: true, order: () => place(element, found.flips()) };
  if (found.exhaustive) return { valid: false, at: found.at };
  const at = reusableFlips(element);
  if (at !== undefined) return { valid: false, at };
  return { valid: 'inapplicable', why: 'too many additions and removals of one element overlap' };
}

/** Flips in their order, and every other call in the first phase of its value that it meets, by invocation. */
function place({ first, values, required, invoked }: ElementCalls, flips: readonly Flip[]): number[] {
  const keys = new Int32Array(values.length).fill(NEVER);
  flips.forEach(({ call }, index) => (keys[call] = 2 * index + 2));
  let phase = 0;
  for (let call = 0; call < values.length; call++) {
    while ((flips[phase]?.at ?? NEVER) < (invoked[call] ?? 0)) phase++;
    if (required[call] === 0 || keys[call] !== NEVER) continue;
    const meets = (first + phase) % 2 === values[call] ? phase : phase + 1;
    keys[call] = 2 * meets + 1;
  }
  const ordered = orderBy(keys);
  const end = ordered.findIndex((call) => keys[call] === NEVER);
  return Array.from(end === -1 ? ordered : ordered.subarray(0, end));
}
