/**
 * Lists and texts that are appended to and read whole. What is only ever appended to begins, at any time, the longest
 * value that was read of it, or continues it; so that one read settles the order of everything before it, and a
 * search need not try the other orders.
 */
import { equal, type Json } from '../../harness/json.ts';

type Growing = string | readonly Json[];

const isGrowing = (value: Json): value is Growing => typeof value === 'string' || Array.isArray(value);
const itemsOf = (value: Growing): readonly Json[] => (typeof value === 'string' ? value.split('') : value);

/** The items of the longest list or text among what reads gave; a read that crashed gave nothing. */
export function longestRead(results: Iterable<Json | undefined>): readonly Json[] {
  let longest: readonly Json[] = [];
  for (const result of results) {
    if (result === undefined || !isGrowing(result) || result.length <= longest.length) continue;
    longest = itemsOf(result);
  }
  return longest;
}

/** True if one of the two continues the other, or the value held neither grows nor is nil. */
export function isCompatible(held: Json, longest: readonly Json[]): boolean {
  if (!isGrowing(held)) return true;
  const shared = Math.min(held.length, longest.length);
  for (let place = 0; place < shared; place++) {
    if (!equal(held[place] ?? null, longest[place] ?? null)) return false;
  }
  return true;
}
