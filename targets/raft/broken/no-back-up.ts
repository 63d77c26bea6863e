/**
 * Wrong on purpose: a leader takes every rejection of its entries for an old one, and asks for the same place again.
 *
 * Section 3.5: "after a rejection, the leader decrements nextIndex and retries". A follower that lags when a leader
 * is elected never catches up otherwise. Nothing is lost, until a majority without that follower is not to be had.
 */
import type { NodeId } from '../../../harness/node/program.ts';
import type { AppendReject } from '../messages.ts';
import { raftProgram } from '../node.ts';
import { RaftNode } from '../raft.ts';

/** Before every log; so no question that is now open was about it. */
const LONG_AGO = -1;

class NoBackUp extends RaftNode {
  protected override onAppendReject(from: NodeId, reject: AppendReject): void {
    super.onAppendReject(from, { ...reject, previousIndex: LONG_AGO });
  }
}

export const node = raftProgram(NoBackUp);
