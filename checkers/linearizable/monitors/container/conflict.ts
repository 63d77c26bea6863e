/**
 * From a contradiction that a monitor came upon to few calls that show it. What is left out is left out by element: with its insert,
 * its remove and its peeks. Leaving out a remove alone could make a failure that was not there.
 *
 * This is exact because of what these objects have in common: an order of all operations, without those on some element, is an
 * order of the others. So if some elements contradict each other by themselves, then whatever else happened.
 */
import { show } from '../../../models/model.ts';
import { ABSENT } from '../../calls.ts';
import type { Contents } from './contents.ts';
import { pickContents } from './picking.ts';

/** What contradicts itself, by numbers of elements and sightings. */
export interface Core {
  readonly elements: readonly number[];
  readonly sightings: readonly number[];
  /** The crashed removes that were too few. */
  readonly takers: readonly number[];
  readonly reason: string;
}

/** Looks for a contradiction. */
export type Contradicts = (contents: Contents) => Core | undefined;

/** The values of the elements in words: `1, 2 and 3`. */
export function namesOf({ calls, elements }: Contents, which: readonly number[]): string {
  const names = which.map((element) => show(calls.values.at(elements.value[element] ?? 0)));
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

/** What the model calls the call: `dequeue`. */
export function nameOf({ calls }: Pick<Contents, 'calls'>, call: number): string {
  return calls.functions[calls.columns.f[call] ?? 0] ?? '';
}

/** The calls of the smallest core within this one, and the reason. */
export function conflictOf(
  contents: Contents,
  core: Core,
  contradicts: Contradicts,
): { conflict: readonly number[]; reason: string } {
  const { elements, sightings } = smallestCore(contents, core, contradicts);
  const { takers, reason } = contradicts(pickContents(contents, elements, sightings)) ?? core;
  const calls = [
    ...elements.flatMap((element) => [contents.elements.insert[element], contents.elements.remove[element]]),
    ...sightings.map((sighting) => contents.sightings.call[sighting]),
    ...takers.map((taker) => contents.takers.call[taker]),
  ].filter((call): call is number => call !== undefined && call !== ABSENT);
  return { conflict: calls.sort((a, b) => a - b), reason };
}

/** A core that is as small as leaving out elements and sightings makes it. */
export function smallestCore(
  contents: Contents,
  core: Pick<Core, 'elements' | 'sightings'>,
  contradicts: Contradicts,
): Pick<Core, 'elements' | 'sightings'> {
  const fails = (elements: readonly number[], sightings: readonly number[]): boolean =>
    contradicts(pickContents(contents, elements, sightings)) !== undefined;
  const decisive = decisiveSightings(contents, new Set(core.elements));
  const all = [...new Set([...core.sightings, ...decisive])].sort((a, b) => a - b);
  const elements = needed([...new Set(core.elements)], (kept) => fails(kept, all));
  return { elements, sightings: needed(all, (kept) => fails(elements, kept)) };
}

/** Of all sightings of each of the elements those that narrow its windows: the one that ended first, the one that began last. */
function decisiveSightings({ sightings }: Contents, elements: ReadonlySet<number>): number[] {
  const earliest = new Map<number, number>();
  const latest = new Map<number, number>();
  for (let sighting = 0; sighting < sightings.length; sighting++) {
    const element = sightings.element[sighting] ?? ABSENT;
    if (!elements.has(element)) continue;
    const ended = sightings.last[earliest.get(element) ?? sighting] ?? 0;
    if ((sightings.last[sighting] ?? 0) <= ended) earliest.set(element, sighting);
    const began = sightings.first[latest.get(element) ?? sighting] ?? 0;
    if ((sightings.first[sighting] ?? 0) >= began) latest.set(element, sighting);
  }
  return [...earliest.values(), ...latest.values()];
}

/** What is left of the items when ever smaller groups that `fails` does not need were left out. */
function needed(items: readonly number[], fails: (kept: readonly number[]) => boolean): readonly number[] {
  let kept = items;
  let size = Math.ceil(kept.length / 2);
  while (size > 0) {
    for (let start = 0; start < kept.length;) {
      const rest = [...kept.slice(0, start), ...kept.slice(start + size)];
      if (fails(rest)) kept = rest;
      else start += size;
    }
    size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return kept;
}
