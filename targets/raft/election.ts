/**
 * Leader election (section 3.4) with the pre-vote phase (section 9.6) and the successor's side of leadership
 * transfer (section 3.10).
 *
 * A server whose election time-out passes first asks, without touching its term, whether a majority would
 * vote for it. So a server that was cut off comes back without deposing a leader that works. Nor are
 * real votes given while a leader is heard from, unless it asked for the election itself (a transfer).
 */
import type { NodeId } from '../../harness/node/program.ts';
import { ElectionTimer } from '../replicated-log/election-timer.ts';
import type { TimeoutNow, VoteReply, VoteRequest } from './messages.ts';
import { Replica } from './replica.ts';

/** Adds elections to a replica. */
export abstract class Election extends Replica {
  /** When to stand for election (section 3.4 and chapter 9). */
  private readonly electionTimer = new ElectionTimer(this.context, this.options.electionTimeoutMs);
  /** When a leader of this term was last heard from, on the monotonic clock. */
  private heardFromLeader = -Infinity;
  /** Started not long ago: before that it may have heard from a leader, whose lease still holds. */
  private mayOweLease = false;
  /** Who granted the vote or pre-vote now being held. */
  private granted = new Set<NodeId>();

  /** This server won the election of its term. */
  protected abstract leadershipGained(): void;

  /** Begins to watch for the leader's silence. */
  protected startElectionTimer(): void {
    this.mayOweLease = this.options.leaseReads;
    if (this.mayOweLease) this.heardFromLeader = this.context.clock.monotonic();
    this.electionTimer.start(() => this.electionTimedOut());
  }

  private electionTimedOut(): void {
    this.electionTimer.reset();
    // Learners, and servers that were removed, do not stand (section 4.2).
    const votes = this.electorate.voters.includes(this.context.id);
    if (this.role !== 'leader' && votes) this.stand('pre-candidate');
  }

  /** The leader of this term spoke. */
  protected followLeader(leader: NodeId): void {
    if (this.role !== 'follower' || this.leader !== leader) this.becomeFollower(this.term, leader);
    this.heardFromLeader = this.context.clock.monotonic();
    this.electionTimer.reset();
  }

  /** Asks for votes, or for pre-votes. The own vote counts, and goes out, only once it is durable. */
  private stand(role: 'pre-candidate' | 'candidate', transfer = false): void {
    this.role = role;
    this.granted = new Set();
    if (role === 'candidate') this.enterTerm(this.term + 1, this.context.id);
    else this.leader = null;
    const term = this.term;
    this.context.log.info(role === 'candidate' ? 'became-candidate' : 'became-pre-candidate', { term });
    this.storage.whenDurable(() => {
      if (this.role !== role || this.term !== term) return;
      this.requestVotes(role === 'pre-candidate', transfer);
      this.countVote(this.context.id);
    });
  }

  private requestVotes(preVote: boolean, transfer: boolean): void {
    const { lastIndex, lastTerm } = this.log;
    const term = preVote ? this.term + 1 : this.term;
    for (const peer of this.electorate.voters) {
      if (peer === this.context.id) continue;
      this.send(peer, { type: 'vote-request', term, preVote, transfer, lastIndex, lastTerm });
    }
  }

  /**
   * Answers a candidate: at most one vote a term, and only to a log that is up to date. Whoever asks: this log may not yet
   * say that the candidate, or this server itself, belongs to the cluster (section 4.1).
   */
  protected onVoteRequest(from: NodeId, request: VoteRequest): void {
    if (request.preVote) {
      this.onPreVoteRequest(from, request);
      return;
    }
    const free = this.vote === null || this.vote === from;
    const granted = request.term === this.term && free && this.isUpToDate(request);
    if (granted && this.vote === null) {
      this.vote = from;
      this.persistHardState();
      this.context.failPoint('vote-recorded');
      this.context.log.info('voted', { term: this.term, for: from });
    }
    if (granted) this.electionTimer.reset();
    this.reply(from, { type: 'vote-reply', term: this.term, preVote: false, granted });
  }

  /**
   * Section 4.2.3: whoever hears from a leader neither votes nor enters a new term for a candidate that does not, such as
   * a server that was removed and does not know it. Leases of leaders rest on this as well (section 6.4.1).
   */
  protected isDisruptive({ preVote, transfer }: VoteRequest): boolean {
    return !preVote && !transfer && this.hearsLeader();
  }

  /** Says what this server would vote. It promises nothing, so nothing is recorded. */
  private onPreVoteRequest(from: NodeId, request: VoteRequest): void {
    const granted = request.term > this.term && !this.hearsLeader() && this.isUpToDate(request);
    const term = granted ? request.term : this.term;
    this.reply(from, { type: 'vote-reply', term, preVote: true, granted });
  }

  /** Heard from a leader within the shortest election time-out: an election now would only disrupt it. */
  private hearsLeader(): boolean {
    if (this.role === 'leader') return true;
    const silence = this.context.clock.monotonic() - this.heardFromLeader;
    return (this.leader !== null || this.mayOweLease) && silence < this.options.electionTimeoutMs[0];
  }

  /**
   * Section 3.6.1, the election restriction: the candidate's log ends in a later term than this server's, or
   * in the same term and is at least as long. It is what keeps committed entries in every later leader.
   */
  protected isUpToDate({ lastTerm, lastIndex }: VoteRequest): boolean {
    return (
      lastTerm > this.log.lastTerm || (lastTerm === this.log.lastTerm && lastIndex >= this.log.lastIndex)
    );
  }

  /** Counts an answer to the vote or pre-vote that is being held. */
  protected onVoteReply(from: NodeId, reply: VoteReply): void {
    if (!reply.granted) return;
    const awaited = reply.preVote
      ? this.role === 'pre-candidate' && reply.term === this.term + 1
      : this.role === 'candidate' && reply.term === this.term;
    if (awaited) this.countVote(from);
  }

  private countVote(voter: NodeId): void {
    this.granted.add(voter);
    if (!this.electorate.hasQuorum(this.granted)) return;
    if (this.role === 'pre-candidate') this.stand('candidate');
    else this.becomeLeader();
  }

  private becomeLeader(): void {
    this.role = 'leader';
    this.leader = this.context.id;
    this.context.log.info('became-leader', { term: this.term });
    this.context.failPoint('became-leader');
    this.leadershipGained();
  }

  /** Section 3.10: the leader wants this server to succeed it, so it stands at once and without a pre-vote. */
  protected onTimeoutNow(message: TimeoutNow): void {
    if (message.term !== this.term || this.role === 'leader') return;
    this.electionTimer.reset();
    this.stand('candidate', true);
  }
}
