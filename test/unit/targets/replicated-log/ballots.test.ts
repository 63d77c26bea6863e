/** Ballots of the Paxos targets: whose they are, and which comes later. */
import assert from 'node:assert/strict';
import { Ballots } from '../../../../targets/replicated-log/ballots.ts';

describe('ballots', () => {
  it('should be ordered by round and then node, and belong to one node each', () => {
    const ballots = new Ballots(['n2', 'n1', 'n3']);
    const first = ballots.next(0, 'n2');
    const second = ballots.next(first, 'n1');
    assert.deepEqual([ballots.text(first), ballots.text(second)], ['1.n2', '2.n1']);
    assert.ok(second > first);
    assert.equal(ballots.text(ballots.next(second, 'n3')), '3.n3');
    assert.ok(ballots.next(0, 'n3') > ballots.next(0, 'n2'));
  });
});
