/**
 * Effects at a resource that a lock guards, as a history tells of them. Whoever holds the lock reads the resource's value, computes
 * a new one and writes it: an `update`. `cas-update` does the same without a lock, on condition that nobody wrote meanwhile. Both give
 *
 *     { id, token, base, version }
 *
 * what was added to the value, the fencing token with which it was written (null without a lock), the version that was read and the version that
 * came to be: the resource counts the writes that it accepts. A `read` gives `{ value, version, effects }`, where the value lists the
 * ids and each effect is `{ id, token, base, version, holder }`, by the resource's own record; so effects of updates
 * whose outcome nobody knows are seen as well.
 */
import { canonical, isJsonObject, type Json } from '../harness/json.ts';
import { pairCalls, type Call, type History } from '../harness/history/operation.ts';
import { byKey } from './holds.ts';

/** A write that the resource accepted. */
export interface Effect {
  readonly id: string;
  readonly token: number | null;
  readonly base: number;
  readonly version: number;
  /** The operation that tells of it. */
  readonly call: Call;
}

/** What a read found. */
export interface ReadOfResource {
  readonly ids: ReadonlySet<string>;
  readonly call: Call;
}

/** Everything that happened to one resource. */
export interface ResourceHistory {
  /** Updates that were acknowledged. */
  readonly acknowledged: readonly Effect[];
  /** Each accepted write once, by version; two of one version where one was forgotten. */
  readonly effects: readonly Effect[];
  readonly reads: readonly ReadOfResource[];
}

function effectOf(value: Json, call: Call): Effect[] {
  if (!isJsonObject(value)) return [];
  const { id, token = null, base, version } = value;
  if (typeof id !== 'string' || typeof base !== 'number' || typeof version !== 'number') return [];
  return [{ id, token: typeof token === 'number' ? token : null, base, version, call }];
}

function resourceOf(calls: readonly Call[]): ResourceHistory {
  const done = calls.filter(({ completion }) => completion?.type === 'ok');
  const acknowledged = done
    .filter(({ invoke: { f } }) => f === 'update' || f === 'cas-update')
    .flatMap((call) => effectOf(call.completion?.value ?? null, call));
  const reads: ReadOfResource[] = [];
  /** By version and id: reads tell of the same effects again and again. */
  const effects = new Map(acknowledged.map((effect) => [`${effect.version} ${effect.id}`, effect]));
  for (const call of done.filter(({ invoke: { f } }) => f === 'read')) {
    const found = call.completion?.value ?? null;
    if (!isJsonObject(found)) continue;
    reads.push({ ids: new Set(listed(found['value']).map(canonical)), call });
    for (const effect of listed(found['effects']).flatMap((told) => effectOf(told, call))) {
      const name = `${effect.version} ${effect.id}`;
      if (!effects.has(name)) effects.set(name, effect);
    }
  }
  return { acknowledged, effects: [...effects.values()].sort((a, b) => a.version - b.version), reads };
}

function listed(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** What happened to each resource, by the operations' keys. */
export function resourcesOf(history: History): ResourceHistory[] {
  return byKey(pairCalls(history)).map(resourceOf);
}
