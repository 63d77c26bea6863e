/**
 * A list that is appended to and read whole. Nobody changes what is in it, so a read shows the order of all the
 * appends before it.
 */
import { UsageError } from '../../harness/errors.ts';
import { equal, type Json } from '../../harness/json.ts';
import { foreseeGrowth } from './growing.ts';
import { listMonitor } from '../linearizable/monitors/list/monitor.ts';
import { defineModel, show, type Foresight } from './model.ts';

/** The model of an append-only list; starts with the list `init`, or empty. A read of the empty list gives [] or nil. */
export const listAppend = defineModel<readonly Json[]>({
  name: 'list-append',
  summary: 'a list: append, and read whole',
  operations: { append: 'adds an element at the end', read: 'gives the whole list' },
  init(value = null) {
    if (value === null) return [];
    if (Array.isArray(value)) return value as readonly Json[];
    throw new UsageError(`list-append starts with a list such as [1, 2], not ${show(value)}`);
  },
  step(list, { f, argument, result }) {
    if (f === 'append') return [...list, argument];
    return result === undefined || equal(result ?? [], list) ? list : undefined;
  },
  pure: ({ f }) => f === 'read',
  monitors: [listMonitor({ append: ['append'], read: ['read'] })],
  foresee(operations) {
    const found = operations.flatMap(({ f, result }) =>
      f === 'read' && result !== undefined ? [result ?? []] : [],
    );
    return foreseeGrowth(found, true) as Foresight<readonly Json[]>;
  },
  describe: ({ f, argument, result }) =>
    f === 'read' ? `read → ${show(result)}` : `append ${show(argument)}`,
});
