/**
 * Wrong on purpose: a server that enters a new term keeps the vote that it gave in an old one.
 *
 * Section 3.4: a server votes for at most one candidate in a term, so every term is a new vote ("thereby resetting
 * votedFor", as J. Gjengset's "Students' Guide to Raft" reminds those who forget it). Nothing unsafe comes of it; but once
 * everybody has voted for a server that dies, or for itself, nobody is elected any more.
 */
import type { NodeId } from '../../../harness/node/program.ts';
import { raftProgram } from '../node.ts';
import { RaftNode } from '../raft.ts';

class KeptVote extends RaftNode {
  protected override enterTerm(term: number, vote: NodeId | null): void {
    super.enterTerm(term, vote ?? this.vote);
  }
}

export const node = raftProgram(KeptVote);
