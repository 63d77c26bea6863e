/**
 * Wrong on purpose: a leader that once had a lease trusts it for as long as it has not heard of another leader.
 *
 * A process may stand still at any moment, between looking at the clock and using what it saw, for longer than a lease lasts (Gray and
 * Cheriton, "Leases", 1989; Kleppmann, "How to do distributed locking", 2016). So the clock must be looked at for each
 * read. A leader that wakes up, or is cut off, answers with the past.
 */
import { PaxosNode } from '../multi-paxos.ts';
import { paxosProgram } from '../node.ts';

/** Before this every lease is still good. */
const LONG_AGO = 0;

class LeaseAfterPause extends PaxosNode {
  protected override holdsLease(): boolean {
    return this.lease.holds(LONG_AGO);
  }

  protected override hearsQuorum(): boolean {
    return true;
  }
}

export const node = paxosProgram(LeaseAfterPause, { readLeases: true });
