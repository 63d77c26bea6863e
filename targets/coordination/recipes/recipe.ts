/**
 * What distinguishes the recipes that are about waiting in line (line.ts): who stands in whose way.
 */
import type { ChildStat } from '../requests.ts';

/** Somebody in line: a node that a recipe made. */
export interface Place extends ChildStat {
  /** What it wants: the name of a recipe. */
  readonly kind: string;
  /** The number that its parent gave it. */
  readonly number: number;
}

/** A recipe. */
export interface Recipe {
  readonly kind: string;
  /** What its holders are told that they may do, where there are several. */
  readonly mode?: 'read' | 'write';
  /** Of those before it in line, the last that stands in its way. */
  blocker(before: readonly Place[]): Place | undefined;
}
