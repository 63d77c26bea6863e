/**
 * What the monitors of queues, stacks and priority queues do alike: read what the object held, decide, and turn what was decided
 * into a verdict.
 *
 * Crashed removes took elements that nobody knows. Without them: if the rest fits, they took nothing. Only with elements that were
 * removed for certain: if these contradict each other, crashed removes do not help, since they took others. What lies
 * between is up to the object.
 */
import { ABSENT, type Calls } from '../../calls.ts';
import type { Monitor, MonitorVerdict } from '../monitor.ts';
import { conflictOf, type Contradicts, type Core } from './conflict.ts';
import type { Contents } from './contents.ts';
import { pickContents } from './picking.ts';
import { readContents, type ContainerNames } from './reading.ts';

/** What was decided: an explanation (in which crashed removes may have been given elements), a contradiction, or neither. */
export type Decision =
  | { readonly fits: Contents }
  | { readonly core: Core; readonly contradicts: Contradicts }
  | { readonly undecided: string };

/** One kind of object. */
export interface Container {
  readonly name: string;
  /** Why the elements are none that the object can hold, if so. */
  refuses?(contents: Contents): string | undefined;
  /** Decides without crashed removes. */
  readonly contradicts: Contradicts;
  /** Decides where it depends on the crashed removes. */
  withTakers(contents: Contents): Decision;
  /** An order of the calls, of contents that fit. */
  order(contents: Contents): readonly number[];
}

/** The monitor of this kind of object. */
export function monitorOf(kind: Container, names: ContainerNames): Monitor {
  return {
    name: kind.name,
    check(calls: Calls, initial: unknown): MonitorVerdict {
      const contents = readContents(calls, initial, names);
      if ('valid' in contents) return contents;
      const refused = kind.refuses?.(contents);
      if (refused !== undefined) return { valid: 'inapplicable', why: refused };
      return verdictOf(kind, contents);
    },
  };
}

function verdictOf(kind: Container, contents: Contents): MonitorVerdict {
  const decision = decide(kind, contents);
  if ('undecided' in decision) return { valid: 'inapplicable', why: decision.undecided };
  if ('fits' in decision) return { valid: true, order: () => kind.order(decision.fits) };
  return { valid: false, ...conflictOf(contents, decision.core, decision.contradicts) };
}

function decide(kind: Container, contents: Contents): Decision {
  const { contradicts } = kind;
  const core = contradicts(contents);
  if (core === undefined) return { fits: contents };
  if (contents.takers.length === 0) return { core, contradicts };
  const removed = certainlyRemoved(contents);
  const certain = contradicts(pickContents(contents, removed.elements, removed.sightings));
  if (certain === undefined) return kind.withTakers(contents);
  return { core: placedIn(certain, removed), contradicts };
}

/** The elements whose remove is known, and what says something about them. */
function certainlyRemoved({ elements, sightings }: Contents): { elements: number[]; sightings: number[] } {
  const removed: number[] = [];
  for (let element = 0; element < elements.length; element++) {
    if (elements.remove[element] !== ABSENT) removed.push(element);
  }
  const seen: number[] = [];
  for (let sighting = 0; sighting < sightings.length; sighting++) {
    const element = sightings.element[sighting] ?? ABSENT;
    if (element === ABSENT || elements.remove[element] !== ABSENT) seen.push(sighting);
  }
  return { elements: removed, sightings: seen };
}

/** The core by its numbers before the picking. */
function placedIn(core: Core, places: { elements: readonly number[]; sightings: readonly number[] }): Core {
  return {
    ...core,
    elements: core.elements.map((element) => places.elements[element] ?? 0),
    sightings: core.sightings.map((sighting) => places.sightings[sighting] ?? 0),
  };
}
