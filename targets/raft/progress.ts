/**
 * What a leader knows of one follower: how far its log agrees, what to send it next, and how much is on its
 * way. As in etcd's raft, a follower is in one of three states: it is probed with empty messages until the
 * place is found where the logs part; it is replicated to, several batches ahead of their answers (section
 * 10.2.1); or it is sent a snapshot.
 */
import type { Snapshot } from './storage.ts';

/** Progress of one follower. */
export class Progress {
  /** The follower's log is known to agree up to here, durably. */
  match = 0;
  /** The entry to send next. */
  next: number;
  /** The latest round of messages that the follower answered (section 6.4). */
  round = 0;
  /** When it last answered, on the monotonic clock. */
  heardAt: number;
  /** The snapshot that it is being sent, how much of the text it has, and when the next chunk was last sent. */
  installing: { readonly snapshot: Snapshot; offset: number; sentAt: number } | null = null;
  readonly #maxInflight: number;
  #probing = true;
  #inflight = 0;
  #heardSinceTick = false;

  constructor(next: number, now: number, maxInflight: number) {
    this.next = next;
    this.heardAt = now;
    this.#maxInflight = maxInflight;
  }

  /** True if a message with entries may be sent, given the end of the leader's log. */
  mayAppend(lastIndex: number): boolean {
    const free = !this.#probing && this.installing === null && this.#inflight < this.#maxInflight;
    return free && this.next <= lastIndex;
  }

  /** So many entries from `next` on were sent. */
  appended(count: number): void {
    this.#inflight += 1;
    this.next += count;
  }

  /** It answered anything at all, in the leader's term. */
  heard(now: number, round: number): void {
    this.heardAt = now;
    this.#heardSinceTick = true;
    this.round = Math.max(this.round, round);
  }

  /** Its log agrees up to here. */
  matched(index: number): void {
    this.match = Math.max(this.match, index);
    if (this.installing !== null && this.match < this.installing.snapshot.index) return;
    if (this.installing !== null || this.#probing) this.next = this.match + 1;
    this.next = Math.max(this.next, this.match + 1);
    this.#inflight = this.match + 1 === this.next ? 0 : Math.max(0, this.#inflight - 1);
    this.#probing = false;
    this.installing = null;
  }

  /**
   * It has no entry that agrees at `previousIndex`; try from `hint`. Answers whether that was news: a late
   * answer to an old message changes nothing.
   */
  mismatched(previousIndex: number, hint: number): boolean {
    const late = this.#probing ? previousIndex !== this.next - 1 : previousIndex <= this.match;
    if (!late) this.#probe(Math.max(this.match + 1, Math.min(hint, previousIndex)));
    return !late;
  }

  /** One heartbeat interval passed. If nothing came back in it, what was on its way counts as lost. */
  tick(): void {
    if (!this.#heardSinceTick) this.#probe(this.#probing ? this.next : this.match + 1);
    this.#heardSinceTick = false;
  }

  #probe(next: number): void {
    this.next = next;
    this.installing = null;
    this.#probing = true;
    this.#inflight = 0;
  }
}
