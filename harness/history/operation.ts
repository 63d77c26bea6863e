/**
 * The operation: the one record that everything in splitbrain speaks. A history is a list of them in the
 * order in which they happened, clients' and nemesis's alike.
 *
 * Fields and meaning follow Jepsen's, so that its histories can be read here and ours by its tools.
 */
import type { Json } from '../json.ts';

/** What an entry says about its operation. */
export type OperationType = 'invoke' | 'ok' | 'fail' | 'info';

/** A logical client process: a number, never reused once an operation of its ended in `info`; or the nemesis. */
export type ProcessId = number | 'nemesis';

/** One entry of a history. */
export interface Operation {
  /** Position in the history, from 0. */
  readonly index: number;
  /** Nanoseconds since the start of the test, on one monotonic clock. */
  readonly time: number;
  readonly process: ProcessId;
  /**
   * `invoke`: begins. `ok`: it happened. `fail`: it certainly did not happen. `info`: nobody knows, so it
   * stays concurrent with everything after it. For the nemesis every entry is `info`.
   */
  readonly type: OperationType;
  /** The function: `read`, `write`, `cas`, `start-partition`, … */
  readonly f: string;
  /** Argument of an `invoke`, result of an `ok`; for `cas` the pair `[expected, next]`. */
  readonly value: Json;
  /** Which of several independent objects is meant; absent where there is only one. */
  readonly key?: Json;
  /** Why it failed, or why nobody knows. */
  readonly error?: Json;
  /** The node that was asked. */
  readonly node?: string;
}

/** A complete or partial history, in order of index. */
export type History = readonly Operation[];

/** True for a client's operation. */
export function isClient(operation: Operation): operation is Operation & { readonly process: number } {
  return typeof operation.process === 'number';
}

/** An invocation with its completion: `undefined` where none was recorded, which means the same as `info`. */
export interface Call {
  readonly invoke: Operation;
  readonly completion: Operation | undefined;
}

/** Pairs each client invocation with its completion, in order of invocation. */
export function pairCalls(history: History): Call[] {
  const calls: { invoke: Operation; completion: Operation | undefined }[] = [];
  const open = new Map<ProcessId, { invoke: Operation; completion: Operation | undefined }>();
  for (const operation of history) {
    if (!isClient(operation)) continue;
    if (operation.type === 'invoke') {
      const call = { invoke: operation, completion: undefined };
      calls.push(call);
      open.set(operation.process, call);
    } else {
      const call = open.get(operation.process);
      if (call !== undefined) call.completion = operation;
      open.delete(operation.process);
    }
  }
  return calls;
}

/** How many calls ended how; one that never completed counts as `info`. */
export interface OutcomeCounts {
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
}

/** Client operations by function and outcome. */
export function countOutcomes(history: History): Record<string, OutcomeCounts> {
  const counts: Record<string, { ok: number; fail: number; info: number }> = {};
  for (const { invoke, completion } of pairCalls(history)) {
    const count = (counts[invoke.f] ??= { ok: 0, fail: 0, info: 0 });
    const outcome = completion?.type ?? 'info';
    if (outcome !== 'invoke') count[outcome]++;
  }
  return counts;
}
