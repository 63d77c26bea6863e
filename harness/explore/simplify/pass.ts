/**
 * What a pass of shrinking is: it knows one way in which a scenario can be simpler, and offers such scenarios one
 * after the other, the boldest first. And the way that most of them go: leaving out ever smaller parts of a
 * list (delta debugging: Zeller and Hildebrandt, IEEE TSE 2002).
 */
import type { FaultFamily } from '../../cluster/fault.ts';
import type { Scenario } from '../scenario.ts';

/** How far a pass has come; the empty one is its beginning. */
export type Cursor = readonly number[];

/** Something simpler, and where the pass goes on if that is taken. */
export interface Simplification {
  readonly scenario: Scenario;
  readonly cursor: Cursor;
}

/** What a pass must know beyond the scenario. */
export interface Rules {
  /** All fault families: what a fault might be instead. */
  readonly families: readonly FaultFamily[];
  /** Fewest nodes that the target makes sense with. */
  readonly nodesMin: number;
  /** Into how many parts a list is cut at most: few at first, while runs are long. */
  readonly partsMax: number;
}

/** Offers simpler scenarios, lazily. What it offers that is no simpler is passed over by whoever asks. */
export type Pass = (scenario: Scenario, from: Cursor, rules: Rules) => Iterable<Simplification>;

/** The list without one part, and where to go on if that is taken. */
export interface Shortened<T> {
  readonly kept: readonly T[];
  readonly cursor: Cursor;
}

/** The list without everything, without either half, without each quarter, and so on, down to single elements. */
export function* withoutParts<T>(
  items: readonly T[],
  from: Cursor,
  partsMax: number,
): Iterable<Shortened<T>> {
  const [first = items.length, begin = 0] = from;
  const least = Math.max(1, Math.ceil(items.length / partsMax));
  for (let size = first, at = begin; size >= least; size = Math.floor(size / 2), at = 0) {
    for (; at < items.length; at += size)
      yield { kept: [...items.slice(0, at), ...items.slice(at + size)], cursor: [size, at] };
  }
}
