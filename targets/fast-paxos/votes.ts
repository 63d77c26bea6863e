/**
 * Rounds and votes. A coordinator owns a ballot, which is a run of rounds one directly after the other ("steps"), with
 * nobody else's between them:
 *
 * - step 0 is classic: what phase 1 found must be proposed, and commands while too few acceptors are there for a fast quorum;
 * - step 1 is fast: acceptors vote for what clients send them, in slots in which step 0 has proposed nothing;
 * - later ones recover from collisions (section 3). There a vote of round i stands for a promise to round i + 1, which
 *   is right only because no round lies between the two.
 *
 * Whether a round is fast is part of it, so that whoever counts knows which quorum it needs.
 */
import { canonical, isJsonObject, type Json } from '../../harness/json.ts';
import type { Ballot } from '../multi-paxos/ballots.ts';
import { flag, natural } from '../replicated-log/messages.ts';
import { isEntry, type Entry } from './entry.ts';

/** Steps of a ballot that have a name. */
export const CLASSIC_STEP = 0;
export const FAST_STEP = 1;

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

/** Negative, zero or positive as `a` comes before, is or comes after `b`. */
export function compareRounds(a: Round, b: Round): number {
  return a.ballot - b.ballot || a.step - b.step;
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
