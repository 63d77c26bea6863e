/**
 * Which crashed calls a configuration has used. Two ways to keep account, behind one contract:
 *
 * exactly, as counts of used calls of each class, of which fewer are better; and relaxed, where crashed calls may be used any
 * number of times and only the cost is counted. The relaxed account makes configurations comparable that the exact one cannot
 * compare, so it stays small with many crashed calls. If no order is left even so, there is none; if one is left that could
 * afford its uses, it is an order; otherwise nothing is known.
 */
import { StepTable, UNASKED } from '../step-table.ts';

/** What `use` answers if no call is left. */
export const NOT_LEFT = -1;
/** The account of a configuration that has used none. */
export const NONE_USED = 0;

/** Accounts of used crashed calls, by number. */
export interface CrashAccounts {
  /** The account after one more use of the class with this index, of which so many calls have been invoked; or NOT_LEFT. */
  use(account: number, index: number, invoked: number): number;
  /** Whether whatever is possible with account `b` is possible with `a`. */
  dominates(a: number, b: number): boolean;
  /** Whether the uses of this account were all possible. */
  isAffordable(account: number): boolean;
}

/** Counts by class. */
export class ExactAccounts implements CrashAccounts {
  readonly #counts: (readonly number[])[] = [[]];
  readonly #ids = new Map<string, number>([['', NONE_USED]]);
  readonly #after = new StepTable();

  use(account: number, index: number, invoked: number): number {
    const counts = this.#counts[account] ?? [];
    const used = counts[index] ?? 0;
    if (used >= invoked) return NOT_LEFT;
    const known = this.#after.get(account, index);
    if (known !== UNASKED) return known;
    const next = Array.from({ length: Math.max(counts.length, index + 1) }, (_, at) => counts[at] ?? 0);
    next[index] = used + 1;
    const id = this.idOf(next);
    this.#after.set(account, index, id);
    return id;
  }

  dominates(a: number, b: number): boolean {
    if (a === b || a === NONE_USED) return true;
    const other = this.#counts[b] ?? [];
    return (this.#counts[a] ?? []).every((used, index) => used <= (other[index] ?? 0));
  }

  isAffordable(): boolean {
    return true;
  }

  /** How many of each class the account has used. */
  countsOf(account: number): readonly number[] {
    return this.#counts[account] ?? [];
  }

  /** The account that has used so many of each class. */
  idOf(counts: readonly number[]): number {
    const name = counts.join();
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const id = this.#counts.push(counts) - 1;
    this.#ids.set(name, id);
    return id;
  }
}

/** One use in a relaxed account, and the account before it. */
interface Use {
  readonly before: number;
  readonly index: number;
  readonly invoked: number;
}

/** Costs, with the uses that they come from. */
export class RelaxedAccounts implements CrashAccounts {
  readonly #costs: number[] = [0];
  readonly #uses: (Use | undefined)[] = [undefined];

  use(account: number, index: number, invoked: number): number {
    this.#costs.push((this.#costs[account] ?? 0) + 1);
    return this.#uses.push({ before: account, index, invoked }) - 1;
  }

  dominates(a: number, b: number): boolean {
    return (this.#costs[a] ?? 0) <= (this.#costs[b] ?? 0);
  }

  isAffordable(account: number): boolean {
    const used = new Map<number, number>();
    const uses: Use[] = [];
    for (let use = this.#uses[account]; use !== undefined; use = this.#uses[use.before]) uses.push(use);
    return uses.reverse().every(({ index, invoked }) => {
      const count = (used.get(index) ?? 0) + 1;
      used.set(index, count);
      return count <= invoked;
    });
  }
}

/** No account at all: crashed calls may be used any number of times. What fails even so has no order; of what does not, nothing is known. */
export const unlimitedAccounts: CrashAccounts = {
  use: () => NONE_USED,
  dominates: () => true,
  isAffordable: () => false,
};
