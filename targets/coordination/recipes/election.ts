/**
 * Leader election ("ZooKeeper Recipes and Solutions", section "Leader Election"): the first in line leads. It is the lock, but that others
 * may ask who leads.
 */
import type { Json } from '../../../harness/json.ts';
import type { Place, Recipe } from './recipe.ts';

export const candidate: Recipe = { kind: 'candidate', blocker: (before) => before.at(-1) };

/** Who leads, and with which token; both are null where nobody does. */
export type Leader = { readonly leader: Json; readonly token: number | null };

/** Who leads, by those in line. */
export function leaderOf([first]: readonly Place[]): Leader {
  return { leader: first?.data ?? null, token: first?.czxid ?? null };
}
