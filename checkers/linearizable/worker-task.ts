/**
 * What worker-pool.ts and its threads (worker.ts) say to each other. Columns of calls are in shared memory, so that a part
 * is sent by saying where it is. Copied are its distinct values, and the columns that name them: the numbers that values have
 * in a history of millions would make each thread that meets a small part prepare for millions of values.
 */
import type { Json } from '../../harness/json.ts';
import type { ModelReference } from '../models/load.ts';
import { ABSENT, type CallColumns } from './calls.ts';
import type { PartSettings } from './part-search.ts';
import type { Part } from './split.ts';
import { NIL, type ValueList } from './values.ts';

/** What the thread is started with. */
export interface WorkerStart {
  readonly reference: string | ModelReference;
  readonly settings: PartSettings;
  readonly deadline: SharedArrayBuffer;
}

/** One part to search, and the milliseconds that it may take at most. */
export interface WorkerTask {
  readonly key: Json | undefined;
  readonly columns: CallColumns;
  readonly functions: readonly string[];
  readonly values: ValueList;
  readonly limitMs: number;
}

/** The task for a part. */
export function taskOf({ key, calls }: Part, limitMs: number): WorkerTask {
  const { columns, functions, values } = calls;
  const named = values.list([columns.argument, columns.result, columns.key]);
  const numbers = new Map(named.ids.map((id, place) => [id, place + 1]));
  numbers.set(NIL, NIL);
  const renumbered = (column: Int32Array): Int32Array => column.map((id) => numbers.get(id) ?? ABSENT);
  return {
    key,
    columns: {
      ...columns,
      argument: renumbered(columns.argument),
      result: renumbered(columns.result),
      key: renumbered(columns.key),
    },
    functions,
    values: { ids: named.ids.map((id) => numbers.get(id) ?? NIL), values: named.values },
    limitMs,
  };
}
