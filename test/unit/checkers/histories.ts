/**
 * Histories for tests, one short tuple an entry; index and time follow from the position.
 */
import type { Json } from '../../../harness/json.ts';
import type { Operation, OperationType } from '../../../harness/history/operation.ts';

/** Process, type, function, value, and where it matters key and error. */
export type Entry = readonly [
  process: number | 'nemesis',
  type: OperationType,
  f: string,
  value?: Json,
  more?: { readonly key?: Json; readonly error?: Json },
];

/** Nanoseconds between two entries. */
export const TICK = 1000;

/** The history with these entries, in this order. */
export function history(...entries: readonly Entry[]): Operation[] {
  return entries.map(([process, type, f, value = null, more = {}], index) => ({
    index,
    time: index * TICK,
    process,
    type,
    f,
    value,
    ...more,
  }));
}

/** The two entries of an operation that nothing was concurrent with. */
export function alone(process: number, f: string, argument: Json, result: Json = argument): Entry[] {
  return [
    [process, 'invoke', f, argument],
    [process, 'ok', f, result],
  ];
}
