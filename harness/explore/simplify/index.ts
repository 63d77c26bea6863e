/**
 * All passes of shrinking, in the order in which they are worth trying: what makes runs short comes first, so that
 * all that follows is tried on short runs.
 */
import { calmSettings, fewerDelays, fewerNodes, fewerPhases } from './cluster.ts';
import { fewerFaults, rounderFaults, shorterFaults, simplerKinds } from './faults.ts';
import {
  fewerKeys,
  fewerOperations,
  fewerThreads,
  oneKey,
  sharedThreads,
  smallNumbers,
} from './operations.ts';
import type { Pass } from './pass.ts';
import { earlierEnd, rounderTimes, shorterGaps } from './times.ts';

export type { Cursor, Pass, Rules } from './pass.ts';

/**
 * Passes whose steps are worth trying under other seeds even when runs are long. Faults are among them because, once the
 * operations are few, no other seed can make up for a fault that mattered only by taking up time.
 */
export const bold: ReadonlySet<Pass> = new Set([fewerPhases, oneKey, fewerFaults, fewerNodes]);

/** The passes. */
// One line each, so that adding one changes one line.
// prettier-ignore
export const passes: readonly Pass[] = [
  earlierEnd,
  fewerPhases,
  oneKey,
  fewerFaults,
  fewerNodes,
  fewerKeys,
  fewerThreads,
  fewerOperations,
  shorterGaps,
  shorterFaults,
  sharedThreads,
  simplerKinds,
  fewerDelays,
  calmSettings,
  rounderTimes,
  rounderFaults,
  smallNumbers,
];
