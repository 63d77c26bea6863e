/**
 * Which sets of acceptors can choose a value, and which value may still have been chosen: the arithmetic of Fast Paxos
 * (Lamport, "Fast Paxos", Distributed Computing 19(2), 2006; technical report MSR-TR-2005-112), on which all else rests.
 *
 * With n acceptors a classic quorum is any majority, c = ⌊n/2⌋ + 1. In a fast round acceptors vote for what reaches them first,
 * so that votes of one round may differ, and a majority is too few: whoever recovers asks a classic quorum Q, and must be
 * able to tell from its votes what may have been chosen. Of two values that a fast quorum each could have voted for, Q must
 * see that one was not: any two fast quorums and any classic quorum have a member in common (section 3.1, "Quorum
 * Requirement"), which by counting is 2f + c > 2n. The least such f is f = ⌊(2n - c) / 2⌋ + 1. (Section 3.4.1 has the same as
 * n - ⌊n/4⌋: it maximizes F, the faults that classic rounds survive, and then E, those that fast ones do.) That is
 * 3 of 3, 4 of 5, 6 of 7. So a cluster of five goes on in fast rounds without any one of its nodes, in classic rounds without any two.
 *
 * Phase 1 asks a classic quorum before a fast round as well: what its promises must meet are the quorums of the rounds before
 * (Howard, Charapko, Mortier, "Fast Flexible Paxos", ICDCN 2021).
 */
import type { Entry } from './entry.ts';
import { compareRounds, textOfEntry, type Vote } from './votes.ts';

/** Sizes of quorums. */
export interface Quorums {
  readonly acceptors: number;
  readonly classic: number;
  readonly fast: number;
}

/** The quorums of a cluster with so many acceptors. */
export function quorumsOf(acceptors: number): Quorums {
  const classic = Math.floor(acceptors / 2) + 1;
  return { acceptors, classic, fast: Math.floor((2 * acceptors - classic) / 2) + 1 };
}

/** A value, and those votes of one round that it got. */
export interface Tally {
  readonly entry: Entry;
  readonly text: string;
  readonly votes: readonly Vote[];
}

/** Votes of one round by value: the one with the most first, and of several the first by its text, so that all who count agree. */
export function tally(votes: readonly Vote[]): Tally[] {
  const byText = Map.groupBy(votes, ({ entry }) => textOfEntry(entry));
  return [...byText]
    .flatMap(([text, own]) => own.slice(0, 1).map(({ entry }) => ({ entry, text, votes: own })))
    .sort((a, b) => b.votes.length - a.votes.length || (a.text < b.text ? -1 : 1));
}

/** Those of the votes that were cast in the highest round. */
export function highestRound(votes: readonly Vote[]): Vote[] {
  const [first] = votes.toSorted((a, b) => compareRounds(b.round, a.round));
  return first === undefined ? [] : votes.filter(({ round }) => compareRounds(round, first.round) === 0);
}

/**
 * The rule of figure 2 (section 3.1; "O4"): what a coordinator that heard from `heard` acceptors, the votes of
 * some of them among it, may propose in a slot. Undefined: nothing can have been chosen and nobody voted, so anything.
 *
 * Only the highest round with a vote matters. With one value in it, that value. With several, the round was fast, and only a
 * value can have been chosen that all unheard acceptors together with its own voters could make a fast quorum for; by the
 * requirement above there is at most one. If there is none nothing was chosen, and any of them will do.
 */
export function choosableValue(votes: readonly Vote[], heard: number, quorums: Quorums): Entry | undefined {
  const tallies = tally(highestRound(votes));
  const unheard = quorums.acceptors - heard;
  const chosen = tallies.find((own) => own.votes.length + unheard >= quorums.fast);
  return (chosen ?? tallies[0])?.entry;
}

/**
 * True for a collision among the votes of a fast round (section 3.2): a fast quorum has voted, but not alike; or no value can
 * get one any more, whoever votes yet. The votes are enough to recover with.
 */
export function isCollision(votes: readonly Vote[], { acceptors, classic, fast }: Quorums): boolean {
  if (votes.length < classic) return false;
  const tallies = tally(votes);
  const most = tallies[0]?.votes.length ?? 0;
  return (votes.length >= fast && tallies.length > 1) || most + acceptors - votes.length < fast;
}
