/**
 * Whether an order keeps real time and everything that must come before something else: a topological order of a graph in which real
 * time takes as many edges as there are calls. For that returns are nodes, too, each before the next.
 */
import { type Calls, NEVER } from '../../calls.ts';

/** Pairs of calls of which the first must come before the second. */
export type Precedence = readonly (readonly [before: number, after: number])[];

/** An order of all calls that take part, or calls each of which must come before the next, and the last before the first. */
export type Ordering =
  { readonly cycle: undefined; readonly order: readonly number[] } | { readonly cycle: readonly number[] };

/** Looks for a cycle among the calls that take part. */
export function findCycle(
  calls: Calls,
  precedence: Precedence,
  takesPart: (call: number) => boolean,
): Ordering {
  const successors = graphOf(calls, precedence, takesPart);
  const missing = new Int32Array(successors.length);
  for (const own of successors) for (const next of own) missing[next] = (missing[next] ?? 0) + 1;
  const ready = [...successors.keys()].filter((node) => missing[node] === 0);
  let done = 0;
  const order: number[] = [];
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    done += 1;
    if (node < calls.length && takesPart(node)) order.push(node);
    for (const next of successors[node] ?? []) {
      const left = (missing[next] ?? 0) - 1;
      missing[next] = left;
      if (left === 0) ready.push(next);
    }
  }
  if (done === successors.length) return { cycle: undefined, order };
  return { cycle: cycleIn(successors, missing).filter((node) => node < calls.length) };
}

/** Calls, and after them a node for each return, in the order of returns. */
function graphOf(calls: Calls, precedence: Precedence, takesPart: (call: number) => boolean): number[][] {
  const { invoked, returned } = calls.columns;
  const all = Array.from({ length: calls.length }, (_, call) => call).filter(takesPart);
  const returns = all
    .filter((call) => returned[call] !== NEVER)
    .sort((a, b) => (returned[a] ?? 0) - (returned[b] ?? 0));
  const successors: number[][] = Array.from({ length: calls.length + returns.length }, () => []);
  returns.forEach((call, at) => {
    successors[call]?.push(calls.length + at);
    if (at > 0) successors[calls.length + at - 1]?.push(calls.length + at);
  });
  let before = 0;
  for (const call of all) {
    while (before < returns.length && (returned[returns[before] ?? 0] ?? 0) < (invoked[call] ?? 0))
      before += 1;
    if (before > 0) successors[calls.length + before - 1]?.push(call);
  }
  for (const [first, second] of precedence) successors[first]?.push(second);
  return successors;
}

/** A cycle among the nodes that still miss a predecessor: each of them has one of that kind, so going back must come round. */
function cycleIn(successors: readonly (readonly number[])[], missing: Int32Array): number[] {
  const predecessor = new Map<number, number>();
  successors.forEach((own, node) => {
    if ((missing[node] ?? 0) === 0) return;
    for (const next of own) if ((missing[next] ?? 0) > 0) predecessor.set(next, node);
  });
  const path: number[] = [];
  const places = new Map<number, number>();
  let [node] = predecessor.keys();
  while (node !== undefined && !places.has(node)) {
    places.set(node, path.length);
    path.push(node);
    node = predecessor.get(node);
  }
  return path.slice(places.get(node ?? -1) ?? 0).reverse();
}
