/**
 * Wrong on purpose: a proposer that has a value proposes it, whatever the promises report.
 *
 * This is phase 1 without its point: P2b of Paxos Made Simple (section 2.2), "if a proposal with value v is chosen,
 * then every higher-numbered proposal issued by any proposer has value v", rests on the reported values being adopted.
 */
import type { Json } from '../../../harness/json.ts';
import type { Proposal } from '../messages.ts';
import { paxosProgram } from '../node.ts';
import { PaxosNode } from '../paxos.ts';

class OwnValue extends PaxosNode {
  protected override valueToPropose(reported: readonly Proposal[], own: Json | undefined): Json | undefined {
    return own ?? super.valueToPropose(reported, own);
  }
}

export const node = paxosProgram(OwnValue);
