/**
 * What an evaluating process and whoever started it say to each other. One scenario at a time, so an answer belongs to
 * the last question.
 */
import type { Outcome, Wish } from './evaluate.ts';
import type { KitAddresses } from './kit.ts';
import type { Scenario } from './scenario.ts';

/** To the process: first what to load, then scenarios. */
export type Question =
  | { readonly kind: 'load'; readonly addresses: KitAddresses }
  | { readonly kind: 'evaluate'; readonly scenario: Scenario; readonly wish: Wish };

/** From the process. */
export type Answer =
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  /** A node did not give way: the process ends now. */
  | { readonly kind: 'run-away'; readonly summary: string }
  /** The scenario cannot be run, or the harness failed; the process goes on. */
  | { readonly kind: 'error'; readonly error: 'usage' | 'harness'; readonly message: string };
