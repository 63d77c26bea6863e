/**
 * What each transaction did to each list: what it appended, and how long the list was before, where that can be known: from what
 * the transaction read of it, or from where others saw what it appended.
 */
import { canonical, equal, type Json, type JsonObject } from '../../../../harness/json.ts';
import { show } from '../../../models/model.ts';
import type { MonitorVerdict } from '../monitor.ts';

/** One step of a transaction. What a crashed transaction read nobody knows: undefined. */
export interface ListSteps {
  readonly kind: 'r' | 'append';
  readonly list: string;
  readonly value: Json | undefined;
}

/** What one transaction did to one list. */
export interface Touch {
  readonly call: number;
  /** What it appended, in order. */
  readonly elements: readonly Json[];
  /** Length of the list before it; undefined if nobody knows. */
  readonly base: number | undefined;
  /** Whether somebody read any of the elements. */
  readonly observed: boolean;
}

/** A list with all that touched it. */
export interface ListTouches {
  /** The longest that was read of it, and by which call; -1 for what it started with. */
  readonly longest: { readonly call: number; readonly items: readonly Json[] };
  readonly touches: readonly Touch[];
}

/** Thrown by whoever finds out before the end that the history is not linearizable, or that the monitor does not apply. */
export class Wrong extends Error {
  readonly verdict: MonitorVerdict;

  constructor(reason: string, ...conflict: readonly number[]) {
    super(reason);
    const calls = [...new Set(conflict)].filter((call) => call >= 0).sort((a, b) => a - b);
    this.verdict =
      conflict.length === 0
        ? { valid: 'inapplicable', why: reason }
        : { valid: false, conflict: calls, reason };
  }
}

/** One transaction's steps on one list. */
interface Visit {
  readonly call: number;
  readonly elements: Json[];
  readonly reads: { readonly items: readonly Json[]; readonly after: number }[];
}

/** Goes through all transactions, by call. */
export function touchesOf(
  transactions: readonly (readonly ListSteps[])[],
  initial: JsonObject,
): ListTouches[] {
  const visits = new Map<string, Visit[]>();
  transactions.forEach((steps, call) => {
    for (const [list, own] of Map.groupBy(steps, (step) => step.list)) {
      visits.set(list, [...(visits.get(list) ?? []), visitOf(call, own)]);
    }
  });
  return [...visits].map(([list, own]) => touchesOfList(own, (initial[list] ?? []) as readonly Json[]));
}

function visitOf(call: number, steps: readonly ListSteps[]): Visit {
  const visit: Visit = { call, elements: [], reads: [] };
  for (const { kind, value } of steps) {
    if (kind === 'append') visit.elements.push(value ?? null);
    else if (value !== undefined) {
      const items = value ?? [];
      if (!Array.isArray(items)) throw new Wrong(`the read ${show(items)} is no list`);
      visit.reads.push({ items: items as readonly Json[], after: visit.elements.length });
    }
  }
  return visit;
}

function touchesOfList(visits: readonly Visit[], initial: readonly Json[]): ListTouches {
  const longest = longestOf(visits, initial);
  const writers = writersOf(visits, initial);
  const places = new Map<string, number>();
  longest.items.forEach((item, place) => {
    const name = canonical(item);
    if (places.has(name)) throw new Wrong(`${show(item)} was read twice in one list`, longest.call);
    if (place >= initial.length && !writers.has(name))
      throw new Wrong(`${show(item)} was read, but nothing appended it`, longest.call);
    places.set(name, place);
  });
  return { longest, touches: visits.map((visit) => touchOf(visit, longest, places)) };
}

/** Every read begins the longest one, and begins with what the list started with. */
function longestOf(visits: readonly Visit[], initial: readonly Json[]): ListTouches['longest'] {
  let longest: ListTouches['longest'] = { call: -1, items: initial };
  for (const { call, reads } of visits) {
    for (const { items } of reads) if (items.length > longest.items.length) longest = { call, items };
  }
  const begins = (items: readonly Json[]): boolean =>
    items.every((item, place) => equal(item, longest.items[place] ?? null));
  if (!begins(initial)) throw new Wrong('a read does not begin as the list did', longest.call);
  for (const { call, reads } of visits) {
    for (const { items } of reads) {
      if (items.length < initial.length) throw new Wrong('a read does not begin as the list did', call);
      if (!begins(items))
        throw new Wrong('two reads of one list do not continue one another', call, longest.call);
    }
  }
  return longest;
}

/** Who appended each element. Each must have been appended once. */
function writersOf(visits: readonly Visit[], initial: readonly Json[]): ReadonlySet<string> {
  const known = new Set(initial.map(canonical));
  const writers = new Set<string>();
  for (const { elements } of visits) {
    for (const element of elements) {
      const name = canonical(element);
      if (known.has(name) || writers.has(name))
        throw new Wrong(`${show(element)} is appended more than once`);
      writers.add(name);
    }
  }
  return writers;
}

function touchOf(
  { call, elements, reads }: Visit,
  longest: ListTouches['longest'],
  places: ReadonlyMap<string, number>,
): Touch {
  const found = elements.map((element) => places.get(canonical(element)));
  const bases = [
    ...reads.map(({ items, after }) => items.length - after),
    ...found.flatMap((place, number) => (place === undefined ? [] : [place - number])),
  ];
  const [base] = bases;
  const observed = found.some((place) => place !== undefined);
  if (base === undefined) return { call, elements, base, observed };
  if (base < 0 || bases.some((other) => other !== base))
    throw new Wrong('a transaction does not see the list as it left it itself', call, longest.call);
  elements.forEach((element, number) => {
    if (found[number] === undefined && base + number < longest.items.length)
      throw new Wrong(`${show(element)} is not where its transaction appended it`, call, longest.call);
  });
  return { call, elements, base, observed };
}
