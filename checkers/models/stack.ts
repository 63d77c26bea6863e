/**
 * A stack: last in, first out. A `pop` or `peek` that gives nil found the stack empty; nil is therefore no element.
 */
import type { Json } from '../../harness/json.ts';
import { addedBy, describeAccess, elementOf, elementsOf, mayGive } from './elements.ts';
import { stackMonitor } from '../linearizable/monitors/stack/monitor.ts';
import { defineModel } from './model.ts';

/** The model of a stack; starts with the list `init`, its last element on top, or empty. */
export const stack = defineModel<readonly Json[]>({
  name: 'stack',
  summary: 'a stack: last in, first out',
  operations: {
    push: 'adds an element on top',
    pop: 'takes the element on top, or gives nil if empty',
    peek: 'gives the element on top and leaves it, or nil if empty',
  },
  init: (value) => elementsOf('stack', value),
  step(items, operation) {
    if (operation.f === 'push') return [...items, addedBy(operation)];
    if (!mayGive(operation, items.at(-1))) return undefined;
    return operation.f === 'peek' || items.length === 0 ? items : items.slice(0, -1);
  },
  pure: ({ f, result }) => f === 'peek' || (f === 'pop' && result === null),
  concerns: elementOf,
  monitors: [stackMonitor({ insert: ['push'], remove: ['pop'], peek: ['peek'] })],
  describe: (operation) => describeAccess(operation, 'push'),
});
