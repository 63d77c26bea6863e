/**
 * Why there is no order: the shortest failing prefix, few operations that are impossible by themselves, and the order that gets
 * furthest with what cannot follow it. All of it costs at most what the verdict cost, or a moment: where that does not
 * suffice, the evidence is less sharp and says so.
 */
import type { Calls } from './calls.ts';
import type { Decider } from './decide.ts';
import { DepthFirst } from './frontier/depth-first.ts';
import { Minimizer } from './minimize.ts';
import { orderBy } from './monitors/order.ts';
import type { Search, SearchLimits } from './search.ts';
import { ILLEGAL } from './state-machine.ts';

/** An operation that might come next, and why it cannot. */
export interface Stuck {
  readonly call: number;
  readonly why: string;
}

/** Evidence on one part, as plain data. Calls are named by their positions among the part's calls. */
export interface Explanation {
  /** The order that gets furthest; where there is a complete one, that, if it was asked for. */
  readonly order: readonly number[];
  /** The state after that order, in words. */
  readonly state: string;
  /** Where invalid: the completed calls of which one has to come next, the first to return first. */
  readonly stuck: readonly Stuck[];
  /** Where invalid: few calls that have no order by themselves, in order of invocation. Empty if there was no time to find them. */
  readonly core: readonly number[];
  /** Nothing more can be left out of the core. */
  readonly coreIsMinimal: boolean;
  /** What is wrong with the core, in a sentence without its full stop; empty where nobody put it into words. */
  readonly reason: string;
  /** Where invalid: the call at whose return the failing prefix ends, and whether no shorter one fails. */
  readonly failedAt: number | undefined;
  readonly failedAtIsExact: boolean;
}

/** The explanation of what nobody could or wanted to explain. */
export const NOTHING_EXPLAINED: Explanation = {
  order: [],
  state: '',
  stuck: [],
  core: [],
  coreIsMinimal: false,
  reason: '',
  failedAt: undefined,
  failedAtIsExact: false,
};

/** Parts of the time after which the next thing is looked for: where few calls are still to be found, and where they are known. */
const PREFIX_SHARE = 0.4;
const CORE_SHARE = 0.8;
const PREFIX_ALONE_SHARE = 0.9;

/** A failing prefix: the call at whose return it ends. */
interface Prefix {
  readonly last: number;
  readonly isExact: boolean;
}

/** What an explanation may take. */
export interface ExplainLimits extends SearchLimits {
  /** What the verdict took. */
  readonly priceMs: number;
  readonly budgetMs: number;
}

/** Explains the verdict on some calls. */
export class Explainer {
  readonly #calls: Calls;
  readonly #decider: Decider;
  readonly #begun = performance.now();
  readonly #limits: ExplainLimits;
  /** Completed calls, the first to return first. */
  readonly #returns: Int32Array;

  constructor(calls: Calls, decider: Decider, limits: ExplainLimits) {
    this.#calls = calls;
    this.#decider = decider;
    this.#limits = limits;
    this.#returns = returnsOf(calls);
  }

  /** A monitor has found calls that contradict each other. */
  conflict(conflict: readonly number[], reason: string): Explanation {
    const ranks = this.#ranks();
    const last = conflict.reduce((latest, call) => Math.max(latest, ranks[call] ?? 0), 0);
    // The conflict may rest on an answer that came later than all its returns that matter.
    const fails = this.#fails(this.#prefix(last), PREFIX_ALONE_SHARE);
    const prefix = this.#shortestPrefix(
      0,
      fails === true ? last : this.#returns.length - 1,
      PREFIX_ALONE_SHARE,
    );
    return { ...this.#furthest(prefix), core: conflict, coreIsMinimal: true, reason };
  }

  /** A search has found that there is no order. */
  search(search: Search): Explanation {
    const { failedAt } = search;
    const first = failedAt === undefined ? 0 : (this.#ranks()[failedAt] ?? 0);
    const prefix = this.#shortestPrefix(first, this.#returns.length - 1, PREFIX_SHARE);
    const minimizer = new Minimizer(this.#calls, this.#decider.machine, (calls) => {
      return this.#fails(this.#pick(calls), CORE_SHARE) === true;
    });
    const outOfTime = (): boolean => this.#remainingMs(CORE_SHARE) < 0;
    const core = minimizer.minimize(this.#callsBefore(prefix.last), outOfTime);
    return { ...this.#furthest(prefix), ...core };
  }

  /** A search has ended early. */
  soFar(search: Search): Explanation {
    const { order, state } = this.#after(search.longest());
    return { ...NOTHING_EXPLAINED, order, state };
  }

  /** Milliseconds that are left of that share of the time. */
  #remainingMs(share: number): number {
    const own = this.#begun + share * this.#limits.budgetMs - performance.now();
    return Math.min(own, this.#limits.remainingMs());
  }

  /** Whether there is time to decide the calls, if that costs in proportion what the whole did. */
  #affords(calls: Calls, share: number): boolean {
    const expectedMs = (this.#limits.priceMs * calls.length) / Math.max(1, this.#calls.length);
    return this.#remainingMs(share) > expectedMs;
  }

  /** Whether calls have no order; undefined where that cannot be found out in that share of the time. */
  #fails(calls: Calls, share: number): boolean | undefined {
    if (!this.#affords(calls, share)) return undefined;
    return this.#decider.fails(calls, { ...this.#limits, remainingMs: () => this.#remainingMs(share) });
  }

  /** Some of the calls. */
  #pick(picked: readonly number[]): Calls {
    const some = this.#calls.pick(picked);
    this.#decider.machine.share(this.#calls, some, (call) => picked[call] ?? 0);
    return some;
  }

  /** The history's entries up to the return with this rank. */
  #prefix(rank: number): Calls {
    const last = this.#returns[rank] ?? 0;
    const prefix = this.#calls.before((this.#calls.columns.returned[last] ?? 0) + 1);
    this.#decider.machine.share(this.#calls, prefix, (call) => call);
    return prefix;
  }

