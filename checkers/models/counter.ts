/**
 * A counter: whole numbers added, possibly negative, and the sum read.
 */
import { UsageError } from '../../harness/errors.ts';
import type { Json } from '../../harness/json.ts';
import { counterMonitor } from '../linearizable/monitors/counter.ts';
import { defineModel, show } from './model.ts';

function number(value: Json): number {
  if (typeof value === 'number') return value;
  throw new UsageError(`a counter counts in numbers, not in ${show(value)}`);
}

/** The model of a counter; starts with the number `init`, or 0. */
export const counter = defineModel<number>({
  name: 'counter',
  summary: 'a sum: add and read',
  operations: { add: 'adds a number, which may be negative', read: 'gives the sum' },
  init: (value = null) => (value === null ? 0 : number(value)),
  step(sum, { f, argument, result }) {
    if (f === 'add') return sum + number(argument);
    return result === undefined || result === sum ? sum : undefined;
  },
  key: (sum) => sum,
  pure: ({ f }) => f === 'read',
  commutes: (a, b) => a.f === 'add' && b.f === 'add',
  monitors: [counterMonitor({ add: ['add'], read: ['read'] })],
  describe: ({ f, argument, result }) => (f === 'read' ? `read → ${show(result)}` : `add ${show(argument)}`),
});
