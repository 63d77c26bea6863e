/**
 * Calls whose places are known: each has a rank, and those of a lower rank take effect before those of a higher one. What
 * is read whole of something that only grows settles the ranks of everything that was read.
 *
 * They are linearizable iff no call returned before one of a lower rank was invoked. For then "lower rank, or same rank and
 * invoked earlier" is an order that real time allows.
 *
 * A floating call has a least rank only: it may come later, as it changes nothing. It contradicts those of lower ranks that
 * were invoked after it returned; if there are none, it comes right after all that really precede it.
 */
import type { Calls } from '../../calls.ts';
import { NEVER } from '../../calls.ts';
import { orderBy } from '../order.ts';

/** Rank of a call that is left out. */
export const UNRANKED = -1;

/** The calls' ranks. */
export interface Ranks {
  readonly calls: Calls;
  /** For each call its rank, or UNRANKED; for a floating one its least. */
  readonly rank: Int32Array;
  /** For each call 1 if it floats. Undefined if none does. */
  readonly floats: Uint8Array | undefined;
  /** Ranks are below this. */
  readonly ranks: number;
}

/** Two calls that contradict their ranks: `early` returned before `late` was invoked, but has the higher rank. Undefined: linearizable. */
export function findInversion(of: Ranks): { readonly early: number; readonly late: number } | undefined {
  const { invoked, returned } = of.calls.columns;
  const firstReturn = firstReturns(of);
  for (let late = 0; late < of.calls.length; late++) {
    const rank = of.rank[late] ?? UNRANKED;
    if (rank === UNRANKED || of.floats?.[late] === 1) continue;
    const end = firstReturn[rank + 1] ?? NEVER;
    if (end < (invoked[late] ?? 0)) return { early: returned.indexOf(end), late };
  }
  return undefined;
}

/** For each rank the first return of a call of this rank or a higher one. */
function firstReturns({ calls, rank, ranks }: Ranks): Int32Array {
  const { returned } = calls.columns;
  const first = new Int32Array(ranks + 1).fill(NEVER);
  for (let call = 0; call < calls.length; call++) {
    const of = rank[call] ?? UNRANKED;
    if (of !== UNRANKED) first[of] = Math.min(first[of] ?? 0, returned[call] ?? 0);
  }
  for (let of = ranks - 1; of >= 0; of--) first[of] = Math.min(first[of] ?? 0, first[of + 1] ?? 0);
  return first;
}

/** The calls by rank, those of one rank by invocation; if there is no inversion. */
export function orderByRank(of: Ranks): number[] {
  const settled = of.floats === undefined ? of.rank : settle(of);
  const ranked = Int32Array.from({ length: settled.length }, (_, call) => call).filter(
    (call) => settled[call] !== UNRANKED,
  );
  const order = orderBy(ranked.map((call) => settled[call] ?? 0));
  return Array.from(order, (place) => ranked[place] ?? 0);
}

/** Ranks for the floating calls too. */
function settle({ calls, rank, floats }: Ranks): Int32Array {
  const { invoked, returned } = calls.columns;
  const settled = rank.slice();
  const byReturn = orderBy(returned);
  let [ended, highest] = [0, 0];
  for (let call = 0; call < calls.length; call++) {
    for (; (returned[byReturn[ended] ?? 0] ?? NEVER) < (invoked[call] ?? 0); ended++) {
      highest = Math.max(highest, settled[byReturn[ended] ?? 0] ?? 0);
    }
    if (floats?.[call] === 1) settled[call] = Math.max(highest, rank[call] ?? 0);
  }
  return settled;
}
