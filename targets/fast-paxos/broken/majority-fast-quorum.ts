/**
 * Wrong on purpose: a simple majority counts as a fast quorum.
 *
 * Section 3.1 of "Fast Paxos" requires that any two fast quorums and any classic quorum have a member in common. With three of
 * five, a recovery that hears two votes for each of two values cannot tell which of them the fifth acceptor made
 * chosen, and takes one that may be the other.
 */
import { fastPaxosProgram } from '../node.ts';
import { FastPaxosNode } from '../fast-paxos.ts';
import type { Quorums } from '../quorums.ts';

class MajorityFastQuorum extends FastPaxosNode {
  protected override quorumsFor(acceptors: number): Quorums {
    const quorums = super.quorumsFor(acceptors);
    return { ...quorums, fast: quorums.classic };
  }
}

export const node = fastPaxosProgram(MajorityFastQuorum);
