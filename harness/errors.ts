/**
 * The two kinds of error that the command line tells apart: what the user can mend by asking differently,
 * and what went wrong while the harness did what was asked. Both carry a message made for people; only a
 * bug in the harness itself ever shows a stack trace.
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
