/**
 * Several registers under transactions: each operation is a list of reads and writes that take effect together,
 * in order, so that a read sees the writes before it in its own transaction.
 *
 * Micro-operations are Jepsen's: `["read", key, value]` and `["write", key, value]`, or `r` and `w` for short.
 */
import { UsageError } from '../../harness/errors.ts';
import { canonical, equal, isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';
import { defineModel, show } from './model.ts';
import type { ModelOperation } from './operation.ts';

interface MicroOperation {
  readonly kind: 'read' | 'write';
  readonly register: string;
  readonly value: Json;
}

function microOperation(item: Json): MicroOperation {
  if (Array.isArray(item) && item.length === 3) {
    const [kind, key, value] = item as unknown as readonly [Json, Json, Json];
    const register = typeof key === 'string' ? key : canonical(key);
    if (kind === 'read' || kind === 'r') return { kind: 'read', register, value };
    if (kind === 'write' || kind === 'w') return { kind: 'write', register, value };
  }
  throw new UsageError(`txn takes a list of ["read", key, nil] and ["write", key, value], not ${show(item)}`);
}

/** The transaction with what its reads gave, or, if it crashed, with what it asked for. */
function transaction({ argument, result }: ModelOperation): readonly MicroOperation[] {
  const list = result ?? argument;
  if (!Array.isArray(list)) throw new UsageError(`txn takes a list, not ${show(list)}`);
  return list.map((item) => microOperation(item as Json));
}

/** True if the first writes to no register that the second touches. */
function leavesAlone(first: readonly MicroOperation[], second: readonly MicroOperation[]): boolean {
  const touched = new Set(second.map(({ register }) => register));
  return !first.some(({ kind, register }) => kind === 'write' && touched.has(register));
}

/** The model of several registers; `init` is an object from register to value, and the others start with nil. */
export const multiRegister = defineModel<JsonObject>({
  name: 'multi-register',
  summary: 'several registers, read and written in transactions',
  operations: { txn: 'takes [["read", key, nil], ["write", key, value], …], gives it with the values read' },
  init(value = null) {
    if (value === null) return {};
    if (isJsonObject(value)) return value;
    throw new UsageError(`multi-register starts with an object such as {"x": 0, "y": 0}, not ${show(value)}`);
  },
  step(registers, operation) {
    let next = registers;
    for (const { kind, register, value } of transaction(operation)) {
      if (kind === 'write') next = { ...next, [register]: value };
      else if (operation.result !== undefined && !equal(next[register] ?? null, value)) return undefined;
    }
    return next;
  },
  pure: (operation) => transaction(operation).every(({ kind }) => kind === 'read'),
  commutes: (a, b) =>
    leavesAlone(transaction(a), transaction(b)) && leavesAlone(transaction(b), transaction(a)),
  describe(operation) {
    const crashed = operation.result === undefined;
    const parts = transaction(operation).map(({ kind, register, value }) =>
      kind === 'write'
        ? `write ${register} = ${show(value)}`
        : `read ${register} → ${crashed ? '?' : show(value)}`,
    );
    return `txn(${parts.join(', ')})`;
  },
});
