/**
 * Who votes, and what a majority of them is. Majorities are counted here and nowhere else: any two of them have
 * a member in common, on which every protocol in this folder's neighbours rests.
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

  /** The highest value from 0 that a majority has reached, by what each voter has reached. */
  reachedByQuorum(valueOf: (voter: NodeId) => number): number {
    const values = this.voters.map(valueOf);
    let reached = 0;
    // Counting, as every answer to a leader comes through here, and sorting would take twice as long.
    for (const value of values) {
      if (value <= reached) continue;
      let holders = 0;
      for (const other of values) if (other >= value) holders++;
      if (holders >= this.majority) reached = value;
    }
    return reached;
  }
}
