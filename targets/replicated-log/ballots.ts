/**
 * Ballots: what orders the attempts to have values chosen. "Different proposers choose their numbers from disjoint
 * sets" ("Paxos Made Simple", section 2.2), so a ballot has at most one proposer: it is a round and a node,
 * made one number that orders as (round, node) does.
 */
import type { NodeId } from '../../harness/node/program.ts';

/** A ballot; greater is later. */
export type Ballot = number;

/** Before every ballot. */
export const NO_BALLOT: Ballot = 0;

/** The ballots of a cluster. All nodes must be given the same ids. */
export class Ballots {
  readonly #ids: readonly NodeId[];

  constructor(ids: readonly NodeId[]) {
    this.#ids = [...ids].sort();
  }

  /** The first ballot of this node after that one. */
  next(after: Ballot, id: NodeId): Ballot {
    return (this.#round(after) + 1) * this.#ids.length + this.#ids.indexOf(id);
  }

  /** A ballot in words: round and node. */
  text(ballot: Ballot): string {
    return `${this.#round(ballot)}.${this.proposerOf(ballot)}`;
  }

  /** Whose ballot this is. */
  proposerOf(ballot: Ballot): NodeId {
    return this.#ids[ballot % this.#ids.length] ?? '';
  }

  #round(ballot: Ballot): number {
    return Math.floor(ballot / this.#ids.length);
  }
}
