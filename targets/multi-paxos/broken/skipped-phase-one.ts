/**
 * Wrong on purpose: a new leader takes what was reported for the slots that it knows, and all later ones for free.
 *
 * Paxos Made Simple, section 3: phase 1 is executed for all slots, also those in which the new leader itself has accepted
 * nothing; there others may have, and what they accepted may be chosen. It is the mistake of who runs phase 1 "up to the end of the log".
 */
import type { Command } from '../../replicated-log/state-machine.ts';
import type { Reports } from '../candidate.ts';
import { PaxosNode } from '../multi-paxos.ts';
import { paxosProgram } from '../node.ts';

class SkippedPhaseOne extends PaxosNode {
  protected override openSlots(reports: Reports): ReadonlyMap<number, Command | null> {
    return new Map([...super.openSlots(reports)].filter(([slot]) => slot <= this.log.last));
  }
}

export const node = paxosProgram(SkippedPhaseOne);
