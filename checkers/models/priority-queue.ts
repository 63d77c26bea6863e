/**
 * A priority queue of numbers: a `poll` takes the greatest. A `poll` or `peek` that gives nil found it empty.
 * An element may be there more than once; which of two equal ones is taken makes no difference.
 */
import { UsageError } from '../../harness/errors.ts';
import type { Json } from '../../harness/json.ts';
import { describeAccess, elementOf, elementsOf, mayGive } from './elements.ts';
import { priorityQueueMonitor } from '../linearizable/monitors/priority-queue/monitor.ts';
import { defineModel, show } from './model.ts';
import type { ModelOperation } from './operation.ts';

function number(element: Json): number {
  if (typeof element === 'number') return element;
  throw new UsageError(`a priority queue holds numbers, not ${show(element)}`);
}

/** The ascending elements with one more. */
function inserted(ascending: readonly number[], element: number): readonly number[] {
  const place = ascending.findLastIndex((other) => other <= element) + 1;
  return [...ascending.slice(0, place), element, ...ascending.slice(place)];
}

/** An insert commutes with a poll or peek that gave a greater element: that one was there before, or neither order is allowed. */
function isBelow(insert: ModelOperation, { result }: ModelOperation): boolean {
  return insert.f === 'insert' && typeof result === 'number' && number(insert.argument) < result;
}

/** The model of a priority queue; starts with the numbers of the list `init`, in any order, or empty. */
export const priorityQueue = defineModel<readonly number[]>({
  name: 'priority-queue',
  summary: 'a priority queue of numbers: the greatest first',
  operations: {
    insert: 'adds a number',
    poll: 'takes the greatest number, or gives nil if empty',
    peek: 'gives the greatest number and leaves it, or nil if empty',
  },
  init: (value) =>
    elementsOf('priority-queue', value)
      .map(number)
      .sort((a, b) => a - b),
  step(ascending, operation) {
    if (operation.f === 'insert') return inserted(ascending, number(operation.argument));
    if (!mayGive(operation, ascending.at(-1))) return undefined;
    return operation.f === 'peek' || ascending.length === 0 ? ascending : ascending.slice(0, -1);
  },
  pure: ({ f, result }) => f === 'peek' || (f === 'poll' && result === null),
  concerns: elementOf,
  monitors: [priorityQueueMonitor({ insert: ['insert'], remove: ['poll'], peek: ['peek'] })],
  commutes(a, b) {
    if (a.f === 'insert' && b.f === 'insert') return true;
    return b.f === 'insert' ? isBelow(b, a) : isBelow(a, b);
  },
  describe: (operation) => describeAccess(operation, 'insert'),
});
