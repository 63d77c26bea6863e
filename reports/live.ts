/**
 * The line that a running test shows: time left, operations, rates, faults in force. A pure function of a
 * small state; whoever prints it decides whether to overwrite the line or to write a new one.
 */
import { formatDuration } from '../harness/time.ts';
import { formatCount, plural } from './words.ts';

/** What a running test knows of itself. */
export interface LiveState {
  /** What is going on when it is not the main phase: `starting 5 nodes`, `healing`, `checking`. */
  readonly phase?: string;
  /** Milliseconds until the clients stop; negative counts as 0. */
  readonly remainingMs: number;
  /** Client operations invoked so far. */
  readonly operations: number;
  /** Client operations completed a second, lately. */
  readonly operationsPerSecond: number;
  /** Of those the ones that ended in `fail` or `info`. */
  readonly errorsPerSecond: number;
  /** Descriptions of the faults in force. */
  readonly faults: readonly string[];
}

/** The line, at most `columns` characters long and without a line break. */
export function liveLine(state: LiveState, columns: number): string {
  const left = state.remainingMs > 0 ? `${formatDuration(state.remainingMs)} left` : 'time is up';
  const line = [
    state.phase ?? left,
    plural(state.operations, 'operation'),
    `${formatCount(Math.round(state.operationsPerSecond))}/s`,
    `${formatCount(Math.round(state.errorsPerSecond))} errors/s`,
    state.faults.length === 0 ? 'no fault in force' : `in force: ${state.faults.join('; ')}`,
  ].join(' · ');
  const flat = line.replaceAll(/\s+/g, ' ');
  return flat.length <= columns ? flat : `${flat.slice(0, Math.max(0, columns - 1))}…`;
}
