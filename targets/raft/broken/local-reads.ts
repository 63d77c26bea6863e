/**
 * Wrong on purpose: a server that thinks it leads answers reads from its own state at once.
 *
 * Section 6.4 has a leader ask a majority first, because it may have been deposed without knowing it, and
 * wait for its own no-op, because its commit index may lag. Without that, reads are stale.
 */
import type { Outcome, Query } from '../../replicated-log/state-machine.ts';
import { raftProgram } from '../node.ts';
import { RaftNode } from '../raft.ts';

class LocalReads extends RaftNode {
  protected override read(query: Query): Promise<Outcome> {
    this.requireLeadership();
    return Promise.resolve(this.machine.read(query));
  }
}

export const node = raftProgram(LocalReads);
