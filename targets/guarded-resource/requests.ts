/**
 * What comes in at the client port of a lock server or a resource, checked: whoever sends something else is told what is
 * missing, and certainly had no effect.
 */
import { canonical, type JsonObject } from '../../harness/json.ts';
import { Refusal } from '../../harness/node/program.ts';

/** The name of the lock or the value that is meant; names may be any JSON. */
export function keyOf({ key = null }: JsonObject): string {
  return canonical(key);
}

/** The text in this field. */
export function textOf(body: JsonObject, field: string): string {
  const value = body[field];
  if (typeof value === 'string') return value;
  throw new Refusal(`bad-request: "${field}" must be a text`);
}

/** The number from 0 in this field. */
export function numberOf(body: JsonObject, field: string): number {
  const value = body[field];
  if (typeof value === 'number' && value >= 0) return value;
  throw new Refusal(`bad-request: "${field}" must be a number from 0`);
}

/** The same, where the field may be absent. */
export function optionalNumberOf(body: JsonObject, field: string): number | undefined {
  return body[field] === undefined || body[field] === null ? undefined : numberOf(body, field);
}
