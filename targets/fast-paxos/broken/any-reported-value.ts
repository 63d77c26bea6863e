/**
 * Wrong on purpose: recovery takes the first value that was reported to it.
 *
 * In classic Paxos the votes of a round are for one value, and any of them will do. In a fast round they differ, and section 3.1
 * of "Fast Paxos" ("O4") has the coordinator take the one value that a fast quorum may have voted for.
 */
import type { Entry } from '../entry.ts';
import { fastPaxosProgram } from '../node.ts';
import { FastPaxosNode } from '../fast-paxos.ts';
import { highestRound } from '../quorums.ts';
import type { Vote } from '../votes.ts';

class AnyReportedValue extends FastPaxosNode {
  protected override valueToRecover(votes: readonly Vote[], heard: number): Entry {
    return highestRound(votes)[0]?.entry ?? super.valueToRecover(votes, heard);
  }
}

export const node = fastPaxosProgram(AnyReportedValue);
