/**
 * Wrong on purpose: a leader changes the members before it has committed an entry of its own term.
 *
 * The dissertation's section 4.1 itself left that out (D. Ongaro, "bug in single-server membership changes", raft-dev, July
 * 2015). Two leaders, one after the other, can each take the same old configuration for the latest, and each change it by one
 * server: two majorities of the results need have nobody in common.
 */
import { raftProgram } from '../node.ts';
import { RaftNode } from '../raft.ts';

class EarlyChange extends RaftNode {
  protected override mayChangeMembers(): boolean {
    return this.log.membersIndex <= this.commitIndex;
  }
}

export const node = raftProgram(EarlyChange);
