/**
 * What clients did, for properties weaker than linearizability: invocations paired with their completions,
 * and each client's own sequence of them, its session.
 *
 * Operations that failed are left out, since they did not happen. One that crashed may have happened, and it
 * ends its session: the process number is not used again, and where a foreign history does use it again, that
 * is taken for a new client.
 */
import { canonical, type Json } from '../../harness/json.ts';
import { pairCalls, type History } from '../../harness/history/operation.ts';
import type { OperationEvidence } from '../linearizable/index.ts';
import { show } from '../models/model.ts';
import type { ModelOperation } from '../models/operation.ts';

/** One operation that happened, or may have. */
export interface ClientCall extends ModelOperation {
  readonly process: number;
  /**
   * Whose operation it is: all of one client's, in order of invocation, are a session. Only the last may have
   * crashed.
   */
  readonly session: number;
  /** Index of the invocation in the history. */
  readonly invoked: number;
  /** Index of the return; undefined for an operation that crashed. */
  readonly returned: number | undefined;
  /** Nanoseconds since the start of the test. */
  readonly invokedAt: number;
  readonly returnedAt: number | undefined;
}

/** The calls of a history in order of invocation, without those that failed. */
export function clientCalls(history: History): ClientCall[] {
  const open = new Map<number, number>();
  let sessions = 0;
  return pairCalls(history).flatMap(({ invoke, completion }) => {
    if (completion?.type === 'fail') return [];
    const returned = completion?.type === 'ok' ? completion : undefined;
    const process = Number(invoke.process);
    const session = open.get(process) ?? sessions++;
    if (returned === undefined) open.delete(process);
    else open.set(process, session);
    const key = invoke.key ?? returned?.key;
    return {
      f: invoke.f,
      argument: invoke.value,
      result: returned?.value,
      ...(key === undefined ? {} : { key }),
      process,
      session,
      invoked: invoke.index,
      returned: returned?.index,
      invokedAt: invoke.time,
      returnedAt: returned?.time,
    };
  });
}

/** Each session's calls in its own order. */
export function bySession(calls: readonly ClientCall[]): ClientCall[][] {
  return [...Map.groupBy(calls, ({ session }) => session).values()];
}

/** The calls by key, in order of first use; those without a key are one object, named null. */
export function byKey(
  calls: readonly ClientCall[],
): { readonly key: Json; readonly calls: readonly ClientCall[] }[] {
  const groups = Map.groupBy(calls, ({ key }) => (key === undefined ? '' : canonical(key)));
  return [...groups.values()].map((group) => ({ key: group[0]?.key ?? null, calls: group }));
}

/** The call as evidence, in words such as `write 3` or `read → 3`. */
export function evidenceOf({
  process,
  f,
  argument,
  result,
  invoked,
  returned,
}: ClientCall): OperationEvidence {
  const asked = argument === null ? f : `${f} ${show(argument)}`;
  const answered = argument === null || result === undefined ? ` → ${show(result)}` : '';
  return { process, text: `${asked}${answered}`, invoked, returned: returned ?? null };
}

/** A number with its noun: `1 write`, `2,000 writes`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
