/**
 * The monitor of stacks, in near-linear time: elements are peeled from the bottom (`peeling.ts`). "Found nothing" needs a
 * moment at which no element is certainly there; at such a moment any order can be changed so that the stack is empty, by letting
 * what is there go earlier or come later.
 */
import { namesOf, type Core } from '../container/conflict.ts';
import { windowsOf, type Contents, type Windows } from '../container/contents.ts';
import { takeByDeadline, type Ways } from '../container/deadlines.ts';
import { wrongEmptiness } from '../container/emptiness.ts';
import { monitorOf } from '../container/outline.ts';
import type { ContainerNames } from '../container/reading.ts';
import type { Monitor } from '../monitor.ts';
import { stuckCore } from './core.ts';
import { stackOrder } from './order.ts';
import { Peeling } from './peeling.ts';

/** The monitor of a stack whose operations have these names. Its first state is a list, the last element on top. */
export function stackMonitor(names: ContainerNames): Monitor {
  return monitorOf(
    {
      name: 'stack-peeling',
      contradicts,
      withTakers: (contents) => takeByDeadline(contents, contradicts, waysOf),
      order: stackOrder,
    },
    names,
  );
}

/** An element is in the way of one below it: one that had certainly come before it. */
function waysOf({ elements }: Contents, { insertLast }: Windows): Ways {
  // Moved by one: zero is below all of them.
  return { low: insertLast.map((last) => last + 1), high: elements.insertFirst.map((first) => first + 1) };
}

function contradicts(contents: Contents): Core | undefined {
  const windows = windowsOf(contents);
  const wrong = wrongEmptiness(contents, windows);
  if (wrong !== undefined) return wrong;
  const peeling = new Peeling(contents, windows);
  const stuck = peeling.stuck();
  if (stuck.length === 0) return undefined;
  const core = stuckCore(contents, windows, peeling, stuck);
  const reason = `no order of the calls on ${namesOf(contents, core.elements)} is last in, first out`;
  return { ...core, takers: [], reason };
}
