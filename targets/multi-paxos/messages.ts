/**
 * What Multi-Paxos nodes say to each other. Names are those of "The Part-Time Parliament" and "Paxos Made
 * Simple"; in "Paxos Made Moderately Complex" they are p1a, p1b, p2a and p2b.
 */
import { isJsonObject, type Json } from '../../harness/json.ts';
import type { Ballot } from '../replicated-log/ballots.ts';
import { messageCheck, natural } from '../replicated-log/messages.ts';
import {
  CHUNK_FIELDS,
  PART_FIELDS,
  type SnapshotChunk,
  type SnapshotPart,
} from '../replicated-log/snapshots.ts';
import { isCommand, type Command } from '../replicated-log/state-machine.ts';
import type { Accepted } from './log.ts';

/** What an acceptor accepted in one slot. */
export type Report = readonly [slot: number, ballot: Ballot, command: Command | null];

/** Phase 1a, for all slots from `from` on at once. */
export type Prepare = { readonly type: 'prepare'; readonly ballot: Ballot; readonly from: number };

/** Phase 1b: accepts nothing in earlier ballots any more, and tells what it accepted before. Slots up to `base` are gone. */
export type Promise = {
  readonly type: 'promise';
  readonly ballot: Ballot;
  readonly base: number;
  readonly accepted: readonly Report[];
};

/**
 * Phase 2a for the slots from `from` on. Without commands it is a heartbeat. All slots up to `chosen` are chosen, those
 * that the acceptor accepted in this ballot with the commands that it has. `delays` is a measurement and no part of the algorithm:
 * message delays from the commands' clients up to whoever receives this.
 */
export type Accept = {
  readonly type: 'accept';
  readonly ballot: Ballot;
  readonly from: number;
  readonly commands: readonly (Command | null)[];
  readonly chosen: number;
  readonly round: number;
  readonly delays: number;
};

/** Phase 2b: so many commands from that slot on are on disk, none for a heartbeat. `round` is the question's, `delays` one more. */
export type AcceptReply = {
  readonly type: 'accept-reply';
  readonly ballot: Ballot;
  readonly from: number;
  readonly count: number;
  readonly round: number;
  readonly delays: number;
};

/** An answer to a prepare or an accept of this ballot: a later one was promised. */
export type Nack = { readonly type: 'nack'; readonly ballot: Ballot; readonly promised: Ballot };

/** A replica lacks what was chosen from this slot on; it has so much of that snapshot. */
export type Learn = SnapshotPart & { readonly type: 'learn'; readonly from: number };

/** These were chosen, from this slot on. */
export type Chosen = {
  readonly type: 'chosen';
  readonly from: number;
  readonly entries: readonly Accepted[];
  /** How far the sender has got. */
  readonly chosen: number;
};

/** Any of them. */
export type Message = Prepare | Promise | Accept | AcceptReply | Nack | Learn | Chosen | SnapshotChunk;

const isValue = (value: Json | undefined): boolean => value === null || isCommand(value);
const listOf =
  (check: (item: Json) => boolean) =>
  (value: Json | undefined): boolean =>
    Array.isArray(value) && value.every(check);

function isReport(item: Json): boolean {
  if (!Array.isArray(item) || item.length !== 3) return false;
  const [slot, ballot, command] = item as readonly Json[];
  return natural(slot) && natural(ballot) && isValue(command);
}

/** True for a list of accepted values. */
export function areEntries(value: Json | undefined): value is readonly Accepted[] {
  return listOf((item) => isJsonObject(item) && natural(item.ballot) && isValue(item.command))(value);
}

/** True for a well-formed message. */
export const isMessage = messageCheck<Message>({
  prepare: { ballot: natural, from: natural },
  promise: { ballot: natural, base: natural, accepted: listOf(isReport) },
  accept: {
    ballot: natural,
    from: natural,
    commands: listOf(isValue),
    chosen: natural,
    round: natural,
    delays: natural,
  },
  'accept-reply': { ballot: natural, from: natural, count: natural, round: natural, delays: natural },
  nack: { ballot: natural, promised: natural },
  learn: { from: natural, ...PART_FIELDS },
  chosen: { from: natural, entries: areEntries, chosen: natural },
  'snapshot-chunk': CHUNK_FIELDS,
});
