/**
 * Finds few calls that have no order by themselves. Leaving out calls must not make up a failure that was not there: a read without
 * its write fails, and explains nothing. So what is left out are calls that change nothing, each by itself, and otherwise
 * whole *clusters*: everything that has to do with a value, for models that say which values an operation is about (`concerns`).
 *
 * It begins at the end: the clusters of the last few calls before the failure, more if these are possible by themselves, and what
 * then fails is thinned out by halves (Zeller and Hildebrandt's delta debugging).
 */
import type { Calls } from './calls.ts';
import { Clusters } from './clusters.ts';
import type { StateMachine } from './state-machine.ts';

const FIRST_LOOK_BACK = 8;
const LOOK_BACK_GROWTH = 4;

/** Whether these calls, by themselves, have no order. False also where that cannot be found out in time. */
export type Fails = (calls: readonly number[]) => boolean;

/** Minimizes the failure of some calls. */
export class Minimizer {
  readonly #calls: Calls;
  readonly #machine: StateMachine;
  readonly #fails: Fails;
  #outOfTime: () => boolean = () => false;

  constructor(calls: Calls, machine: StateMachine, fails: Fails) {
    this.#calls = calls;
    this.#machine = machine;
    this.#fails = fails;
  }

  /** Few of these calls that have no order; none if even these are not found to have none in time. */
  minimize(
    prefix: readonly number[],
    outOfTime: () => boolean,
  ): { readonly core: readonly number[]; readonly coreIsMinimal: boolean } {
    this.#outOfTime = outOfTime;
    let core = this.#lookBack(prefix);
    if (core === undefined) return { core: [], coreIsMinimal: false };
    for (let before = Infinity; core.length < before && !outOfTime();) {
      before = core.length;
      core = this.#thin(core, this.#singles(core));
      core = this.#thin(core, this.#groups(core));
    }
    return { core, coreIsMinimal: !outOfTime() };
  }

  /** The clusters of the last few calls, if these fail by themselves; of more, if they do not. */
  #lookBack(prefix: readonly number[]): readonly number[] | undefined {
    const clusters = new Clusters(this.#calls, this.#machine, prefix);
    const cluster = (call: number): string => clusters.of(call);
    for (let back = FIRST_LOOK_BACK; back < prefix.length && !this.#outOfTime(); back *= LOOK_BACK_GROWTH) {
      const wanted = new Set(prefix.slice(-back).map(cluster));
      const kept = prefix.filter(
        (call, place) => place >= prefix.length - back || (wanted.has(cluster(call)) && !this.#isPure(call)),
      );
      if (kept.length < prefix.length && this.#fails(kept)) return kept;
    }
    return this.#fails(prefix) ? prefix : undefined;
  }

  /** Leaves out as many of these groups as it can. */
  #thin(calls: readonly number[], groups: readonly (readonly number[])[]): readonly number[] {
    let kept = calls;
    let left = groups;
    for (
      let size = Math.ceil(left.length / 2);
      size >= 1 && !this.#outOfTime();
      size = Math.floor(size / 2)
    ) {
      for (let start = 0; start < left.length && !this.#outOfTime();) {
        const out = new Set(left.slice(start, start + size).flat());
        const fewer = kept.filter((call) => !out.has(call));
        if (fewer.length > 0 && fewer.length < kept.length && this.#fails(fewer)) {
          kept = fewer;
          left = [...left.slice(0, start), ...left.slice(start + size)];
        } else {
          start += size;
        }
      }
    }
    return kept;
  }

  /** Calls that change nothing, each by itself. */
  #singles(calls: readonly number[]): number[][] {
    return calls.filter((call) => this.#isPure(call)).map((call) => [call]);
  }

  #groups(calls: readonly number[]): number[][] {
    return new Clusters(this.#calls, this.#machine, calls).groups();
  }

  #isPure(call: number): boolean {
    return this.#machine.isPure(this.#machine.classesOf(this.#calls)[call] ?? 0);
  }
}
