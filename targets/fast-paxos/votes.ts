/**
 * Rounds and votes. A coordinator owns a ballot, which is a run of rounds one directly after the other ("steps"), with
 * nobody else's between them:
 *
 * - step 0 is classic: what phase 1 found must be proposed again;
 * - step 1 is classic: commands, while too few acceptors are there for a fast quorum;
 * - step 2 is fast: acceptors vote for what clients send them, in slots in which the steps before have proposed nothing;
 * - later ones recover from collisions (section 3.2). There a vote of round i stands for a promise to round i + 1, which
 *   is right only because no round lies between the two.
 *
 * Whether a round is fast is part of it, so that whoever counts knows which quorum it needs.
 */
import { canonical, equal, isJsonObject, type Json } from '../../harness/json.ts';
import type { Ballot } from '../replicated-log/ballots.ts';
import { flag, natural } from '../replicated-log/messages.ts';
import { isEntry, type Entry } from './entry.ts';

/** Steps of a ballot that have a name. */
export const FOUND_STEP = 0;
export const CLASSIC_STEP = 1;
export const FAST_STEP = 2;

/** A round of one slot. */
export type Round = { readonly ballot: Ballot; readonly step: number; readonly fast: boolean };

/** An acceptor's vote in a slot, or what a coordinator asks it to vote for. */
export type Vote = {
  readonly slot: number;
  readonly round: Round;
  readonly entry: Entry;
  /** Message delays from the client up to whoever receives this: 2 for a vote in a fast round. A measurement, no part of the algorithm. */
  readonly delays: number;
};

/** How a slot was decided: in a fast round, in a classic one, or in one that recovers, from a collision or another coordinator's end. */
export type Kind = 'fast' | 'classic' | 'recovered';

/** What kind of round this is. */
export function kindOf({ step }: Round): Kind {
  if (step === FAST_STEP) return 'fast';
  return step === CLASSIC_STEP ? 'classic' : 'recovered';
}

/** Negative, zero or positive as `a` comes before, is or comes after `b`. */
export function compareRounds(a: Round, b: Round): number {
  return a.ballot - b.ballot || a.step - b.step;
}

/** Whether these are the same entry, whichever message brought them. */
export function sameEntry(a: Entry, b: Entry): boolean {
  return a === b || (a.id === b.id && equal(a, b));
}

/** Texts of entries that were compared before: a vote's entry is counted several times. */
const texts = new WeakMap<Entry, string>();

/** Equal for equal entries, and for no others. */
export function textOfEntry(entry: Entry): string {
  let text = texts.get(entry);
  if (text === undefined) {
    text = canonical(entry);
    texts.set(entry, text);
  }
  return text;
}

function isRound(value: Json | undefined): value is Round {
  return isJsonObject(value) && natural(value.ballot) && natural(value.step) && flag(value.fast);
}

/** True for a well-formed vote. */
export function isVote(value: Json | undefined): value is Vote {
  return (
    isJsonObject(value) &&
    natural(value.slot) &&
    isRound(value.round) &&
    isEntry(value.entry) &&
    natural(value.delays)
  );
}

/** True for a list of well-formed votes. */
export function areVotes(value: Json | undefined): value is readonly Vote[] {
  return Array.isArray(value) && value.every(isVote);
}
