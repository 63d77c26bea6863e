/**
 * Where in a history a problem is: the operations that it names, and its stretch of time.
 */
import type { Problem } from '../../harness/history/checker.ts';
import type { History, Operation } from '../../harness/history/operation.ts';

/** The operations that a problem names, those that the history has. */
export function operationsOf(problem: Problem, history: History): Operation[] {
  return (problem.operations ?? []).flatMap((index) => {
    // A run's history has each entry at its index; a part of one, read from elsewhere, may not.
    const entry =
      history[index]?.index === index ? history[index] : history.find((other) => other.index === index);
    return entry === undefined ? [] : [entry];
  });
}

/** The stretch of time that a problem points at: its window, else that of its operations, else none. */
export function windowOf(
  problem: Problem,
  history: History,
): readonly [from: number, to: number] | undefined {
  if (problem.window !== undefined) return problem.window;
  const times = operationsOf(problem, history).map((entry) => entry.time);
  const first = times[0];
  if (first === undefined) return undefined;
  // Folded rather than spread: a problem may name more operations than a call may have arguments.
  return [times.reduce((a, b) => Math.min(a, b), first), times.reduce((a, b) => Math.max(a, b), first)];
}
