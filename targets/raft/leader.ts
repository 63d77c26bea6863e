/**
 * The leader's side of log replication: heartbeats, AppendEntries in pipelined batches (sections 3.5 and
 * 10.2), the commitment rule (section 3.6.2), snapshots for followers that are too far behind (chapter 5),
 * and the rounds of messages by which a leader learns that it still leads (section 6.4).
 */
import type { NodeId } from '../../harness/node/program.ts';
import { Follower } from './follower.ts';
import type { Entry } from './log.ts';
import type { AppendReject, AppendReply, SnapshotReply } from './messages.ts';
import { Progress } from './progress.ts';

/**
 * A leader that no majority answers steps down after so many of the longest election time-outs. Safety does
 * not rest on it (commitment and ReadIndex ask a majority each time), only availability: clients of a cut-off
 * leader are turned away sooner. It is generous so that a short pause of the majority costs no election.
 */
const QUORUM_SILENCE = 3;

/** Adds what leaders do with their log. */
export abstract class Leader extends Follower {
  /** Each follower's progress; empty unless this server leads. */
  protected progress: ReadonlyMap<NodeId, Progress> = new Map();
  /** The no-op with which this server's leadership began. */
  protected noopIndex = 0;
  /** The last round of messages sent to all. Never reset, so that no answer counts for a later leadership. */
  protected round = 0;
  /** When the rounds began that a majority may still have to answer, and the last that it has. */
  private starts: { readonly round: number; readonly at: number }[] = [];
  /** The own log is on disk up to here. */
  private durableIndex = 0;
  private replicationPlanned = false;
  /** Entries for some follower wait until there are more. */
  private gathering = false;

  /** A heartbeat interval of this leadership passed. */
  protected abstract leaderTicked(): void;

  /** A follower's progress changed, or the commit index moved. */
  protected abstract leaderAdvanced(): void;

  protected override leadershipGained(): void {
    this.progress = new Map();
    this.durableIndex = 0;
    this.followMembers();
    this.noopIndex = this.append({ command: null });
    this.beginRound();
    this.armHeartbeat(this.term);
  }

  protected override leadershipLost(): void {
    this.progress = new Map();
  }

  /** Sends the log to those who belong to the cluster now, and to nobody else. */
  private followMembers(): void {
    const { id } = this.context;
    const fresh = (): Progress =>
      new Progress(this.log.lastIndex + 1, this.context.clock.monotonic(), this.options);
    const others = this.electorate.replicas.filter((replica) => replica !== id);
    this.progress = new Map(others.map((peer) => [peer, this.progress.get(peer) ?? fresh()]));
  }

  private armHeartbeat(term: number): void {
    this.context.timers.after(this.options.heartbeatMs, () => {
      if (this.role !== 'leader' || this.term !== term) return;
      this.tick();
      this.armHeartbeat(term);
    });
  }

  private tick(): void {
    if (!this.hearsQuorum()) {
      this.context.log.warn('quorum-lost', { term: this.term });
      this.becomeFollower(this.term, null);
      return;
    }
    const unanswered = this.context.clock.monotonic() - this.options.heartbeatMs;
    for (const [peer, progress] of this.progress) {
      progress.tick();
      if (progress.installing !== null && progress.installing.sentAt <= unanswered)
        this.sendChunk(peer, progress);
    }
    this.beginRound();
    this.leaderTicked();
  }

  private hearsQuorum(): boolean {
    const since = this.context.clock.monotonic() - QUORUM_SILENCE * this.options.electionTimeoutMs[1];
    const heard = [...this.progress].filter(([, { heardAt }]) => heardAt >= since).map(([peer]) => peer);
    return this.electorate.hasQuorum(new Set([this.context.id, ...heard]));
  }

  /**
   * Appends an entry of this term to the own log and answers its index. A change of members holds from now on. The disk and the followers are asked
   * at the same time (section 10.2.1), so the leader counts itself only when its own write is durable.
   */
  protected append(content: Omit<Entry, 'term'>): number {
    const index = this.log.lastIndex + 1;
    const { term } = this;
    this.storage.saveEntries(index, [{ term, ...content }]);
    if (content.members !== undefined) this.followMembers();
    this.context.failPoint('leader-appended');
    this.storage.whenDurable(() => {
      if (this.role !== 'leader' || this.term !== term) return;
      this.context.failPoint('leader-synced');
      this.durableIndex = Math.max(this.durableIndex, index);
      this.advanceCommitIndex();
    });
    this.planReplication();
    return index;
  }

  /** Sends to everyone when this turn of the event loop is over, so that all it appends goes together. */
  private planReplication(): void {
    if (this.replicationPlanned) return;
    this.replicationPlanned = true;
    queueMicrotask(() => {
      this.replicationPlanned = false;
      for (const [peer, progress] of this.progress) this.replicate(peer, progress);
    });
  }

  /** Sends as many batches as may be on their way. */
  private replicate(peer: NodeId, progress: Progress): void {
    while (progress.mayAppend(this.log.lastIndex, this.context.clock.monotonic())) {
      if (this.log.termAt(progress.next - 1) === undefined) this.beginInstalling(peer, progress);
      else this.sendNext(peer, progress);
    }
    if (progress.gathers(this.log.lastIndex)) this.gather();
  }

  /** Lets entries gather for a while, and sends them then (section 10.2.2). */
  private gather(): void {
    if (this.gathering) return;
    this.gathering = true;
    this.context.timers.after(this.options.gatherMs, () => {
      this.gathering = false;
      this.planReplication();
    });
  }

