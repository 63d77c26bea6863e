/**
 * Wrong on purpose: a new leader answers reads by its commit index before its own no-op is committed.
 *
 * Section 6.4, step 1: a leader has all committed entries, but does not know which they are until it has committed one of
 * its own term. Before that its commit index may lag behind what its predecessor acknowledged, however many confirm
 * that it leads, so the state that it reads is stale.
 */
import { raftProgram } from '../node.ts';
import { RaftNode } from '../raft.ts';

class EarlyReadIndex extends RaftNode {
  protected override readIndex(): number {
    return this.commitIndex;
  }
}

export const node = raftProgram(EarlyReadIndex);
