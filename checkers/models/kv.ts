/**
 * A key-value store. The key is the operation's `key`; each key is independent, so a history is split by key, and
 * the model of one key (`perKey`) has the value itself for its state. The whole is for histories that are not split.
 *
 * Names are those of etcd and Porcupine (get, put) and of Jepsen (read, write), which mean the same here.
 */
import { canonical, equal, isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';
import { textMonitor } from '../linearizable/monitors/register/texts.ts';
import { registerMonitor } from '../linearizable/monitors/register/monitor.ts';
import { casAccess, changesNothing, missed, readAccess, writeAccess } from './cells.ts';
import { foreseeGrowth } from './growing.ts';
import { defineModel, pairOf, show, type Foresight, type Model } from './model.ts';
import type { ModelOperation } from './operation.ts';

interface Store {
  /** What a key that was never put, or was deleted, holds. */
  readonly absent: Json;
  /** By canonical key. Holds no value equal to `absent`, so that equal stores are equal JSON. */
  readonly values: JsonObject;
}

const nameOf = ({ key = null }: ModelOperation): string => canonical(key);
const reads = (f: string): boolean => f === 'get' || f === 'read';
const overwrites = (f: string): boolean => f === 'put' || f === 'write' || f === 'delete';

function storeFrom(init: Json = null): Store {
  if (!isJsonObject(init)) return { absent: init, values: {} };
  const entries = Object.entries(init).filter(([, held]) => held !== null);
  return { absent: null, values: Object.fromEntries(entries.map(([key, held]) => [canonical(key), held])) };
}

/** Not by `??`: a key may have been put to nil where absent ones hold something else. */
function heldIn({ absent, values }: Store, name: string): Json {
  const held = Object.hasOwn(values, name) ? values[name] : undefined;
  return held === undefined ? absent : held;
}

function withValue(store: Store, name: string, value: Json): Store {
  const { [name]: _replaced, ...others } = store.values;
  return { ...store, values: equal(value, store.absent) ? others : { ...others, [name]: value } };
}

/** A list takes one more element; text, or nothing at all, is continued by text. */
function append(value: Json, addition: Json): Json | undefined {
  if (Array.isArray(value)) return [...(value as readonly Json[]), addition];
  if (typeof addition === 'string' && (typeof value === 'string' || value === null))
    return (value ?? '') + addition;
  return value === null ? [addition] : undefined;
}

/** The step of one key that holds `current`. */
function stepKey(current: Json, operation: ModelOperation, absent: Json): Json | undefined {
  const { f, argument, result } = operation;
  if (reads(f)) return result === undefined || equal(result, current) ? current : undefined;
  if (f === 'append') return append(current, argument);
  if (f === 'delete') return absent;
  if (f !== 'cas') return argument;
  const [expected, next] = pairOf(operation);
  const matched = equal(expected, current);
  if (missed(operation)) return matched ? undefined : current;
  return matched ? next : undefined;
}

/** What is foreseen of one key: by what was read of it, and what compare-and-sets were to find. */
function foreseeKey(operations: readonly ModelOperation[]): Foresight<Json> {
  const found = operations.flatMap((operation) => {
    if (operation.f === 'cas') return [pairOf(operation)[0]];
    return reads(operation.f) && operation.result !== undefined ? [operation.result] : [];
  });
  return foreseeGrowth(
    found,
    operations.every(({ f }) => f === 'append' || reads(f)),
  );
}

/** The same on a store and on one key. */
const shared = {
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
  pure: (operation: ModelOperation) => reads(operation.f) || changesNothing(operation),
  describe(operation: ModelOperation) {
    const { f, argument, result, key } = operation;
    const asked = key === undefined ? f : `${f} ${show(key)}`;
    if (reads(f)) return `${asked} → ${show(result)}`;
    return `${asked}${f === 'delete' ? '' : ` ${show(argument)}`}${missed(operation) ? ' (did not match)' : ''}`;
  },
} as const;

/** For one key on which nothing is appended or deleted, or that holds a text. */
const MONITORS = [
  registerMonitor({ read: ['get', 'read'], write: ['put', 'write'], cas: ['cas'] }),
  textMonitor({ read: ['get', 'read'], write: ['put', 'write'], append: ['append'] }),
];

/** The model of one key of a store that starts with `init`. */
function oneKey(key: Json, init: Json | undefined): Model {
  const store = storeFrom(init);
  const name = canonical(key);
  const held = heldIn(store, name);
  return defineModel<Json>({
    ...shared,
    init: () => held,
    step: (value, operation) => stepKey(value, operation, store.absent),
    blind: ({ f }) => overwrites(f),
    cell(operation) {
      const { f, argument } = operation;
      if (reads(f)) return readAccess(operation);
      if (overwrites(f)) return writeAccess(f === 'delete' ? store.absent : argument);
      return f === 'cas' ? casAccess(operation) : undefined;
    },
    monitors: MONITORS,
    foresee: foreseeKey,
    describeState: (value) => `${name} = ${show(value)}`,
  });
}

/**
 * The model of a key-value store. `init`: an object from key to value, the others being nil; or any other value,
 * which is what every absent key holds (`""` in Porcupine's histories).
 */
export const kv = defineModel<Store>({
  ...shared,
  init: storeFrom,
  step(store, operation) {
    const name = nameOf(operation);
    const current = heldIn(store, name);
    const next = stepKey(current, operation, store.absent);
    if (next === undefined) return undefined;
    return next === current ? store : withValue(store, name, next);
  },
  commutes: (a, b) => nameOf(a) !== nameOf(b),
  perKey: oneKey,
  key: ({ values }) => canonical(values),
  describeState({ absent, values }) {
    const entries = Object.entries(values);
    if (entries.length === 0) return `empty (every key holds ${show(absent)})`;
    return entries.map(([name, value]) => `${name} = ${show(value)}`).join(', ');
  },
});