  /** A message to everyone, with entries where some may be sent: a heartbeat, and the question of section 6.4. */
  protected beginRound(): void {
    this.round += 1;
    this.starts.push({ round: this.round, at: this.context.clock.monotonic() });
    for (const [peer, progress] of this.progress) this.sendNext(peer, progress);
    this.leaderAdvanced();
  }

  private sendNext(peer: NodeId, progress: Progress): void {
    const previousIndex = progress.next - 1;
    const previousTerm = this.log.termAt(previousIndex);
    if (progress.installing !== null || previousTerm === undefined) {
      // Every log agrees with the empty one, so this says "I lead" and nothing else.
      this.sendAppend(peer, 0, 0, []);
      return;
    }
    const now = this.context.clock.monotonic();
    const more = progress.mayAppend(this.log.lastIndex, now);
    const entries = more ? this.log.slice(progress.next, this.options.maxBatch) : [];
    if (more) progress.appended(entries.length, now);
    this.sendAppend(peer, previousIndex, previousTerm, entries);
  }

  private sendAppend(
    to: NodeId,
    previousIndex: number,
    previousTerm: number,
    entries: readonly Entry[],
  ): void {
    const { term, commitIndex, round } = this;
    const type = 'append-request';
    this.send(to, { type, term, previousIndex, previousTerm, entries, commitIndex, round });
  }

  protected onAppendReply(from: NodeId, reply: AppendReply): void {
    const progress = this.answered(from, reply.term, reply.round);
    if (progress === undefined) return;
    progress.matched(reply.matchIndex);
    this.advanceCommitIndex();
    this.replicate(from, progress);
  }

  /** Backs up: to the end of the conflicting term if this log has it, else over the whole of it (section 3.5). */
  protected onAppendReject(from: NodeId, reject: AppendReject): void {
    const progress = this.answered(from, reject.term, reject.round);
    if (progress === undefined) return;
    const { conflictIndex, conflictTerm } = reject;
    const shared = conflictTerm === 0 ? undefined : this.log.lastIndexOfTerm(conflictTerm);
    const hint = shared === undefined ? conflictIndex : shared + 1;
    if (progress.mismatched(reject.previousIndex, hint)) this.sendNext(from, progress);
    this.leaderAdvanced();
  }

  protected onSnapshotReply(from: NodeId, { term, snapshotIndex, offset }: SnapshotReply): void {
    const progress = this.answered(from, term, 0);
    if (progress?.installing?.snapshot.index !== snapshotIndex) return;
    progress.installing.offset = offset;
    this.sendChunk(from, progress);
  }

  /** The progress of a follower whose answer belongs to this leadership. */
  private answered(from: NodeId, term: number, round: number): Progress | undefined {
    if (this.role !== 'leader' || term !== this.term) return undefined;
    const progress = this.progress.get(from);
    progress?.heard(this.context.clock.monotonic(), round);
    return progress;
  }

  /** Commits what a majority holds, if the rule below allows it. */
  private advanceCommitIndex(): void {
    const index = this.replicatedIndex();
    if (index > this.commitIndex && this.mayCommit(index)) {
      this.commitTo(index);
      // Nobody has been told yet.
      this.context.failPoint('leader-committed');
    }
    this.leaderAdvanced();
  }

  /** The last entry that a majority has on disk. */
  protected replicatedIndex(): number {
    const { id } = this.context;
    return this.electorate.reachedByQuorum((voter) =>
      voter === id ? this.durableIndex : (this.progress.get(voter)?.match ?? 0),
    );
  }

  /**
   * Section 3.6.2: only entries of the leader's own term are committed by counting replicas; earlier ones are
   * committed with them. An older entry on a majority can still be overwritten (figure 3.7).
   */
  protected mayCommit(index: number): boolean {
    return this.log.termAt(index) === this.term;
  }

  /** When this round, which a majority has answered, began; on the monotonic clock, -Infinity if that is not known. */
  protected roundStarted(round: number): number {
    const [first] = this.starts.filter((start) => start.round === round);
    return first?.at ?? -Infinity;
  }

  /** The last round that a majority answered: when it began, no later leader had been elected. */
  protected confirmedRound(): number {
    const { id } = this.context;
    const confirmed = this.electorate.reachedByQuorum((voter) =>
      voter === id ? this.round : (this.progress.get(voter)?.round ?? 0),
    );
    if ((this.starts[0]?.round ?? confirmed) < confirmed)
      this.starts = this.starts.filter(({ round }) => round >= confirmed);
    return confirmed;
  }

  /** The entries that this follower lacks are compacted away: it gets the newest snapshot. */
  private beginInstalling(peer: NodeId, progress: Progress): void {
    const { snapshot } = this.storage;
    if (snapshot === null)
      throw new Error(`the log begins after ${this.log.baseIndex}, but there is no snapshot`);
    progress.installing = { snapshot, offset: 0, sentAt: 0 };
    this.context.log.info('snapshot-sent', { to: peer, index: snapshot.index });
    this.sendChunk(peer, progress);
  }

  private sendChunk(to: NodeId, { installing }: Progress): void {
    if (installing === null) return;
    installing.sentAt = this.context.clock.monotonic();
    const { snapshot, offset } = installing;
    const end = offset + this.options.snapshotChunk;
    this.send(to, {
      type: 'snapshot-chunk',
      term: this.term,
      snapshotIndex: snapshot.index,
      snapshotTerm: snapshot.term,
      members: snapshot.members,
      offset,
      text: snapshot.state.slice(offset, end),
      last: end >= snapshot.state.length,
    });
  }
}
