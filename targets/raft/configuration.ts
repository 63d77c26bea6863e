/**
 * Who votes, and what a majority of them is. Quorums are counted here and nowhere else, so that membership
 * change (dissertation chapter 4) has one place to come to.
 */
import type { NodeId } from '../../harness/node/program.ts';

/** The voting members of a cluster. */
export class Configuration {
  readonly voters: readonly NodeId[];
  /** The fewest voters that are a majority. */
  readonly majority: number;

  constructor(voters: readonly NodeId[]) {
    this.voters = voters;
    this.majority = Math.floor(voters.length / 2) + 1;
  }

  /** True if these voters are a majority. */
  hasQuorum(ids: ReadonlySet<NodeId>): boolean {
    return this.voters.filter((voter) => ids.has(voter)).length >= this.majority;
  }

  /** The highest value that a majority has reached, by what each voter has reached. */
  reachedByQuorum(valueOf: (voter: NodeId) => number): number {
    const values = this.voters.map(valueOf).sort((a, b) => b - a);
    return values[this.majority - 1] ?? 0;
  }
}
