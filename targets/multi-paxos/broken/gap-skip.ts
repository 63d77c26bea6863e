/**
 * Wrong on purpose: a leader executes what is chosen at once, past slots of which that is not known yet.
 *
 * Paxos Made Simple, section 3: "the leader cannot execute" a command before it knows what all earlier slots hold. Slots are
 * filled independently and may be chosen in any order; a leader that does not wait executes them in another order than the others do.
 */
import { PaxosNode } from '../multi-paxos.ts';
import { paxosProgram } from '../node.ts';

class GapSkip extends PaxosNode {
  protected override mayApply(): boolean {
    return true;
  }
}

export const node = paxosProgram(GapSkip);
