/**
 * Splits the calls of a history into independent parts, and leaves out what says nothing.
 *
 * Splitting is exact (Herlihy and Wing's locality; Horn and Kroening's P-compositionality) when the parts do not know
 * of each other, which is what an operation's `key` and a model's `partition` declare.
 */
import { UsageError } from '../../harness/errors.ts';
import type { Json } from '../../harness/json.ts';
import { guarded } from '../models/guard.ts';
import { defineModel, type Model } from '../models/model.ts';
import { productModel } from './product-model.ts';
import { ABSENT, type Calls, NEVER } from './calls.ts';

/** The calls on one independent part, in order of invocation. */
export interface Part {
  /** Undefined where the history does not name parts. */
  readonly key: Json | undefined;
  readonly calls: Calls;
}

/** No part of its key, because some operation on the key is over several parts. */
const WHOLE = -1;

/** Throws a UsageError at the first call that the model does not know. */
export function requireKnown(calls: Calls, model: Model): void {
  const unknown = calls.functions.map((f) => !Object.hasOwn(model.operations, f));
  if (!unknown.includes(true)) return;
  const call = calls.columns.f.findIndex((f) => unknown[f] === true);
  if (call === -1) return;
  const known = Object.keys(model.operations).join(', ');
  throw new UsageError(
    `operation ${calls.columns.invoked[call] ?? 0} is a "${calls.operation(call).f}", which the model ${model.name} does not know (it knows ${known}); ` +
      'name another model, or leave such operations out of the history',
  );
}

/** Without crashed calls that never change any state: whatever they answered, nobody heard it. */
export function withoutSilent(calls: Calls, model: Model): Calls {
  const { returned } = calls.columns;
  if (!returned.includes(NEVER)) return calls;
  const telling = (call: number): boolean => {
    if (returned[call] !== NEVER) return true;
    const operation = calls.operation(call);
    return !guarded(model, 'pure', operation, () => model.pure?.(operation) === true);
  };
  const kept: number[] = [];
  for (let call = 0; call < calls.length; call++) if (telling(call)) kept.push(call);
  return kept.length === calls.length ? calls : calls.pick(kept);
}

/** Splits by the operations' keys, and within a key by the model's own parts where every operation has just one. */
export function splitCalls(calls: Calls, model: Model): Part[] {
  const parts = new PartNumbers(calls, partOf(calls, model));
  const starts = parts.starts();
  const sorted = sortByPart(calls, parts.ofCall, starts);
  return parts.keys.map((key, part) => ({
    key,
    calls: sorted.range(starts[part] ?? 0, starts[part + 1] ?? calls.length),
  }));
}

/** For each call, the number of its part within its key; WHOLE where the key is one part. Undefined: all keys are. */
function partOf(calls: Calls, model: Model): Int32Array | undefined {
  if (model.partition === undefined) return undefined;
  const { key } = calls.columns;
  const parts = new Int32Array(calls.length);
  const whole = new Set<number>();
  for (let call = 0; call < calls.length; call++) {
    const operation = calls.operation(call);
    const part = guarded(model, 'partition', operation, () => model.partition?.(operation));
    if (part === undefined) whole.add(key[call] ?? ABSENT);
    else parts[call] = calls.values.idOf(part);
  }
  if (whole.size === 0) return parts;
  return parts.map((part, call) => (whole.has(key[call] ?? ABSENT) ? WHOLE : part));
}

/** Numbers of parts, in order of their first calls. */
class PartNumbers {
  readonly keys: (Json | undefined)[] = [];
  readonly ofCall: Int32Array;
  readonly #sizes: number[] = [];

  constructor(calls: Calls, partOf: Int32Array | undefined) {
    const { key } = calls.columns;
    const numbers = new Map<number, number>();
    this.ofCall = new Int32Array(calls.length);
    for (let call = 0; call < calls.length; call++) {
      const [named, within] = [key[call] ?? ABSENT, partOf?.[call] ?? WHOLE];
      // Exact for up to 2^26 different values.
      const name = (named + 1) * 2 ** 26 + (within + 1);
      let part = numbers.get(name);
      if (part === undefined) {
        part = this.keys.push(keyOf(calls, named, within)) - 1;
        numbers.set(name, part);
        this.#sizes.push(0);
      }
      this.ofCall[call] = part;
      this.#sizes[part] = (this.#sizes[part] ?? 0) + 1;
    }
  }

  /** Where each part begins when all calls are sorted by part; the last entry is where the last ends. */
  starts(): Int32Array {
    const starts = new Int32Array(this.#sizes.length + 1);
    for (const [part, size] of this.#sizes.entries()) starts[part + 1] = (starts[part] ?? 0) + size;
    return starts;
  }
}

function keyOf({ values }: Calls, key: number, part: number): Json | undefined {
  if (part === WHOLE) return key === ABSENT ? undefined : values.at(key);
  return key === ABSENT ? values.at(part) : [values.at(key), values.at(part)];
}

/** The calls of each part together, in order of invocation. */
function sortByPart(calls: Calls, partOfCall: Int32Array, starts: Int32Array): Calls {
  if (starts.length <= 2) return calls;
  const places = starts.slice();
  const order = new Int32Array(calls.length);
  for (let call = 0; call < calls.length; call++) {
    const part = partOfCall[call] ?? 0;
    const place = places[part] ?? 0;
    order[place] = call;
    places[part] = place + 1;
  }
  return calls.pick(order);
}

/** A model with the first state that it starts in. */
export interface StartedModel {
  readonly model: Model;
  readonly init: Json | undefined;
}

/** What a part is to be checked against: the model of its key, where the model has one, or the whole object's. */
export function modelOfPart(started: StartedModel, { key, calls }: Part): StartedModel {
  const { model, init } = started;
  if (model.partition !== undefined || model.perKey === undefined) return started;
  if (key !== undefined) return modelOfKey(started, key);
  const keys = new Set(calls.columns.key);
  if (keys.size === 0 || keys.has(ABSENT)) return started;
  const names = [...keys].map((named) => calls.values.at(named));
  return { model: defineModel(productModel(model, init, names)), init: undefined };
}

/** The model of one key, where the model has one. */
export function modelOfKey({ model, init }: StartedModel, key: Json | undefined): StartedModel {
  if (key === undefined || model.partition !== undefined || model.perKey === undefined)
    return { model, init };
  const ofKey = guarded(model, 'perKey', undefined, () => model.perKey?.(key, init));
  return { model: ofKey ?? model, init: undefined };
}
