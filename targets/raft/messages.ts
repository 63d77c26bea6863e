/**
 * What Raft nodes say to each other. The RPCs of the dissertation are pairs of one-way messages here,
 * because the network promises no answers. Replies repeat what they answer (`round`, `previousIndex`,
 * `offset`), so that a late or duplicated one is recognised for what it is.
 *
 * Messages are checked as they come in: a node of another version or a damaged message must not put a
 * string where a term is expected. A message that does not fit is dropped, which Raft takes for a loss.
 */
import { isJsonObject, type Json } from '../../harness/json.ts';
import { isCommand } from '../replicated-log/state-machine.ts';
import type { Entry } from './log.ts';

/** RequestVote (section 3.4); with `preVote` a question only, for the term that would come (section 9.6). */
export type VoteRequest = {
  readonly type: 'vote-request';
  readonly term: number;
  readonly preVote: boolean;
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

type Check = (value: Json | undefined) => boolean;

const natural: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const flag: Check = (value) => typeof value === 'boolean';
const string: Check = (value) => typeof value === 'string';

/** True for a list of well-formed entries. */
export function isEntries(value: Json | undefined): value is readonly Entry[] {
  return Array.isArray(value) && value.every(isEntry);
}

function isEntry(value: Json): boolean {
  return isJsonObject(value) && natural(value.term) && (value.command === null || isCommand(value.command));
}

/** Field by field; the compiler holds this table and the types above together. */
const FIELDS: { readonly [T in Message as T['type']]: { readonly [F in Exclude<keyof T, 'type'>]: Check } } =
  {
    'vote-request': { term: natural, preVote: flag, lastIndex: natural, lastTerm: natural },
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
      offset: natural,
      text: string,
      last: flag,
    },
    'snapshot-reply': { term: natural, snapshotIndex: natural, offset: natural },
    'timeout-now': { term: natural },
  };

/** The same by type, as lists. */
const CHECKS = new Map(
  Object.entries(FIELDS).map(([type, fields]) => [type, Object.entries<Check>(fields)] as const),
);

/** True for a well-formed message. */
export function isMessage(value: Json): value is Message {
  if (!isJsonObject(value) || typeof value.type !== 'string') return false;
  const checks = CHECKS.get(value.type);
  return checks !== undefined && checks.every(([name, check]) => check(value[name]));
}
