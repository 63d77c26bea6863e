/**
 * What Paxos nodes say to each other (Paxos Made Simple, sections 2.2 and 2.3). Every answer repeats the ballot that
 * it answers, so that a late or duplicated one is recognised for what it is.
 *
 * Messages are checked as they come in; one that does not fit is dropped, which Paxos takes for a loss.
 */
import { isJsonObject, type Json } from '../../harness/json.ts';
import type { Ballot } from '../replicated-log/ballots.ts';
import { messageCheck, natural, string, type Check } from '../replicated-log/messages.ts';

/** A proposal that an acceptor accepted, "the highest-numbered one" that it reports. */
export type Proposal = { readonly ballot: Ballot; readonly value: Json };

/** Phase 1a. Instances are named by the canonical text of their key. */
export type Prepare = { readonly type: 'prepare'; readonly instance: string; readonly ballot: Ballot };

/** Phase 1b: the acceptor accepts nothing below this ballot any more, and this is what it accepted last. */
export type PromiseReply = {
  readonly type: 'promise';
  readonly instance: string;
  readonly ballot: Ballot;
  readonly accepted: Proposal | null;
};

/** Phase 2a. */
export type Accept = {
  readonly type: 'accept';
  readonly instance: string;
  readonly ballot: Ballot;
  readonly value: Json;
};

/** Phase 2b: the acceptor has accepted the proposal of this ballot. */
export type Accepted = { readonly type: 'accepted'; readonly instance: string; readonly ballot: Ballot };

/** Not part of the algorithm but good for its speed (end of section 2.2): this acceptor has promised a higher ballot. */
export type Reject = {
  readonly type: 'reject';
  readonly instance: string;
  readonly ballot: Ballot;
  readonly promised: Ballot;
};

/** From the distinguished learner, here the proposer, to all others (section 2.3). */
export type Chosen = {
  readonly type: 'chosen';
  readonly instance: string;
  readonly ballot: Ballot;
  readonly value: Json;
};

/** Any of them. */
export type Message = Prepare | PromiseReply | Accept | Accepted | Reject | Chosen;

const isValue: Check = (value) => value !== undefined;

/** True for a well-formed proposal. */
export function isProposal(value: Json | undefined): value is Proposal {
  return isJsonObject(value) && natural(value.ballot) && isValue(value.value);
}

const both = { instance: string, ballot: natural };

/** True for a well-formed message. */
export const isMessage = messageCheck<Message>({
  prepare: both,
  promise: { ...both, accepted: (value) => value === null || isProposal(value) },
  accept: { ...both, value: isValue },
  accepted: both,
  reject: { ...both, promised: natural },
  chosen: { ...both, value: isValue },
});
