/**
 * Wrong on purpose: a leader takes what is in its own log for committed, and answers before replicating it.
 *
 * Section 3.5: an entry is committed once a majority has stored it. An entry that only the leader has is lost
 * with the leader, although its client was told that it is done.
 */
import { raftProgram } from '../node.ts';
import { RaftNode } from '../raft.ts';

class EarlyAck extends RaftNode {
  protected override replicatedIndex(): number {
    return this.log.lastIndex;
  }
}

export const node = raftProgram(EarlyAck);
