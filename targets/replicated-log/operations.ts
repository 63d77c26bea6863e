/**
 * The commands of the replicated store: what can be done to it, and on what. A key says what is kept under it, as the type of a
 * bucket does in Riak: `["counter", name]` a number, `["set", name]` a set, and any other key a value, which
 * may be a list. So an operation on the wrong kind of object is refused before it is in the log.
 */
import { isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';

/** An operation that changes something. */
export type Update = { readonly f: UpdateName; readonly key: Json; readonly value: Json };

/**
 * `write` sets a value, `cas` takes `[expected, next]`, `append` adds one element to a list; `add` adds a number to
 * a counter or an element to a set, `remove` takes an element out of a set. `txn` takes a list of `["r", key, null]`
 * and `["append", key, element]`, which take effect at once; its own key is null.
 */
export type UpdateName = 'write' | 'cas' | 'append' | 'add' | 'remove' | 'txn';

/** What is kept under a key. */
export type Kind = 'value' | 'counter' | 'set';

/** One step of a transaction. */
export type MicroOperation = readonly ['r', Json, null] | readonly ['append', Json, Json];

/** What each takes, for whoever asked in the wrong way. */
export const TAKES: Readonly<Record<UpdateName, string>> = {
  write: '{key, value}',
  cas: '{key, value}, where the value is [expected, next]',
  append: '{key, value}',
  add: '{key, value}, where the key is ["counter", name] and the value a whole number, or the key is ["set", name]',
  remove: '{key, value}, where the key is ["set", name]',
  txn: '{value}, a list of ["r", key, null] and ["append", key, element]',
};

/** What is kept under this key. */
export function kindOf(key: Json): Kind {
  if (!Array.isArray(key) || key.length !== 2) return 'value';
  const [kind] = key as readonly Json[];
  return kind === 'counter' || kind === 'set' ? kind : 'value';
}

function isMicroOperation(item: Json): item is MicroOperation {
  if (!Array.isArray(item) || item.length !== 3) return false;
  const [f, key, value] = item as readonly Json[];
  if (key === undefined || kindOf(key) !== 'value') return false;
  return f === 'append' || (f === 'r' && value === null);
}

/** True for the steps of a transaction. */
export function isTransaction(value: Json | undefined): value is readonly MicroOperation[] {
  return Array.isArray(value) && value.length > 0 && value.every(isMicroOperation);
}

const CHECKS: Readonly<Record<UpdateName, (key: Json, value: Json) => boolean>> = {
  write: (key) => kindOf(key) === 'value',
  cas: (key, value) => kindOf(key) === 'value' && Array.isArray(value) && value.length === 2,
  append: (key) => kindOf(key) === 'value',
  add: (key, value) => kindOf(key) === 'set' || (kindOf(key) === 'counter' && Number.isSafeInteger(value)),
  remove: (key) => kindOf(key) === 'set',
  txn: (_key, value) => isTransaction(value),
};

/** True for the name of a function that changes something. */
function isUpdateName(f: Json | undefined): f is UpdateName {
  return typeof f === 'string' && Object.hasOwn(CHECKS, f);
}

/** True for a well-formed operation that changes something. */
export function isUpdate(value: JsonObject): value is Update & JsonObject {
  if (!isJsonObject(value) || !isUpdateName(value.f)) return false;
  return value.key !== undefined && value.value !== undefined && CHECKS[value.f](value.key, value.value);
}

/** True for an operation that changes nothing, so that it needs no entry in the log and may be asked again at will. */
export function isReadOnly(f: string, value: Json): boolean {
  if (f === 'read' || f === 'contains') return true;
  return f === 'txn' && isTransaction(value) && value.every(([step]) => step === 'r');
}

/** Marks a command for application at most once: the session and the command's number in it, from 1. */
export type Once = { readonly session: number; readonly sequence: number };

/** A command of the store. */
export type StoreCommand =
  /** Opens a session, whose number is the index of this entry. */
  { readonly f: 'open-session' } | (Update & { readonly once: Once | null });

/** A question to the store. */
export type StoreQuery = {
  readonly f: 'read' | 'contains' | 'txn';
  readonly key: Json;
  readonly value: Json;
};

function isOnce(value: Json | undefined): value is Once {
  return isJsonObject(value) && Number.isSafeInteger(value.session) && Number.isSafeInteger(value.sequence);
}

/** True for a well-formed command, as a client may send it. */
export function isStoreCommand(value: Json | undefined): value is StoreCommand {
  if (!isJsonObject(value)) return false;
  if (value.f === 'open-session') return true;
  return isUpdate(value) && (value.once === null || isOnce(value.once));
}
