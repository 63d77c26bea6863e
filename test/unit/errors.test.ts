/** What messages about names have in common. */
import assert from 'node:assert/strict';
import { didYouMean } from '../../harness/errors.ts';

const NAMES = ['raft', 'paxos', 'multi-paxos', 'no-dedup', 'partition'];

describe('didYouMean', () => {
  for (const [typed, meant] of [
    ['rfat', 'raft'],
    ['Raft', 'raft'],
    ['raf', 'raft'],
    ['nodedup', 'no-dedup'],
    ['multi_paxos', 'multi-paxos'],
    ['partitoins', 'partition'],
  ] as const) {
    it(`should ask for ${meant} when ${typed} was typed`, () => {
      assert.equal(didYouMean(typed, NAMES), ` (did you mean ${meant}?)`);
    });
  }

  it('should say nothing where no name is near, or there is none', () => {
    for (const typed of ['zookeeper', 'rope', '', 'x', 'noted'])
      assert.equal(didYouMean(typed, NAMES), '', typed);
    assert.equal(didYouMean('raft', []), '');
  });
});
