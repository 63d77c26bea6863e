/**
 * Sequential nodes: a `create` of one gives it a name that ends in a number, greater than all that its parent (the operations' key)
 * gave before, whatever has been deleted since. Locks and queues are built on that: who comes first has the lowest number. So
 *
 * - numbers increase with zxids, the places of the creations in the order of all changes; and no number, and no zxid, is given twice;
 * - numbers increase in real time: a creation that began after another one had ended has the greater number;
 * - `children` shows every node whose creation had been acknowledged before, as long as nobody has asked to delete it.
 *
 * It needs no search, so it says on histories of any size what linearizability as a whole may take too long to find.
 */
import { isJsonObject } from '../harness/json.ts';
import type { Checker, Problem, Verdict } from '../harness/history/checker.ts';
import { pairCalls, type Call, type History, type Operation } from '../harness/history/operation.ts';
import { answerOf, byKey, entriesOf, nameOf } from './holds.ts';

const PROBLEMS_MAX = 20;
const NUMBER = /\d{10}$/;

/** A sequential node that was made. */
interface Creation {
  readonly call: Call;
  readonly name: string;
  readonly number: number;
  readonly zxid: number;
  readonly invoked: number;
  readonly returned: number;
}

/** What was asked about one node, by name. */
function askedName({ value }: Operation): string | undefined {
  const name = isJsonObject(value) ? value['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

function creationsOf(calls: readonly Call[]): Creation[] {
  return calls.flatMap((call) => {
    const { invoke, completion } = call;
    const { name, zxid } = answerOf(call);
    const sequential = isJsonObject(invoke.value) && invoke.value['sequential'] === true;
    if (invoke.f !== 'create' || !sequential || completion === undefined) return [];
    if (typeof name !== 'string' || typeof zxid !== 'number') return [];
    const number = Number(NUMBER.exec(name)?.[0] ?? NaN);
    return [{ call, name, number, zxid, invoked: invoke.index, returned: completion.index }];
  });
}

/** Names that do not end in a number. */
function unnumbered(creations: readonly Creation[]): Problem[] {
  return creations
    .filter(({ number }) => Number.isNaN(number))
    .map(({ call, name }) => ({
      title: `The sequential node ${name} has no number`,
      explanation: `Below ${nameOf('parent', call.invoke)}, a sequential node was named ${name}, which does not end in a number of ten digits.`,
      operations: entriesOf([call]),
    }));
}

/** Creations out of the order of their zxids, each with the one before. */
function disorder(creations: readonly Creation[]): Problem[] {
  const ordered = creations.toSorted((a, b) => a.zxid - b.zxid);
  return ordered.flatMap((later, position) => {
    const earlier = ordered[position - 1];
    if (earlier === undefined || (earlier.zxid < later.zxid && !(earlier.number >= later.number))) return [];
    return [orderProblem(earlier, later, `made by change ${earlier.zxid}`, `by change ${later.zxid}`)];
  });
}

/** Creations that began after another one had ended, and have no greater number; each with that one. */
function lateness(creations: readonly Creation[]): Problem[] {
  const returning = creations.toSorted((a, b) => a.returned - b.returned);
  let position = 0;
  let greatest: Creation | undefined;
  return creations
    .toSorted((a, b) => a.invoked - b.invoked)
    .flatMap((creation) => {
      for (let next = returning[position]; next !== undefined && next.returned < creation.invoked;) {
        if (greatest === undefined || next.number > greatest.number) greatest = next;
        next = returning[++position];
      }
      if (greatest === undefined || !(greatest.number >= creation.number)) return [];
      return [orderProblem(greatest, creation, 'made', 'when that was done')];
    });
}

function orderProblem(earlier: Creation, later: Creation, first: string, then: string): Problem {
  const parent = nameOf('parent', later.call.invoke);
  return {
    title: `Sequential nodes ${earlier.name} and ${later.name} are out of order`,
    explanation: `Below ${parent}, ${earlier.name} was ${first}, and ${later.name} ${then}: who comes later has a greater number.`,
    operations: entriesOf([earlier.call, later.call]),
  };
}

/** Of each name, when somebody first asked to delete it; those who certainly did not do so do not count. */
function deletionsOf(calls: readonly Call[]): Map<string, number> {
  const deletions = new Map<string, number>();
  for (const { invoke, completion } of calls) {
    const name = askedName(invoke);
    if (invoke.f !== 'delete' || completion?.type === 'fail' || name === undefined) continue;
    if (!deletions.has(name)) deletions.set(name, invoke.index);
  }
  return deletions;
}

/** Nodes that are missing from a list of children. At any time only those are looked at that nobody has asked to delete. */
function missing(calls: readonly Call[], creations: readonly Creation[]): Problem[] {
  const deletions = deletionsOf(calls);
  const keptUntil = ({ name }: Creation): number => deletions.get(name) ?? Infinity;
  const made = creations.toSorted((a, b) => a.returned - b.returned);
  let position = 0;
  let there: Creation[] = [];
  return calls.flatMap((list) => {
    const { invoke, completion } = list;
    if (invoke.f !== 'children' || completion?.type !== 'ok' || !Array.isArray(completion.value)) return [];
    for (let next = made[position]; next !== undefined && next.returned < invoke.index;) {
      there.push(next);
      next = made[++position];
    }
    there = there.filter((creation) => keptUntil(creation) > invoke.index);
    const names = new Set<unknown>(completion.value);
    return there
      .filter((creation) => keptUntil(creation) > completion.index && !names.has(creation.name))
      .map((creation) => missingProblem(creation, list));
  });
}

function missingProblem({ call, name }: Creation, list: Call): Problem {
  return {
    title: `The sequential node ${name} is missing`,
    explanation: `Below ${nameOf('parent', list.invoke)}, ${name} had been made, and nobody asked to delete it; a list of the children that was asked for later does not show it.`,
    operations: entriesOf([call, list]),
  };
}

function check(history: History): Verdict {
  const parents = byKey(pairCalls(history)).map((calls) => ({ calls, creations: creationsOf(calls) }));
  const count = parents.reduce((sum, { creations }) => sum + creations.length, 0);
  if (count === 0) {
    const summary = 'No sequential node was made.';
    const explanation = 'No sequential create succeeded, so there was no order to look at.';
    return { valid: 'unknown', summary, problems: [{ title: 'No sequential nodes', explanation }] };
  }
  const problems = parents.flatMap(({ calls, creations }) => [
    ...unnumbered(creations),
    ...disorder(creations),
    ...lateness(creations),
    ...missing(calls, creations),
  ]);
  const outcome = problems.length === 0 ? 'numbered in order, and listed' : `${problems.length} problems`;
  return {
    valid: problems.length === 0,
    summary: `${count} sequential nodes: ${outcome}.`,
    problems: problems.slice(0, PROBLEMS_MAX),
    details: { nodes: count, problems: problems.length },
  };
}

/** False if sequential nodes are numbered out of order, or not listed; `unknown` if none was made. */
export const sequentialOrder: Checker = {
  name: 'sequential-order',
  applies: (history) => history.some(({ f }) => f === 'create'),
  check,
};
