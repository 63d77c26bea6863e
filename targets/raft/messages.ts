/**
 * What Raft nodes say to each other. The RPCs of the dissertation are pairs of one-way messages here,
 * because the network promises no answers. Replies repeat what they answer (`round`, `previousIndex`,
 * `offset`), so that a late or duplicated one is recognised for what it is.
 */
import { isJsonObject, type Json } from '../../harness/json.ts';
import { flag, messageCheck, natural, string } from '../replicated-log/messages.ts';
import { isCommand } from '../replicated-log/state-machine.ts';
import type { Entry } from './log.ts';
import { isMembers, type Members } from './members.ts';

/** RequestVote (section 3.4); with `preVote` a question only, for the term that would come (section 9.6). */
export type VoteRequest = {
  readonly type: 'vote-request';
  readonly term: number;
  readonly preVote: boolean;
  /** The leader asked for this election, so it need not be protected from it. */
  readonly transfer: boolean;
  readonly lastIndex: number;
  readonly lastTerm: number;
};

/** Answer to a vote request. When a pre-vote is granted `term` is the one asked for, else the voter's own. */
export type VoteReply = {
  readonly type: 'vote-reply';
  readonly term: number;
  readonly preVote: boolean;
  readonly granted: boolean;
};

/** AppendEntries (section 3.5). Empty ones are heartbeats; all carry the round of section 6.4. */
export type AppendRequest = {
  readonly type: 'append-request';
  readonly term: number;
  readonly previousIndex: number;
  readonly previousTerm: number;
  readonly entries: readonly Entry[];
  readonly commitIndex: number;
  readonly round: number;
};

/** The follower's log agrees with the leader's up to `matchIndex`, and is on disk. */
export type AppendReply = {
  readonly type: 'append-reply';
  readonly term: number;
  readonly matchIndex: number;
  readonly round: number;
};

/**
 * The consistency check failed, with the back-up hint at the end of section 3.5: the follower's first index
 * of the conflicting term; or, with `conflictTerm` 0, the first index that its log lacks.
 */
export type AppendReject = {
  readonly type: 'append-reject';
  readonly term: number;
  readonly previousIndex: number;
  readonly conflictIndex: number;
  readonly conflictTerm: number;
  readonly round: number;
};

/** InstallSnapshot (chapter 5): one chunk of the text. The last one is answered by an AppendReply. */
export type SnapshotChunk = {
  readonly type: 'snapshot-chunk';
  readonly term: number;
  readonly snapshotIndex: number;
  readonly snapshotTerm: number;
  readonly members: Members;
  readonly offset: number;
  readonly text: string;
  readonly last: boolean;
};

/** The follower has the text up to `offset` and waits for what follows. */
export type SnapshotReply = {
  readonly type: 'snapshot-reply';
  readonly term: number;
  readonly snapshotIndex: number;
  readonly offset: number;
};

/** The leader asks its successor to stand for election at once (section 3.10). */
export type TimeoutNow = { readonly type: 'timeout-now'; readonly term: number };

/** Any of them. */
export type Message =
  | VoteRequest
  | VoteReply
  | AppendRequest
  | AppendReply
  | AppendReject
  | SnapshotChunk
  | SnapshotReply
  | TimeoutNow;

/** True for a list of well-formed entries. */
export function isEntries(value: Json | undefined): value is readonly Entry[] {
  return Array.isArray(value) && value.every(isEntry);
}

function isEntry(value: Json): boolean {
  if (!isJsonObject(value) || !natural(value.term)) return false;
  if (value.members !== undefined) return value.command === null && isMembers(value.members);
  return value.command === null || isCommand(value.command);
}

/** True for a well-formed message. */
export const isMessage = messageCheck<Message>({
  'vote-request': { term: natural, preVote: flag, transfer: flag, lastIndex: natural, lastTerm: natural },
  'vote-reply': { term: natural, preVote: flag, granted: flag },
  'append-request': {
    term: natural,
    previousIndex: natural,
    previousTerm: natural,
    entries: isEntries,
    commitIndex: natural,
    round: natural,
  },
  'append-reply': { term: natural, matchIndex: natural, round: natural },
  'append-reject': {
    term: natural,
    previousIndex: natural,
    conflictIndex: natural,
    conflictTerm: natural,
    round: natural,
  },
  'snapshot-chunk': {
    term: natural,
    snapshotIndex: natural,
    snapshotTerm: natural,
    members: isMembers,
    offset: natural,
    text: string,
    last: flag,
  },
  'snapshot-reply': { term: natural, snapshotIndex: natural, offset: natural },
  'timeout-now': { term: natural },
});
