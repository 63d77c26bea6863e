/**
 * Wrong on purpose: an acceptor keeps its promise in memory only.
 *
 * "An acceptor must remember them in stable storage" (Paxos Made Simple, section 2.5). One that restarts has forgotten what it
 * promised, and accepts in ballots that it had given up; so two ballots can have different commands chosen in a slot. And a
 * proposer that has forgotten its own ballots takes them again.
 */
import { PaxosNode } from '../multi-paxos.ts';
import { paxosProgram } from '../node.ts';

class VolatilePromise extends PaxosNode {
  protected override persistPromise(): void {
    // Nothing reaches the disk.
  }
}

export const node = paxosProgram(VolatilePromise);
