/**
 * The checkers that run with every workload, one line each.
 */
import type { Checker } from '../harness/history/checker.ts';
import { errors } from './errors.ts';
import { logPatterns } from './log-patterns.ts';
import { stats } from './stats.ts';

/** What every run is asked, whatever its workload. */
export const standardCheckers: readonly Checker[] = [
  stats, //
  errors,
  logPatterns(),
];
