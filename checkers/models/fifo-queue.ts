/**
 * A first-in-first-out queue. A `dequeue` that gives nil found the queue empty; nil is therefore no element.
 */
import { UsageError } from '../../harness/errors.ts';
import { equal, type Json } from '../../harness/json.ts';
import { defineModel, show } from './model.ts';

/** The model of a FIFO queue; starts with the list `init`, or empty. */
export const fifoQueue = defineModel<readonly Json[]>({
  name: 'fifo-queue',
  summary: 'a queue: first in, first out',
  operations: {
    enqueue: 'adds an element at the end',
    dequeue: 'takes the first element, or gives nil if empty',
  },
  init(value = null) {
    if (value === null) return [];
    if (Array.isArray(value)) return value as readonly Json[];
    throw new UsageError(`fifo-queue starts with a list such as [1, 2], not ${show(value)}`);
  },
  step(queue, { f, argument, result }) {
    if (f === 'enqueue') return [...queue, argument];
    const [first, ...rest] = queue;
    if (first === undefined) return result === null || result === undefined ? queue : undefined;
    return result === undefined || equal(result, first) ? rest : undefined;
  },
  pure: ({ f, result }) => f === 'dequeue' && result === null,
  describe: ({ f, argument, result }) =>
    f === 'enqueue' ? `enqueue ${show(argument)}` : `dequeue → ${result === null ? 'empty' : show(result)}`,
});
