/**
 * What reads, writes and compare-and-sets need and leave, for every model of an object that holds one value.
 */
import { equal, type Json } from '../../harness/json.ts';
import { pairOf, type CellAccess } from './model.ts';
import type { ModelOperation } from './operation.ts';

/** True for a `cas` that was answered that the value was another: an observation, which changes nothing. */
export function missed({ f, result }: ModelOperation): boolean {
  return f === 'cas' && result === false;
}

/** A compare-and-set of a value with itself changes nothing, whether it matched or not. */
export function changesNothing(operation: ModelOperation): boolean {
  return operation.f === 'cas' && (missed(operation) || equal(...pairOf(operation)));
}

/** What a read needs: the value that it gave, or nothing if nobody heard it. */
export function readAccess({ result }: ModelOperation): CellAccess {
  return result === undefined ? {} : { needs: result };
}

/** What a compare-and-set needs and leaves. */
export function casAccess(operation: ModelOperation): CellAccess {
  const [expected, next] = pairOf(operation);
  if (missed(operation)) return { lacks: expected };
  return equal(expected, next) ? { needs: expected } : { needs: expected, leaves: next };
}

/** What a write leaves. */
export function writeAccess(value: Json): CellAccess {
  return { leaves: value };
}
