/**
 * What a log replicates: the one interface between a log and what it is for. A state machine is deterministic:
 * what it holds depends on the applied commands and their order alone, so every replica that has applied the
 * same prefix of the log holds the same (Schneider, "Implementing Fault-Tolerant Services Using the State
 * Machine Approach", 1990).
 */
import { isJsonObject, type Json } from '../../harness/json.ts';

/** A command in the log, by its name `f`. What else it says is between a state machine and its clients. */
export type Command = { readonly f: string; readonly [field: string]: Json };

/** What the state machine answered. `ok: false` means that this command changed nothing. */
export type Outcome =
  { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly error: string };

/** A question that changes nothing. */
export type Query = { readonly f: string; readonly [field: string]: Json };

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

/** True for what may be a command. Whether it is one of the state machine's was seen to when it came from its client. */
export function isCommand(value: Json | undefined): value is Command {
  return isJsonObject(value) && typeof value.f === 'string';
}
