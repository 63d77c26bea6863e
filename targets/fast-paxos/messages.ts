/**
 * What Fast Paxos nodes say to each other. Phases 1 and 2 are those of section 3.1 of "Fast Paxos", for all slots of the log at
 * once where that is possible (section 2.4.2).
 */
import type { Json } from '../../harness/json.ts';
import type { Ballot } from '../replicated-log/ballots.ts';
import { messageCheck, natural, type Check } from '../replicated-log/messages.ts';
import {
  CHUNK_FIELDS,
  PART_FIELDS,
  type SnapshotChunk,
  type SnapshotPart,
} from '../replicated-log/snapshots.ts';
import { isEntry, type Entry } from './entry.ts';
import { areVotes, type Vote } from './votes.ts';

/** The refusal of a request that its client sent to one node alone for a classic round, and that came in a fast one. */
export const FAST_ROUND = 'fast-round';

/** Slots of the classic round of a ballot. Who proposed in them and who voted knows the entries. */
type SlotsOf = { readonly ballot: Ballot; readonly slots: readonly number[] };

/** Phase 1a, for every slot. */
export type Prepare = { readonly type: 'prepare'; readonly ballot: Ballot };

/** Phase 1b: slots up to `applied` are chosen and known to this acceptor; these are its votes in later ones. */
export type PromiseReply = {
  readonly type: 'promise';
  readonly ballot: Ballot;
  readonly applied: number;
  readonly votes: readonly Vote[];
};

/** This acceptor has promised a higher ballot. */
export type Reject = { readonly type: 'reject'; readonly ballot: Ballot; readonly promised: Ballot };

/**
 * Who coordinates. With `fastFrom` also the phase 2a message "any" (section 3.1): in the fast round of this ballot acceptors may
 * vote for whatever clients send, in the slots from there on.
 */
export type Heartbeat = {
  readonly type: 'heartbeat';
  readonly ballot: Ballot;
  readonly fastFrom: number | null;
  readonly applied: number;
};

/** The answer to a heartbeat. */
export type Heard = { readonly type: 'heard'; readonly ballot: Ballot; readonly applied: number };

/** Phase 2a with values: vote for these. */
export type Accept = { readonly type: 'accept'; readonly proposals: readonly Vote[] };

/** Phase 2b, to every learner. */
export type Voted = { readonly type: 'voted'; readonly votes: readonly Vote[] };

/** Phase 2b of the classic round of this ballot, to its coordinator: votes for what it proposed in these slots. */
export type Accepted = SlotsOf & { readonly type: 'accepted' };

/** From its coordinator: what it proposed in the classic round of this ballot is chosen in these slots. */
export type Chosen = SlotsOf & { readonly type: 'chosen' };

/** A client's entry, to acceptors in a fast round, to the coordinator in a classic one. */
export type Propose = { readonly type: 'propose'; readonly entry: Entry; readonly delays: number };

/** To acceptors that a client's entry did not reach: others have voted for it in this slot of the fast round. */
export type Suggest = { readonly type: 'suggest'; readonly vote: Vote };

/** A learner lacks what was chosen from this slot on; it has so much of that snapshot. */
export type Fetch = SnapshotPart & { readonly type: 'fetch'; readonly from: number };

/** What was chosen from this slot on. */
export type Decided = { readonly type: 'decided'; readonly from: number; readonly entries: readonly Entry[] };

/** Any of them. */
export type Message =
  | Prepare
  | PromiseReply
  | Reject
  | Heartbeat
  | Heard
  | Accept
  | Voted
  | Accepted
  | Chosen
  | Propose
  | Suggest
  | Fetch
  | Decided
  | SnapshotChunk;

const areEntries: Check = (value) => Array.isArray(value) && (value as readonly Json[]).every(isEntry);

const areSlots: Check = (value) => Array.isArray(value) && value.every(natural);

/** True for a well-formed message. */
export const isMessage = messageCheck<Message>({
  prepare: { ballot: natural },
  promise: { ballot: natural, applied: natural, votes: areVotes },
  reject: { ballot: natural, promised: natural },
  heartbeat: { ballot: natural, fastFrom: (value) => value === null || natural(value), applied: natural },
  heard: { ballot: natural, applied: natural },
  accept: { proposals: areVotes },
  voted: { votes: areVotes },
  accepted: { ballot: natural, slots: areSlots },
  chosen: { ballot: natural, slots: areSlots },
  propose: { entry: isEntry, delays: natural },
  suggest: { vote: (value) => areVotes(value === undefined ? value : [value]) },
  fetch: { from: natural, ...PART_FIELDS },
  decided: { from: natural, entries: areEntries },
  'snapshot-chunk': CHUNK_FIELDS,
});
