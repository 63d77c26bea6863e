/**
 * A first-in-first-out queue. A `dequeue` or `peek` that gives nil found the queue empty; nil is therefore no element.
 */
import { equal, type Json } from '../../harness/json.ts';
import { addedBy, describeAccess, elementOf, elementsOf, mayGive } from './elements.ts';
import { queueMonitor } from '../linearizable/monitors/queue/monitor.ts';
import { defineModel } from './model.ts';
import type { ModelOperation } from './operation.ts';

/**
 * An enqueue commutes with a dequeue, or a peek, that gave another element: in an empty queue neither order is
 * allowed, and in any other the two ends do not know of each other.
 */
function passBy({ f, argument }: ModelOperation, { result }: ModelOperation): boolean {
  return f === 'enqueue' && result !== undefined && result !== null && !equal(argument, result);
}

/** The model of a FIFO queue; starts with the list `init`, its first element next, or empty. */
export const fifoQueue = defineModel<readonly Json[]>({
  name: 'fifo-queue',
  summary: 'a queue: first in, first out',
  operations: {
    enqueue: 'adds an element at the end',
    dequeue: 'takes the first element, or gives nil if empty',
    peek: 'gives the first element and leaves it, or nil if empty',
  },
  init: (value) => elementsOf('fifo-queue', value),
  step(queue, operation) {
    if (operation.f === 'enqueue') return [...queue, addedBy(operation)];
    if (!mayGive(operation, queue[0])) return undefined;
    return operation.f === 'peek' || queue.length === 0 ? queue : queue.slice(1);
  },
  pure: ({ f, result }) => f === 'peek' || (f === 'dequeue' && result === null),
  commutes: (a, b) => a.f !== b.f && (b.f === 'enqueue' ? passBy(b, a) : passBy(a, b)),
  concerns: elementOf,
  monitors: [queueMonitor({ insert: ['enqueue'], remove: ['dequeue'], peek: ['peek'] })],
  describe: (operation) => describeAccess(operation, 'enqueue'),
});
