/**
 * Wrong on purpose: term and vote are kept in memory only.
 *
 * Section 3.8 requires both on stable storage before a server answers. A server that restarts has forgotten
 * whom it voted for and votes again in the same term, so a term can have two leaders.
 */
import { raftProgram } from '../node.ts';
import { RaftNode } from '../raft.ts';

class VolatileVote extends RaftNode {
  protected override persistHardState(): void {
    // Nothing reaches the disk.
  }
}

export const node = raftProgram(VolatileVote);
