/**
 * Wrong on purpose: votes, and pre-votes, go to any candidate, however old its log.
 *
 * Section 3.6.1 lets a server vote only for a log at least as up to date as its own. Without that a leader
 * can lack committed entries, and its followers give theirs up for its log.
 */
import { raftProgram } from '../node.ts';
import { RaftNode } from '../raft.ts';

class StaleVote extends RaftNode {
  protected override isUpToDate(): boolean {
    return true;
  }
}

export const node = raftProgram(StaleVote);
