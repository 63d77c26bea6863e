/**
 * What the thread that follows a run is given and what it answers. It is sent entries, an array at a time, and says when it has taken
 * them: it is ready for the next then.
 */
import type { Found } from './online-checks.ts';

/** With what to follow. */
export interface FollowTask {
  /** URL of the module whose default export is the target. */
  readonly targetModule: string;
  readonly workload: string;
  /** Names of the checkers. */
  readonly checkers: readonly string[];
}

/** From the thread. */
export type FollowMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'found'; readonly found: Found }
  /** A check was left out. */
  | { readonly kind: 'note'; readonly note: string };
