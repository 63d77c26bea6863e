/**
 * The checker's contract: a history in, a verdict with its evidence out. Checkers are pure; their caller
 * bounds their time and memory. It stands beside the history because a checker depends on nothing else.
 */
import type { Json, JsonObject } from '../json.ts';
import type { History, Operation } from './operation.ts';

/** `unknown` is never shown as a pass. */
export type Validity = true | false | 'unknown';

/** One thing that is wrong, told so that a person can act on it. */
export interface Problem {
  /** A few words: "Stale read of key 7". */
  readonly title: string;
  /** What happened and why it cannot be, in sentences. */
  readonly explanation: string;
  /** Indices in the history of the operations to look at. */
  readonly operations?: readonly number[];
  /** From and to, in nanoseconds since the start of the test. */
  readonly window?: readonly [number, number];
}

/** A checker's answer. */
export interface Verdict {
  readonly valid: Validity;
  /** One sentence: what was checked and what came out. */
  readonly summary: string;
  readonly problems: readonly Problem[];
  /** Evidence for machines; its shape is the checker's own. */
  readonly details?: JsonObject;
}

/** A line of a node's log: an event with its fields (see harness/node/program.ts). */
export interface LogEntry {
  /** Milliseconds since the epoch by the node's own wall clock, which may be wrong. */
  readonly time: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** What happened, as a fixed name such as `became-leader`. */
  readonly event: string;
  readonly [field: string]: Json;
}

/** What a checker may look at beside the history. */
export interface CheckContext {
  /** Each node's own log, in order. Empty when a history is checked by itself. */
  readonly logs: Readonly<Record<string, readonly LogEntry[]>>;
  /** Milliseconds the check may take; a checker that can stops by itself and answers `unknown`. */
  readonly timeoutMs: number;
}

/** The moment from which on it is certain that a promise was broken. */
export interface Violation {
  /** Index of the entry with which the shortest beginning of the history that breaks it ends. */
  readonly index: number;
  /** The object that is concerned, where there are several. */
  readonly key?: Json;
}

/** A check that follows a history as it grows. It may overlook violations, but what it tells is certain. */
export interface OnlineCheck {
  /** Takes the next entry of the history; the answer is the first violation, when it is found. */
  add(entry: Operation): Violation | undefined;
  /** The history is over: operations that are still open have crashed. */
  finish(): Violation | undefined;
}

/** A named check. */
export interface Checker {
  /** What results, claims and the command line call it: `linearizable`, `election-safety`, … */
  readonly name: string;
  /** Whether there is anything to check in this history; if not, the checker is left out, and what is claimed by it not tested. Always, unless given. */
  applies?(history: History): boolean;
  check(history: History, context: CheckContext): Verdict | Promise<Verdict>;
  /** The same while the history grows, for checks that can. */
  online?(): Promise<OnlineCheck>;
}

/** The worst of several: false outranks unknown outranks true. Of none: true. */
export function worst(validities: Iterable<Validity>): Validity {
  let result: Validity = true;
  for (const validity of validities) {
    if (validity === false) return false;
    if (validity === 'unknown') result = 'unknown';
  }
  return result;
}
