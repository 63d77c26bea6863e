/**
 * A key-value store. The key is the operation's `key`; each key is independent, so a history is split by key and
 * a state usually holds one.
 *
 * Names are those of etcd and Porcupine (get, put) and of Jepsen (read, write), which mean the same here.
 */
import { canonical, equal, isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';
import { defineModel, pairOf, show, type ModelOperation } from './model.ts';

interface Store {
  /** What a key that was never put, or was deleted, holds. */
  readonly absent: Json;
  /** By canonical key. Holds no value equal to `absent`, so that equal stores are equal JSON. */
  readonly values: JsonObject;
}

const reads = (f: string): boolean => f === 'get' || f === 'read';
const missed = ({ f, result }: ModelOperation): boolean => f === 'cas' && result === false;

function withValue(store: Store, key: string, value: Json): Store {
  const { [key]: _replaced, ...others } = store.values;
  return { ...store, values: equal(value, store.absent) ? others : { ...others, [key]: value } };
}

/** A list takes one more element; text, or nothing at all, is continued by text. */
function append(value: Json, addition: Json): Json | undefined {
  if (Array.isArray(value)) return [...(value as readonly Json[]), addition];
  if (typeof addition === 'string' && (typeof value === 'string' || value === null))
    return (value ?? '') + addition;
  return value === null ? [addition] : undefined;
}

function stepKey(current: Json, operation: ModelOperation): Json | undefined {
  const { f, argument, result } = operation;
  if (reads(f)) return result === undefined || equal(result, current) ? current : undefined;
  if (f === 'append') return append(current, argument);
  if (f !== 'cas') return argument;
  const [expected, next] = pairOf(operation);
  const matched = equal(expected, current);
  if (missed(operation)) return matched ? undefined : current;
  return matched ? next : undefined;
}

type Growing = string | readonly Json[];

const isGrowing = (value: Json): value is Growing => typeof value === 'string' || Array.isArray(value);
const itemsOf = (value: Growing): readonly Json[] => (typeof value === 'string' ? value.split('') : value);

/** True if one of the two continues the other. */
function compatible(held: Json, longest: readonly Json[]): boolean {
  if (!isGrowing(held)) return true;
  const items = itemsOf(held);
  const shared = Math.min(items.length, longest.length);
  for (let place = 0; place < shared; place++) {
    if (!equal(items[place] ?? null, longest[place] ?? null)) return false;
  }
  return true;
}

/**
 * A key that is only appended to and read grows and never changes otherwise: whatever it holds at any time begins
 * the longest value that was read, or continues it. So that one read settles the order of everything before it.
 */
function longestReads(operations: readonly ModelOperation[]): Map<string, readonly Json[]> {
  const longest = new Map<string, readonly Json[]>();
  const changedOtherwise = new Set<string>();
  for (const { f, key = null, result } of operations) {
    const name = canonical(key);
    if (f !== 'append' && !reads(f)) changedOtherwise.add(name);
    if (!reads(f) || result === undefined || !isGrowing(result)) continue;
    const items = itemsOf(result);
    if (items.length > (longest.get(name)?.length ?? 0)) longest.set(name, items);
  }
  for (const name of changedOtherwise) longest.delete(name);
  return longest;
}

/**
 * The model of a key-value store. `init`: an object from key to value, the others being nil; or any other value,
 * which is what every absent key holds (`""` in Porcupine's histories).
 */
export const kv = defineModel<Store>({
  name: 'kv',
  summary: 'values under keys: get, put, append, compare-and-set, delete',
  operations: {
    get: "gives the key's value",
    read: 'the same as get',
    put: "sets the key's value",
    write: 'the same as put',
    append: 'adds to the end of a text or a list',
    cas: 'takes [expected, next]',
    delete: 'makes the key absent',
  },
  init(value = null) {
    if (!isJsonObject(value)) return { absent: value, values: {} };
    const entries = Object.entries(value).filter(([, held]) => held !== null);
    return { absent: null, values: Object.fromEntries(entries.map(([key, held]) => [canonical(key), held])) };
  },
  step(store, operation) {
    const key = canonical(operation.key ?? null);
    if (operation.f === 'delete') return withValue(store, key, store.absent);
    const current = store.values[key] ?? store.absent;
    const next = stepKey(current, operation);
    if (next === undefined) return undefined;
    return next === current ? store : withValue(store, key, next);
  },
  foresee(operations) {
    const longest = [...longestReads(operations)];
    return {
      admits: ({ values, absent }) =>
        longest.every(([name, items]) => compatible(values[name] ?? absent, items)),
    };
  },
  key: ({ values }) => canonical(values),
  pure: (operation) => reads(operation.f) || missed(operation),
  describe(operation) {
    const { f, argument, result, key } = operation;
    const asked = key === undefined ? f : `${f} ${show(key)}`;
    if (reads(f)) return `${asked} → ${show(result)}`;
    return `${asked}${f === 'delete' ? '' : ` ${show(argument)}`}${missed(operation) ? ' (did not match)' : ''}`;
  },
  describeState({ absent, values }) {
    const entries = Object.entries(values);
    if (entries.length === 0) return `empty (every key holds ${show(absent)})`;
    return entries.map(([key, value]) => `${key} = ${show(value)}`).join(', ');
  },
});
