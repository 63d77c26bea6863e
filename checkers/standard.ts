/**
 * The checkers that run with every workload, one line each.
 */
import type { Checker } from '../harness/history/checker.ts';
import { errors } from './errors.ts';
import { logPatterns } from './log-patterns.ts';
import { stats } from './stats.ts';

/** What every run is asked, whatever its workload. */
// One line each, so that adding one changes one line.
// prettier-ignore
export const standardCheckers: readonly Checker[] = [
  stats,
  errors,
  logPatterns(),
];
