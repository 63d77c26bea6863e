/**
 * Linearizable reads without a log entry (section 6.4): by ReadIndex, and, as an option, under a lease (section 6.4.1), which
 * costs no message and rests on clocks that run at about the same rate.
 */
import { ReadQueue } from '../replicated-log/read-queue.ts';
import type { Outcome, Query } from '../replicated-log/state-machine.ts';
import { Reconfiguration } from './reconfiguration.ts';

/** The share of the shortest election time-out for which a lease holds: clocks may differ in rate by the rest. */
const LEASE_SHARE = 0.9;

/** Adds reads. */
export abstract class Reads extends Reconfiguration {
  private readonly reads = new ReadQueue();

  /** Reads the state that holds every command committed before the read came: this server still led then, as the round proves. */
  protected read(query: Query): Promise<Outcome> {
    this.requireLeadership();
    if (this.holdsLease()) return Promise.resolve(this.machine.read(query));
    return new Promise((resolve, reject) => {
      this.reads.add({ query, index: this.readIndex(), round: this.round + 1, resolve, reject });
      this.leaderAdvanced();
    });
  }

  /** Not below the no-op: until it commits, the commit index may lag behind that of an earlier leader (section 6.4, step 1). */
  protected readIndex(): number {
    return Math.max(this.commitIndex, this.noopIndex);
  }

  /**
   * No other server can have been elected yet: a majority heard from this leader so short a time ago that it still refuses its
   * votes (election.ts). A successor that was asked to stand is exempt from that, so a transfer ends all leases of its term.
   */
  protected holdsLease(): boolean {
    if (!this.options.leaseReads || this.gaveUpLease || this.applied.index < this.readIndex()) return false;
    const confirmed = this.roundStarted(this.confirmedRound());
    const ends = confirmed + LEASE_SHARE * this.options.electionTimeoutMs[0];
    return this.context.clock.monotonic() < ends;
  }

  /** Whether somebody may be elected in spite of the lease. */
  protected abstract get gaveUpLease(): boolean;

  /** Answers the reads that may be answered. One round serves all that came before it; the rest share the next. */
  protected override leaderAdvanced(): void {
    super.leaderAdvanced();
    if (this.reads.isEmpty) return;
    const confirmed = this.confirmedRound();
    this.reads.answer(this.machine, confirmed, this.applied.index);
    if (confirmed === this.round && this.reads.needsRoundAfter(confirmed)) this.beginRound();
  }

  protected override leadershipLost(): void {
    super.leadershipLost();
    this.reads.rejectAll(this.notLeader());
  }
}
