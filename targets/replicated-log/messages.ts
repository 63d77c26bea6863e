/**
 * How messages are checked as they come in: a node of another version or a damaged message must not put a
 * string where a term is expected. A message that does not fit is dropped, which every protocol here takes for a loss.
 */
import { isJsonObject, type Json } from '../../harness/json.ts';

/** Whether a field is what it should be. */
export type Check = (value: Json | undefined) => boolean;

export const natural: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
export const flag: Check = (value) => typeof value === 'boolean';
export const string: Check = (value) => typeof value === 'string';

/** The checks of every field of every message; the compiler holds the table and the types together. */
export type FieldChecks<M extends { readonly type: string }> = {
  readonly [T in M as T['type']]: { readonly [F in Exclude<keyof T, 'type'>]: Check };
};

/** A test for well-formed messages, by type and field. */
export function messageCheck<M extends { readonly type: string } & Json>(
  fields: FieldChecks<M>,
): (value: Json) => value is M {
  const checks = new Map(
    Object.entries<Readonly<Record<string, Check>>>(fields).map(([type, own]) => [type, Object.entries(own)]),
  );
  return (value): value is M => {
    if (!isJsonObject(value) || typeof value.type !== 'string') return false;
    const own = checks.get(value.type);
    return own !== undefined && own.every(([name, check]) => check(value[name]));
  };
}
