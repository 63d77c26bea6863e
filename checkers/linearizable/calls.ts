/**
 * From a history to the calls that a search orders: invocations paired with their completions, what says nothing
 * left out, and the rest split into independent parts.
 *
 * Left out are operations that failed (they did not happen), the nemesis's, and crashed operations that could
 * never change the state. Other crashed operations stay as calls without a return, which an order may use or not.
 *
 * Splitting is exact (Horn and Kroening's P-compositionality) when the parts do not know of each other, which
 * is what an operation's `key` and a model's `partition` declare.
 */
import { UsageError } from '../../harness/errors.ts';
import { canonical, type Json } from '../../harness/json.ts';
import { pairCalls, type Call as RecordedCall, type History } from '../../harness/history/operation.ts';
import { guarded } from '../models/guard.ts';
import type { Model, ModelOperation } from '../models/model.ts';

/** One operation from invocation to return. Positions are indices in the history. */
export interface Call extends ModelOperation {
  readonly process: number;
  readonly invoked: number;
  /** Undefined for a crashed operation: it stays concurrent with everything after it. */
  readonly returned: number | undefined;
  /** Nanoseconds since the start of the test. */
  readonly invokedAt: number;
  readonly returnedAt: number | undefined;
}

/** The calls on one independent part, in order of invocation. */
export interface Part {
  /** Undefined where the history does not name parts. */
  readonly key: Json | undefined;
  readonly calls: readonly Call[];
}

function toCall({ invoke, completion }: RecordedCall): Call {
  const returned = completion?.type === 'ok' ? completion : undefined;
  const key = invoke.key ?? returned?.key;
  return {
    f: invoke.f,
    argument: invoke.value,
    result: returned?.value,
    ...(key === undefined ? {} : { key }),
    process: Number(invoke.process),
    invoked: invoke.index,
    returned: returned?.index,
    invokedAt: invoke.time,
    returnedAt: returned?.time,
  };
}

function refuseUnknown(model: Model, { f, invoked }: Call): void {
  if (Object.hasOwn(model.operations, f)) return;
  const known = Object.keys(model.operations).join(', ');
  throw new UsageError(
    `operation ${invoked} is a "${f}", which the model ${model.name} does not know (it knows ${known}); ` +
      'name another model, or leave such operations out of the history',
  );
}

function isPure(model: Model, call: Call): boolean {
  return guarded(model, 'pure', call, () => model.pure?.(call) === true);
}

/** The calls that bear on linearizability. Throws a UsageError for an operation that the model does not know, a ModelError. */
export function callsOf(history: History, model: Model): Call[] {
  return pairCalls(history)
    .filter(({ completion }) => completion?.type !== 'fail')
    .map((recorded) => {
      const call = toCall(recorded);
      refuseUnknown(model, call);
      return call;
    })
    .filter((call) => call.returned !== undefined || !isPure(model, call));
}

function group(calls: readonly Call[], keyOf: (call: Call) => Json | undefined): Part[] {
  const parts = new Map<string, { key: Json | undefined; calls: Call[] }>();
  for (const call of calls) {
    const key = keyOf(call);
    const name = key === undefined ? '' : canonical(key);
    const part = parts.get(name);
    if (part === undefined) parts.set(name, { key, calls: [call] });
    else part.calls.push(call);
  }
  return [...parts.values()];
}

/** Splits by the operations' keys, and within a key by the model's own parts where every operation has just one. */
export function splitCalls(calls: readonly Call[], model: Model): Part[] {
  const byKey = group(calls, ({ key }) => key);
  if (model.partition === undefined) return byKey;
  const partOf = (call: Call): Json | undefined =>
    guarded(model, 'partition', call, () => model.partition?.(call));
  return byKey.flatMap((part) => {
    if (part.calls.some((call) => partOf(call) === undefined)) return [part];
    return group(part.calls, partOf).map((inner) => ({
      key: part.key === undefined ? inner.key : [part.key, inner.key ?? null],
      calls: inner.calls,
    }));
  });
}
