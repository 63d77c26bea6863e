/**
 * Wrong on purpose: a leader commits entries of earlier terms by counting replicas.
 *
 * Section 3.6.2 and figure 3.7 (figure 8 of Ongaro and Ousterhout 2014): an entry of an old term on a majority can still be
 * overwritten by a server whose log ends in a later one. It takes several leaders in turn, each cut off or dead at the
 * right moment, to see it, which is why it is the mistake that tests miss.
 */
import { raftProgram } from '../node.ts';
import { RaftNode } from '../raft.ts';

class OldTermCommit extends RaftNode {
  protected override mayCommit(): boolean {
    return true;
  }
}

export const node = raftProgram(OldTermCommit);
