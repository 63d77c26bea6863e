/**
 * What must come before what, each with its reason. If that goes round in a circle there is no order, and a
 * short circle with its reasons is the evidence.
 */

/** That one node must come before another. */
export interface Constraint<Reason> {
  readonly before: number;
  readonly after: number;
  readonly reason: Reason;
}

/** Which cycle is looked for. */
export interface CycleOptions<Reason> {
  /** Whether constraints with this reason count. Default: all. */
  readonly counts?: (reason: Reason) => boolean;
  /** Whether constraints with this reason cost nothing. Default: none. */
  readonly free?: (reason: Reason) => boolean;
}

const NONE = -1;
/** A cycle is looked for through so many nodes of the first one that is found, and the shortest is taken. */
const CYCLES_COMPARED = 32;

/** A directed graph over nodes from 0. */
export class ConstraintGraph<Reason> {
  /** For each node the constraints in which it comes before another. */
  readonly #outgoing: Constraint<Reason>[][];

  constructor(size: number) {
    this.#outgoing = Array.from({ length: size }, () => []);
  }

  /** One more node; the answer is its number. */
  addNode(): number {
    return this.#outgoing.push([]) - 1;
  }

  add(before: number, after: number, reason: Reason): void {
    this.#outgoing[before]?.push({ before, after, reason });
  }

  /** The constraints in which the node comes before another. */
  outgoing(node: number): readonly Constraint<Reason>[] {
    return this.#outgoing[node] ?? [];
  }

  /** The nodes in an order that the constraints agree with; those on cycles and behind them are left out. */
  order(counts: (reason: Reason) => boolean = () => true): readonly number[] {
    const awaited = new Int32Array(this.#outgoing.length);
    for (const constraints of this.#outgoing) {
      for (const { after, reason } of constraints) {
        if (counts(reason)) awaited[after] = (awaited[after] ?? 0) + 1;
      }
    }
    const order: number[] = [];
    for (const [node, count] of awaited.entries()) if (count === 0) order.push(node);
    for (const node of order) {
      for (const { after, reason } of this.outgoing(node)) {
        if (!counts(reason)) continue;
        const left = (awaited[after] ?? 0) - 1;
        awaited[after] = left;
        if (left === 0) order.push(after);
      }
    }
    return order;
  }

  /**
   * A short cycle of constraints whose reasons count; undefined if there is none. Where it is as good as
   * obvious that one comes before the other (`free`), the constraint does not make the cycle longer.
   */
  cycle({ counts = () => true, free = () => false }: CycleOptions<Reason> = {}):
    readonly Constraint<Reason>[] | undefined {
    const order = this.order(counts);
    if (order.length === this.#outgoing.length) return undefined;
    const placed = new Uint8Array(this.#outgoing.length);
    for (const node of order) placed[node] = 1;
    const within = ({ after, reason }: Constraint<Reason>): boolean => placed[after] === 0 && counts(reason);
    const lengthOf = (cycle: readonly Constraint<Reason>[]): number =>
      cycle.filter(({ reason }) => !free(reason)).length;
    let shortest = this.#shortestCycle(this.#onCycle(placed, within), within, free);
    const starts = shortest.filter(({ reason }) => !free(reason)).slice(0, CYCLES_COMPARED);
    for (const { before } of starts) {
      const other = this.#shortestCycle(before, within, free);
      if (lengthOf(other) < lengthOf(shortest)) shortest = other;
    }
    return shortest;
  }

  /**
   * A node on a cycle. Every node that was not placed has one before it that was not either, so going back
   * comes round.
   */
  #onCycle(placed: Uint8Array, within: (constraint: Constraint<Reason>) => boolean): number {
    const before = new Int32Array(placed.length).fill(NONE);
    for (const [node, constraints] of this.#outgoing.entries()) {
      if (placed[node] === 1) continue;
      for (const constraint of constraints) if (within(constraint)) before[constraint.after] = node;
    }
    const seen = new Uint8Array(placed.length);
    let node = placed.indexOf(0);
    while (seen[node] === 0) {
      seen[node] = 1;
      node = before[node] ?? NONE;
    }
    return node;
  }

  /** The shortest cycle through a node, breadth first. */
  #shortestCycle(
    start: number,
    within: (constraint: Constraint<Reason>) => boolean,
    free: (reason: Reason) => boolean,
  ): readonly Constraint<Reason>[] {
    const reachedBy = new Map<number, Constraint<Reason>>();
    let level = this.outgoing(start).filter(within);
    while (level.length > 0) {
      const next: Constraint<Reason>[] = [];
      for (const constraint of level) {
        const { after } = constraint;
        if (reachedBy.has(after)) continue;
        reachedBy.set(after, constraint);
        if (after === start) return wayBack(start, reachedBy);
        for (const further of this.outgoing(after)) {
          if (within(further)) (free(further.reason) ? level : next).push(further);
        }
      }
      level = next;
    }
    return [];
  }
}

function wayBack<Reason>(
  start: number,
  reachedBy: ReadonlyMap<number, Constraint<Reason>>,
): readonly Constraint<Reason>[] {
  const cycle: Constraint<Reason>[] = [];
  let constraint = reachedBy.get(start);
  while (constraint !== undefined) {
    cycle.push(constraint);
    constraint = constraint.before === start ? undefined : reachedBy.get(constraint.before);
  }
  return cycle.reverse();
}
