/**
 * Wrong on purpose: the value of the first promise that reports one is proposed.
 *
 * P2c of Paxos Made Simple (section 2.2) asks for the value of the highest-numbered proposal among those reported. A
 * lower one may be left over from a ballot that was never chosen, while the highest may be chosen already.
 */
import type { Json } from '../../../harness/json.ts';
import type { Proposal } from '../messages.ts';
import { paxosProgram } from '../node.ts';
import { PaxosNode } from '../paxos.ts';

class FirstValue extends PaxosNode {
  protected override valueToPropose([first]: readonly Proposal[], own: Json | undefined): Json | undefined {
    return first === undefined ? own : first.value;
  }
}

export const node = paxosProgram(FirstValue);
