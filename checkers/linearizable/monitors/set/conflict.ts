/**
 * The smallest evidence that the calls of an element contradict each other: calls that could not all be satisfied even if every
 * other add and remove could be used or left out at will. So what is left out of it explains nothing away, as it
 * would if adds were simply deleted: then any later sight of the element would look wrong.
 */
import { NEVER } from '../../calls.ts';
import type { ElementCalls } from './element.ts';
import { decidePhases } from './phases.ts';

/** So many steps of leaving out are tried at most, each of which takes as long as the window that is looked at. */
const MAX_TRIES = 200;

/** Calls that contradict each other by the position `at`, by which the history is known to have failed. */
export function smallestConflict(element: ElementCalls, at: number): number[] {
  const { required, returned } = element;
  const completed = [...required.keys()].filter(
    (call) => required[call] === 1 && (returned[call] ?? NEVER) <= at,
  );
  completed.sort((a, b) => (returned[a] ?? 0) - (returned[b] ?? 0));
  let conflict = completed;
  for (let count = 1; count < completed.length; count *= 2) {
    const last = completed.slice(-count);
    if (!isContradiction(element, last)) continue;
    conflict = last;
    break;
  }
  return withoutSuperfluous(element, conflict).sort((a, b) => a - b);
}

/** Leaves out what can be left out, in ever smaller pieces. */
function withoutSuperfluous(element: ElementCalls, calls: readonly number[]): number[] {
  let conflict = [...calls];
  let tries = 0;
  for (let piece = Math.ceil(conflict.length / 2); tries < MAX_TRIES; piece = Math.ceil(piece / 2)) {
    for (let start = 0; start < conflict.length && tries < MAX_TRIES; tries++) {
      const rest = conflict.toSpliced(start, piece);
      if (rest.length > 0 && isContradiction(element, rest)) conflict = rest;
      else start += piece;
    }
    if (piece === 1) break;
  }
  return conflict;
}

/** Whether these calls are not satisfied together, whichever of the other adds and removes are used. */
function isContradiction(element: ElementCalls, calls: readonly number[]): boolean {
  const { values, writes, invoked, returned, first } = element;
  const wanted = new Set(calls);
  const start = Math.min(...calls.map((call) => invoked[call] ?? 0));
  const end = Math.max(...calls.map((call) => returned[call] ?? 0));
  /** Of those that were over before, one of each kind is enough to bring about either value. */
  const before: [number | undefined, number | undefined] = [undefined, undefined];
  const during: number[] = [];
  for (let call = 0; call < writes.length && (invoked[call] ?? 0) < end; call++) {
    if (wanted.has(call) || (writes[call] === 1 && (returned[call] ?? 0) > start)) during.push(call);
    else if (writes[call] === 1) before[values[call] === 1 ? 1 : 0] = call;
  }
  const chosen = [...before.filter((call) => call !== undefined), ...during].sort((a, b) => a - b);
  const pick = (column: Int32Array): Int32Array => Int32Array.from(chosen, (call) => column[call] ?? 0);
  const decided = decidePhases({
    first,
    values: Uint8Array.from(chosen, (call) => values[call] ?? 0),
    writes: Uint8Array.from(chosen, (call) => writes[call] ?? 0),
    required: Uint8Array.from(chosen, (call) => (wanted.has(call) ? 1 : 0)),
    invoked: pick(invoked),
    returned: pick(returned),
  });
  return decided.valid === false;
}
