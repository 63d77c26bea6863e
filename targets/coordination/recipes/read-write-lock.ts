/**
 * The lock that readers share ("ZooKeeper Recipes and Solutions", section "Shared Locks"): a writer waits for everybody before himself, a
 * reader for writers only. He watches the last of them, so readers between two writers all wait for one node, and wake together.
 */
import type { Recipe } from './recipe.ts';

const WRITE = 'write';

export const readLock: Recipe = {
  kind: 'read',
  mode: 'read',
  blocker: (before) => before.findLast(({ kind }) => kind === WRITE),
};

export const writeLock: Recipe = { kind: WRITE, mode: 'write', blocker: (before) => before.at(-1) };
