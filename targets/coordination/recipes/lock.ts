/**
 * The lock ("ZooKeeper Recipes and Solutions", section "Locks"): the first in line has it, and everybody watches the one before himself.
 */
import type { Recipe } from './recipe.ts';

export const lock: Recipe = { kind: 'lock', blocker: (before) => before.at(-1) };
