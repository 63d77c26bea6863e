/**
 * What a leader knows of one follower: how far its log agrees, what to send it next, and how much is on its
 * way. As in etcd's raft, a follower is in one of three states: it is probed with empty messages until the
 * place is found where the logs part; it is replicated to, several batches ahead of their answers (section
 * 10.2.1); or it is sent a snapshot.
 */
import type { LogOptions } from '../replicated-log/options.ts';
import { mayFollow, type Pipeline } from '../replicated-log/pipeline.ts';
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
  readonly #limits: Pick<LogOptions, 'maxInflight' | 'maxBatch' | 'gatherMs'>;
  #probing = true;
  #inflight = 0;
  #sentAt = 0;
  #heardSinceTick = false;

  constructor(next: number, now: number, limits: Pick<LogOptions, 'maxInflight' | 'maxBatch' | 'gatherMs'>) {
    this.next = next;
    this.heardAt = now;
    this.#limits = limits;
  }

  /** True if a message with entries may be sent now, given the end of the leader's log. */
  mayAppend(lastIndex: number, now: number): boolean {
    return this.#replicates && mayFollow(this.#pipeline(lastIndex), this.#limits, now);
  }

  /** True if entries wait that may be sent though no answer comes, only not yet. */
  gathers(lastIndex: number): boolean {
    return this.#replicates && mayFollow(this.#pipeline(lastIndex), this.#limits, Infinity);
  }

  get #replicates(): boolean {
    return !this.#probing && this.installing === null;
  }

  #pipeline(lastIndex: number): Pipeline {
    return { inflight: this.#inflight, waiting: lastIndex - this.next + 1, sentAt: this.#sentAt };
  }

  /** So many entries from `next` on were sent. */
  appended(count: number, now: number): void {
    this.#inflight += 1;
    this.#sentAt = now;
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
