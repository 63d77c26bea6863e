/**
 * The two kinds of error that the command line tells apart: what the user can mend by asking differently,
 * and what went wrong while the harness did what was asked. Both carry a message made for people; only a
 * bug in the harness itself ever shows a stack trace. What all messages about names share is here as well.
 */

/** Exit codes of every command. */
export const EXIT = { valid: 0, invalid: 1, unknown: 2, usage: 254, harness: 255 } as const;

/** The request is wrong: an unknown name, a malformed file, a fault that the runtime cannot do. Exit code 254. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The harness could not do what was asked: no engine, a node that never starts, a full disk. Exit code 255. */
export class HarnessError extends Error {
  override readonly name = 'HarnessError';
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * ` (did you mean raft?)` where one of the known names is near to what was typed, else nothing: case, `-` and `_` are
 * not looked at, and a letter in three may be missing, wrong, too many or exchanged with the next.
 */
export function didYouMean(typed: string, known: readonly string[]): string {
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, '');
  const distances = known.map((name) => editDistance(plain(typed), plain(name)));
  const least = Math.min(...distances);
  const nearest = known[distances.indexOf(least)];
  const { length } = plain(typed);
  if (nearest === undefined || least >= length || least > Math.max(1, Math.floor(length / 3))) return '';
  return ` (did you mean ${nearest}?)`;
}

/** How many letters to insert, delete, replace or exchange with their neighbour, each place once (optimal string alignment). */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const line = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      const exchanged = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const costs = [line[column - 1], last[column], last[column - 1]].map((cost = 0) => cost + 1);
      if (same) costs.push(last[column - 1] ?? 0);
      if (exchanged) costs.push((beforeLast[column - 2] ?? Infinity) + 1);
      line.push(Math.min(...costs));
    }
    [beforeLast, last] = [last, line];
  }
  return last[right.length] ?? 0;
}
