/**
 * The arithmetic of fast quorums, against all ways in which acceptors can vote: what was chosen, or may yet be, is what
 * recovery takes, whichever classic quorum it hears; with a smaller fast quorum it is not.
 */
import assert from 'node:assert/strict';
import type { Entry } from '../../../../targets/fast-paxos/entry.ts';
import {
  choosableValue,
  isCollision,
  quorumsOf,
  type Quorums,
} from '../../../../targets/fast-paxos/quorums.ts';
import type { Round, Vote } from '../../../../targets/fast-paxos/votes.ts';

const entryOf = (id: string): Entry => ({ id, command: null, query: null });
const roundOf = (step: number, fast = true): Round => ({ ballot: 1, step, fast });
const votesFor = (ids: readonly string[], round = roundOf(1)): Vote[] =>
  ids.map((id) => ({ slot: 1, round, entry: entryOf(id), delays: 2 }));

/** All lists of that length over these values. */
function lists(values: readonly string[], length: number): string[][] {
  if (length === 0) return [[]];
  return lists(values, length - 1).flatMap((rest) => values.map((value) => [...rest, value]));
}

/** All ways to choose so many of the positions from 0. */
function subsets(of: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]];
  return Array.from({ length: of - from }, (_, index) => from + index).flatMap((first) =>
    subsets(of, size - 1, first + 1).map((rest) => [first, ...rest]),
  );
}

/** Cases in which somebody could have seen a value chosen, and recovery takes another. `-` has not voted. */
function wrongRecoveries(quorums: Quorums): number {
  const { acceptors, classic, fast } = quorums;
  let wrong = 0;
  for (const votes of lists(['a', 'b', 'c', '-'], acceptors)) {
    for (const value of ['a', 'b', 'c']) {
      if (votes.filter((vote) => vote === value).length < fast) continue;
      for (const heard of subsets(acceptors, classic)) {
        const told = heard.map((acceptor) => votes[acceptor] ?? '-').filter((vote) => vote !== '-');
        if (choosableValue(votesFor(told), classic, quorums)?.id !== value) wrong += 1;
      }
    }
  }
  return wrong;
}

describe('fast quorums', () => {
  it('should be the smallest of which two and a classic quorum always meet', () => {
    const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((acceptors) => quorumsOf(acceptors));
    assert.deepEqual(
      sizes.map(({ classic, fast }) => [classic, fast]),
      [
        [1, 1],
        [2, 2],
        [2, 3],
        [3, 3],
        [3, 4],
        [4, 5],
        [4, 6],
        [5, 6],
        [5, 7],
      ],
    );
    for (const { acceptors, classic, fast } of sizes) {
      assert.ok(2 * fast + classic > 2 * acceptors);
      assert.ok(2 * (fast - 1) + classic <= 2 * acceptors);
      if (acceptors > 2) assert.equal(fast, Math.ceil((3 * acceptors) / 4));
    }
  });

  for (const acceptors of [3, 4, 5]) {
    it(`should let recovery find whatever may have been chosen by ${acceptors} acceptors, and not be smaller`, () => {
      const quorums = quorumsOf(acceptors);
      assert.equal(wrongRecoveries(quorums), 0);
      assert.ok(wrongRecoveries({ ...quorums, fast: quorums.fast - 1 }) > 0);
    });
  }

  it('should go by the highest round alone, and by nothing if nobody voted', () => {
    const quorums = quorumsOf(5);
    const votes = [...votesFor(['a', 'a'], roundOf(1)), ...votesFor(['b'], roundOf(2, false))];
    assert.equal(choosableValue(votes, 3, quorums)?.id, 'b');
    assert.equal(choosableValue([], 3, quorums), undefined);
  });

  it('should call it a collision when a fast quorum has voted, and not alike, or no value can get one', () => {
    const quorums = quorumsOf(5);
    const collides = (...ids: string[]): boolean => isCollision(votesFor(ids), quorums);
    assert.deepEqual([collides('a', 'a', 'a', 'b'), collides('a', 'a', 'a', 'a')], [true, false]);
    assert.deepEqual(
      [collides('a', 'b', 'c'), collides('a', 'a', 'b'), collides('a', 'b')],
      [true, false, false],
    );
  });
});
