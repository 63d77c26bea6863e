/**
 * Which calls belong together when some are left out: those that have to do with the same value, as the model says
 * (`Model.concerns`, or `Model.cell`).
 */
import { canonical, type Json } from '../../harness/json.ts';
import { guarded } from '../models/guard.ts';
import type { Calls } from './calls.ts';
import type { StateMachine } from './state-machine.ts';

/** The cluster of what has to do with all values, and that of what has to do with none. */
const ALL = 'all';
const NONE = 'none';

/** The clusters of some calls. */
export class Clusters {
  readonly #machine: StateMachine;
  readonly #calls: readonly number[];
  /** The first value of each call, and how values merge into clusters (union-find). */
  readonly #values = new Map<number, string>();
  readonly #parents = new Map<string, string>();

  constructor(all: Calls, machine: StateMachine, calls: readonly number[]) {
    this.#machine = machine;
    this.#calls = calls;
    for (const call of calls) {
      const [first = NONE, ...others] = this.#concerns(all, call)?.map(canonical) ?? [ALL];
      this.#values.set(call, first);
      for (const other of others) this.#unite(first, other);
    }
    const values = new Set(this.#values.values());
    if (values.has(ALL)) for (const value of values) this.#unite(value, ALL);
  }

  /** The name of the call's cluster. */
  of(call: number): string {
    return this.#find(this.#values.get(call) ?? ALL);
  }

  /** The clusters, as lists of calls; without those that cannot be left out. */
  groups(): number[][] {
    const groups = new Map<string, number[]>();
    for (const call of this.#calls) {
      const name = this.of(call);
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [call]);
      else group.push(call);
    }
    for (const element of this.#initialElements()) groups.delete(this.#find(element));
    return [...groups.values()];
  }

  /** Elements that were there at first: to leave out who took them would leave them where they never were. */
  #initialElements(): string[] {
    const { initialValue } = this.#machine;
    return Array.isArray(initialValue) ? (initialValue as Json[]).map(canonical) : [];
  }

  #concerns(all: Calls, call: number): readonly Json[] | undefined {
    const { model } = this.#machine;
    const operation = all.operation(call);
    if (model.concerns !== undefined) {
      return guarded(model, 'concerns', operation, () => model.concerns?.(operation));
    }
    const access = guarded(model, 'cell', operation, () => model.cell?.(operation));
    // What found that the value was another may have been right because of any other.
    if (access === undefined || access.lacks !== undefined) return undefined;
    const values = [access.needs, access.leaves].filter((value) => value !== undefined);
    return values.length === 0 ? undefined : values;
  }

  #find(name: string): string {
    let root = name;
    for (let up = this.#parents.get(root); up !== undefined; up = this.#parents.get(root)) root = up;
    if (root !== name) this.#parents.set(name, root);
    return root;
  }

  #unite(a: string, b: string): void {
    const [rootA, rootB] = [this.#find(a), this.#find(b)];
    if (rootA !== rootB) this.#parents.set(rootA, rootB);
  }
}
