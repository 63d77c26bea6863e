/**
 * The monitor of several lists under transactions that append to them and read them whole. It decides where each element is
 * appended once to its list, by looking for a cycle of what must come before what, as Elle does (Kingsbury and Alvaro, "Elle:
 * Inferring Isolation Anomalies from Experimental Observations", VLDB 2020), for strict serializability, which is linearizability of
 * the transactions.
 *
 * Who read a list, or appended what was read, had it at a certain length before, its base (touches.ts). Along the bases the
 * transactions on one list are ordered. Who appended what nobody saw comes after these; several such in any order, which nobody sees
 * either. With the order of real time that is all there is to be kept: if there is no cycle, any order that keeps it explains all
 * answers. Crashed transactions of which nothing was seen are left out.
 */
import type { Json, JsonObject } from '../../../../harness/json.ts';
import { type Calls, NEVER } from '../../calls.ts';
import type { Monitor, MonitorVerdict } from '../monitor.ts';
import { findCycle, type Precedence } from './precedence.ts';
import { type ListSteps, type ListTouches, touchesOf, Wrong } from './touches.ts';

/** A monitor for models whose state is an object of lists; `stepsOf` gives the steps of a call. */
export function multiListMonitor(stepsOf: (calls: Calls, call: number) => readonly ListSteps[]): Monitor {
  return {
    name: 'multi-list-cycles',
    check(calls, initial) {
      try {
        return decide(calls, initial as Readonly<Record<string, Json>>, stepsOf);
      } catch (error) {
        if (error instanceof Wrong) return error.verdict;
        throw error;
      }
    },
  };
}

function decide(
  calls: Calls,
  initial: JsonObject,
  stepsOf: (calls: Calls, call: number) => readonly ListSteps[],
): MonitorVerdict {
  const steps = Array.from({ length: calls.length }, (_, call) => stepsOf(calls, call));
  const lists = touchesOf(steps, initial);
  const seen = new Set(
    lists.flatMap(({ touches }) => touches.filter(({ observed }) => observed).map(({ call }) => call)),
  );
  const takesPart = (call: number): boolean => calls.columns.returned[call] !== NEVER || seen.has(call);
  const precedence: Precedence = lists.flatMap((list) => orderOf(list, takesPart));
  const found = findCycle(calls, precedence, takesPart);
  if (found.cycle === undefined) return { valid: true, order: () => found.order };
  const { cycle } = found;
  const witnesses = lists
    .filter(({ touches }) => touches.some(({ call }) => cycle.includes(call)))
    .map(({ longest }) => longest.call);
  return {
    valid: false,
    conflict: [...new Set([...cycle, ...witnesses])].filter((call) => call >= 0).sort((a, b) => a - b),
    reason: 'each of these transactions must come before the next, and the last of them before the first',
  };
}

/** What must come before what on one list. */
function orderOf({ longest, touches }: ListTouches, takesPart: (call: number) => boolean): Precedence {
  const edges: [number, number][] = [];
  const own = touches.filter(({ call }) => takesPart(call));
  const placed = own
    .filter(({ base }) => base !== undefined)
    .sort((a, b) => (a.base ?? 0) - (b.base ?? 0) || a.elements.length - b.elements.length);
  let writer: { readonly call: number; readonly end: number } | undefined;
  /** Who must come before the next writer. */
  let last: number[] = [];
  for (const { call, base = 0, elements } of placed) {
    if (writer !== undefined && base < writer.end) {
      throw new Wrong('a transaction had the list in the middle of another', call, writer.call, longest.call);
    }
    if (elements.length === 0) {
      if (writer !== undefined) edges.push([writer.call, call]);
      last.push(call);
      continue;
    }
    for (const before of last) edges.push([before, call]);
    if (writer !== undefined) edges.push([writer.call, call]);
    writer = { call, end: base + elements.length };
    last = [];
  }
  if (writer !== undefined) last.push(writer.call);
  for (const { call } of own.filter(({ base, elements }) => base === undefined && elements.length > 0)) {
    for (const before of last) edges.push([before, call]);
  }
  return edges;
}