  /** The shortest failing prefix: it ends at or after the return with rank `low`, and that with rank `high` certainly fails. */
  #shortestPrefix(low: number, high: number, share: number): Prefix {
    let [below, above] = [low - 1, high];
    const look = (rank: number): boolean => {
      const fails = this.#fails(this.#prefix(rank), share);
      if (fails === true) above = rank;
      if (fails === false) below = rank;
      return fails !== undefined;
    };
    // What a search could not get past most often fails just there, or a little later.
    for (let step = 1; below + step < above && look(below + step); step *= 4);
    while (above - below > 1 && look((below + above) >> 1));
    return { last: this.#returns[above] ?? 0, isExact: above - below === 1 };
  }

  /** The order that gets furthest in a failing prefix, and what cannot follow it. */
  #furthest({ last, isExact }: Prefix): Explanation {
    const prefix = this.#callsBefore(last);
    const search = new DepthFirst(this.#pick(prefix), this.#decider.machine, {
      relaxed: false,
      // Evidence must not rest on what came later.
      without: new Set(['look-ahead']),
    });
    search.advance(() => this.#remainingMs(1) < 0 || search.bytes > this.#limits.memoryBytes);
    const order = search.longest().map((call) => prefix[call] ?? 0);
    return { ...NOTHING_EXPLAINED, ...this.#after(order), failedAt: last, failedAtIsExact: isExact };
  }

  /** What the order leads to, and what cannot follow it. */
  #after(order: readonly number[]): Pick<Explanation, 'order' | 'state' | 'stuck'> {
    const { machine } = this.#decider;
    const classes = machine.classesOf(this.#calls);
    const step = (from: number, call: number): number => machine.step(from, classes[call] ?? 0);
    const state = order.reduce((from, call) => (from === ILLEGAL ? from : step(from, call)), machine.initial);
    if (state === ILLEGAL) return { order, state: '', stuck: [] };
    const inWords = machine.describe(state);
    const next = this.#nextCalls(order).map((call) => ({ call, isForbidden: step(state, call) === ILLEGAL }));
    const forbidden = next.filter(({ isForbidden }) => isForbidden);
    return {
      order,
      state: inWords,
      stuck: (forbidden.length > 0 ? forbidden : next).map(({ call, isForbidden }) => ({
        call,
        why: isForbidden
          ? `not allowed in the state ${inWords}`
          : 'allowed here, but no longer order was found in time',
      })),
    };
  }

  /** The completed calls that real time allows after this order, the first to return first. */
  #nextCalls(order: readonly number[]): number[] {
    const { invoked, returned } = this.#calls.columns;
    const placed = new Set(order);
    const open: number[] = [];
    let firstReturn = Infinity;
    for (let call = 0; call < this.#calls.length && (invoked[call] ?? 0) < firstReturn; call++) {
      if (placed.has(call) || this.#calls.hasCrashed(call)) continue;
      open.push(call);
      firstReturn = Math.min(firstReturn, returned[call] ?? 0);
    }
    return open
      .filter((call) => (invoked[call] ?? 0) < firstReturn)
      .sort((a, b) => (returned[a] ?? 0) - (returned[b] ?? 0));
  }

  /** For each completed call, how many return before it. */
  #ranks(): Int32Array {
    const ranks = new Int32Array(this.#calls.length);
    for (const [rank, call] of this.#returns.entries()) ranks[call] = rank;
    return ranks;
  }

  /** The calls that were invoked before that call returned. */
  #callsBefore(last: number): number[] {
    const { invoked, returned } = this.#calls.columns;
    const calls: number[] = [];
    for (let call = 0; (invoked[call] ?? Infinity) < (returned[last] ?? 0); call++) calls.push(call);
    return calls;
  }
}

/** Completed calls, the first to return first. */
function returnsOf(calls: Calls): Int32Array {
  return orderBy(calls.columns.returned).filter((call) => !calls.hasCrashed(call));
}
