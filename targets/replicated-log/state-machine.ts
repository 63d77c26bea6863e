/**
 * What a log replicates: the one interface between a log and what it is for. A state machine is deterministic:
 * what it holds depends on the applied commands and their order alone, so every replica that has applied the
 * same prefix of the log holds the same (Schneider, "Implementing Fault-Tolerant Services Using the State
 * Machine Approach", 1990).
 */
import { isJsonObject, type Json } from '../../harness/json.ts';
import { isUpdate, type Update } from './operations.ts';

/** Marks a command for application at most once: the session and the command's number in it, from 1. */
export type Once = { readonly session: number; readonly sequence: number };

/** A command in the log. */
export type Command =
  /** Opens a session, whose number is the index of this entry. */
  { readonly f: 'open-session' } | (Update & { readonly once: Once | null });

/** Why a command changed nothing. */
export type Failure = 'cas-mismatch' | 'not-a-list' | 'session-expired' | 'stale-sequence';

/** What the state machine answered. `ok: false` means that this command changed nothing. */
export type Outcome =
  { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly error: Failure };

/** A question that changes nothing. */
export type Query = { readonly f: 'read' | 'contains' | 'txn'; readonly key: Json; readonly value: Json };

/** What a log applies its entries to. */
export interface StateMachine {
  /** Applies the command of the entry at this index, null for an entry that holds none. Every index comes once, in order. */
  apply(index: number, command: Command | null): Outcome;
  /** Answers from what was applied. */
  read(query: Query): Outcome;
  /** Everything, as text for a snapshot; equal states give equal texts. */
  save(): string;
  /** Becomes what `save` wrote. */
  restore(text: string): void;
}

/** What applying an entry without a command answers. */
export const NOTHING: Outcome = { ok: true, value: null };

function isOnce(value: Json | undefined): value is Once {
  return isJsonObject(value) && Number.isSafeInteger(value.session) && Number.isSafeInteger(value.sequence);
}

/** True for a well-formed command, as a leader accepts it from a client or a follower from a leader. */
export function isCommand(value: Json | undefined): value is Command {
  if (!isJsonObject(value)) return false;
  if (value.f === 'open-session') return true;
  return isUpdate(value) && (value.once === null || isOnce(value.once));
}
