/**
 * Wrong on purpose: promises are kept in memory only.
 *
 * Section 2.5 of Paxos Made Simple has an acceptor record its intended response in stable storage before it sends it.
 * One that restarts has forgotten the ballots below which it was to accept nothing, and lets an older proposal
 * through; a proposer that restarts has forgotten which ballots it used, and uses one for two values. Chandra, Griesemer and
 * Redstone tell of disks that lost such state in practice ("Paxos Made Live", PODC 2007, section 5.1).
 */
import { paxosProgram } from '../node.ts';
import { PaxosNode } from '../paxos.ts';

class VolatilePromise extends PaxosNode {
  protected override persistPromise(): void {
    // Nothing reaches the disk.
  }
}

export const node = paxosProgram(VolatilePromise);
