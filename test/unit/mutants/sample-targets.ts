/**
 * Targets that are only looked at: one with two variants of two kinds, and one that promises less.
 */
import type { Checker } from '../../../harness/history/checker.ts';
import { defineTarget, type Target, type Workload } from '../../../harness/run/target.ts';

function checker(name: string, follows = false): Checker {
  return {
    name,
    check: () => ({ valid: true, summary: '', problems: [] }),
    ...(follows ? { online: assertUnused } : {}),
  };
}

function workload(name: string, ...checkers: Checker[]): Workload {
  const progress = name === 'lists' ? {} : { progressGenerator: assertUnused };
  return { name, summary: '', operations: {}, generator: assertUnused, ...progress, checkers };
}

function assertUnused(): never {
  throw new Error('nothing here is run');
}

/**
 * Of its three workloads two are judged for lost writes; `forgets` is found by a checker that follows, `dawdles` by one that does not, and that cannot be asked of
 * lists. */
export const store: Target = defineTarget({
  name: 'store',
  summary: '',
  nodeModule: 'file:///node.ts',
  nodes: 3,
  workloads: [
    workload('registers', checker('linearizable', true)),
    workload('locks', checker('exclusion')),
    workload('lists', checker('linearizable', true)),
  ],
  checkers: [checker('progress')],
  claims: [
    { property: 'linearizable', checker: 'linearizable', under: 'any' },
    { property: 'progress', checker: 'progress', under: { except: ['clock'] } },
  ],
  variants: {
    forgets: { nodeModule: 'file:///forgets.ts', mistake: 'It forgets.', caughtBy: 'linearizable' },
    dawdles: { nodeModule: 'file:///dawdles.ts', mistake: 'It dawdles.', caughtBy: 'progress' },
  },
});

/** Nothing is claimed under anything but kills, and nothing of progress. */
export const cautious: Target = defineTarget({
  name: 'cautious',
  summary: '',
  nodeModule: 'file:///node.ts',
  nodes: 1,
  workloads: [workload('registers')],
  claims: [{ property: 'no node fails', checker: 'log-patterns', under: ['kill'] }],
});
