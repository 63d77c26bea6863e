/** From what a search and its failures came to, to what reports show. */
import type { Exploration } from '../explore/explore.ts';
import type { Validity } from '../history/checker.ts';
import type { ExplorationReport, ExplorationState } from '../../reports/index.ts';
import type { PreparedExploration } from './explore-plan.ts';

/** A search while it goes on. */
export function stateOf(exploration: Exploration): ExplorationState {
  const { runs, simulatedMs, elapsedMs, behaviours, found, unknown } = exploration;
  return {
    runs,
    simulatedMs,
    elapsedMs,
    behaviours,
    failures: Object.fromEntries(found.map(({ failure, count }) => [failure.kind, count])),
    unknown: [...unknown.values()].reduce((sum, count) => sum + count, 0),
  };
}

/** A search that is over. */
export function reportOf(
  exploration: Exploration,
  valid: Validity,
  { kit, space, jobs, firstSeed }: PreparedExploration,
  found: ExplorationReport['found'],
): ExplorationReport {
  const { runs, operations, thin, interrupted, unknown } = exploration;
  return {
    valid,
    targetName: kit.target.name,
    ...(space.variant === undefined ? {} : { variant: space.variant }),
    jobs,
    seeds: { first: firstSeed, last: firstSeed + Math.max(0, runs - 1) },
    ...stateOf(exploration),
    operations,
    thin,
    interrupted,
    unknownReasons: [...unknown].sort(([, a], [, b]) => b - a).map(([reason]) => reason),
    found,
  };
}
