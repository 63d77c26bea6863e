/**
 * What worker-pool.ts and its threads (worker.ts) say to each other. Columns of calls are in shared memory, so that a part
 * is sent by saying where it is; only its distinct values are copied.
 */
import type { Json } from '../../harness/json.ts';
import type { ModelReference } from '../models/load.ts';
import type { CallColumns } from './calls.ts';
import type { PartSettings } from './part-search.ts';
import type { Part } from './split.ts';
import type { ValueList } from './values.ts';

/** What the thread is started with. */
export interface WorkerStart {
  readonly reference: string | ModelReference;
  readonly settings: PartSettings;
  readonly deadline: SharedArrayBuffer;
}

/** One part to search, and the milliseconds that it may take at most. The columns are shared, not copied. */
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
  return {
    key,
    columns,
    functions,
    values: values.list([columns.argument, columns.result, columns.key]),
    limitMs,
  };
}
