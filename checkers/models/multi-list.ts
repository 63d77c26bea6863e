/**
 * Several lists under transactions: each operation is a list of appends and whole reads that take effect together, in
 * order, so that a read sees the appends before it in its own transaction. Micro-operations are those of
 * Jepsen's list-append workload: `["append", key, element]` and `["r", key, list]`.
 *
 * Nobody changes what is in a list, so a read shows the order of all the appends to it before.
 */
import { UsageError } from '../../harness/errors.ts';
import { canonical, equal, isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';
import { multiListMonitor } from '../linearizable/monitors/multi-list/monitor.ts';
import { foreseeGrowth } from './growing.ts';
import { defineModel, show, type Foresight } from './model.ts';
import type { ModelOperation } from './operation.ts';

interface MicroOperation {
  readonly kind: 'r' | 'append';
  readonly list: string;
  readonly value: Json;
}

function microOperation(item: Json): MicroOperation {
  if (Array.isArray(item) && item.length === 3) {
    const [kind, key, value] = item as unknown as readonly [Json, Json, Json];
    const list = typeof key === 'string' ? key : canonical(key);
    if (kind === 'r' || kind === 'append') return { kind, list, value };
  }
  throw new UsageError(`txn takes a list of ["r", key, nil] and ["append", key, element], not ${show(item)}`);
}

/** The transaction with what its reads gave, or, if it crashed, with what it asked for. */
function transaction({ argument, result }: ModelOperation): readonly MicroOperation[] {
  const steps = result ?? argument;
  if (!Array.isArray(steps)) throw new UsageError(`txn takes a list, not ${show(steps)}`);
  return steps.map((item) => microOperation(item as Json));
}

/** True if the first appends to no list that the second touches. */
function leavesAlone(first: readonly MicroOperation[], second: readonly MicroOperation[]): boolean {
  const touched = new Set(second.map(({ list }) => list));
  return !first.some(({ kind, list }) => kind === 'append' && touched.has(list));
}

/** What is foreseen of each list alone. */
function foresee(operations: readonly ModelOperation[]): Foresight<JsonObject> {
  const reads = operations
    .filter(({ result }) => result !== undefined)
    .flatMap((operation) => transaction(operation).filter(({ kind }) => kind === 'r'));
  const byList = new Map<string, Foresight<Json>>(
    [...Map.groupBy(reads, ({ list }) => list)].map(([list, own]) => [
      list,
      foreseeGrowth(
        own.map(({ value }) => value ?? []),
        true,
      ),
    ]),
  );
  const nothing = foreseeGrowth([], true);
  const of = (list: string): Foresight<Json> => byList.get(list) ?? nothing;
  return {
    admits: (lists) => Object.entries(lists).every(([list, held]) => of(list).admits(held)),
    standIn: (lists) =>
      Object.fromEntries(
        Object.entries(lists).map(([list, held]) => [list, of(list).standIn?.(held) ?? held]),
      ),
  };
}

/** The model of several lists; `init` is an object from key to list, and the others start empty. A read of an empty list gives [] or nil. */
export const multiList = defineModel<JsonObject>({
  name: 'multi-list',
  summary: 'several lists, appended to and read whole in transactions',
  operations: { txn: 'takes [["r", key, nil], ["append", key, element], …], gives it with the lists read' },
  init(value = null) {
    if (value === null) return {};
    if (isJsonObject(value)) return value;
    throw new UsageError(`multi-list starts with an object such as {"x": [1]}, not ${show(value)}`);
  },
  step(lists, operation) {
    let next = lists;
    for (const { kind, list, value } of transaction(operation)) {
      const held = (next[list] ?? []) as readonly Json[];
      if (kind === 'append') next = { ...next, [list]: [...held, value] };
      else if (operation.result !== undefined && !equal(held, value ?? [])) return undefined;
    }
    return next;
  },
  pure: (operation) => transaction(operation).every(({ kind }) => kind === 'r'),
  commutes: (a, b) =>
    leavesAlone(transaction(a), transaction(b)) && leavesAlone(transaction(b), transaction(a)),
  foresee,
  monitors: [
    multiListMonitor((calls, call) => {
      const operation = calls.operation(call);
      const crashed = operation.result === undefined;
      return transaction(operation).map(({ kind, list, value }) => ({
        kind,
        list,
        value: crashed && kind === 'r' ? undefined : value,
      }));
    }),
  ],
  describe(operation) {
    const crashed = operation.result === undefined;
    const parts = transaction(operation).map(({ kind, list, value }) =>
      kind === 'append'
        ? `append ${show(value)} to ${list}`
        : `read ${list} → ${crashed ? '?' : show(value)}`,
    );
    return `txn(${parts.join(', ')})`;
  },
});
