/** Histories for tests in which it matters when something happened, one tuple an entry. */
import type { Json } from '../../../harness/json.ts';
import type { Operation, OperationType } from '../../../harness/history/operation.ts';

/** Time in nanoseconds, process, type, function, value, key. */
export type Timed = readonly [
  time: number,
  process: number,
  type: OperationType,
  f: string,
  value?: Json,
  key?: Json,
];

/** The history with these entries, by time. */
export function at(...entries: readonly Timed[]): Operation[] {
  return entries
    .toSorted(([a], [b]) => a - b)
    .map(([time, process, type, f, value = null, key], index) => {
      const entry = { index, time, process, type, f, value };
      return key === undefined ? entry : { ...entry, key };
    });
}

/** An operation that took from one time to another, and succeeded with this value. */
export function call(
  from: number,
  to: number,
  process: number,
  f: string,
  value: Json = null,
  key?: Json,
): Timed[] {
  if (key === undefined)
    return [
      [from, process, 'invoke', f],
      [to, process, 'ok', f, value],
    ];
  return [
    [from, process, 'invoke', f, null, key],
    [to, process, 'ok', f, value, key],
  ];
}
