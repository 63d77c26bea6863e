/**
 * Wrong on purpose: a new leader adopts what the first promise reports, and does not look at the others.
 *
 * Paxos Made Simple, section 2.2, P2c asks for the highest-numbered proposal among those of a majority. The first promise may
 * report one that was never chosen, or none where another acceptor reports the one that was; either replaces what was chosen.
 * ("Adopt the value that comes back with a promise" is how Paxos is often retold.)
 */
import type { Command } from '../../replicated-log/state-machine.ts';
import type { Reports } from '../candidate.ts';
import { PaxosNode } from '../multi-paxos.ts';
import { paxosProgram } from '../node.ts';

class FirstValue extends PaxosNode {
  protected override openSlots(reports: Reports): ReadonlyMap<number, Command | null> {
    return super.openSlots(new Map([...reports].slice(0, 1)));
  }
}

export const node = paxosProgram(FirstValue);
