/**
 * Wrong on purpose: a server that thinks it leads answers reads from its own state at once.
 *
 * Section 6.4 has a leader ask a majority first, because it may have been deposed without knowing it, and
 * wait for its own no-op, because its commit index may lag. Without that, reads are stale.
 */
import type { Json } from '../../../harness/json.ts';
import { raftProgram } from '../node.ts';
import { RaftNode } from '../raft.ts';
import type { Outcome } from '../state-machine.ts';

class LocalReads extends RaftNode {
  protected override read(key: Json): Promise<Outcome> {
    this.requireLeadership();
    return Promise.resolve({ ok: true, value: this.machine.read(key) });
  }
}

export const node = raftProgram(LocalReads);
