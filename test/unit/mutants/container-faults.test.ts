import assert from 'node:assert/strict';
import { needsOf } from '../../../harness/cluster/fault.ts';
import type { Ability, Runtime } from '../../../harness/cluster/cluster.ts';
import { faults } from '../../../nemesis/index.ts';
import { abilitiesNamed } from '../../fixtures/fake-cluster.ts';
import { faultsOfTry } from '../../mutants/container-faults.ts';
import { cautious, store } from './sample-targets.ts';

function runtimeWith(...abilities: readonly Ability[]): Pick<Runtime, 'abilities'> {
  return { abilities: abilitiesNamed(...abilities) };
}

const ABLE = runtimeWith(
  ...faults.flatMap((family) => Object.keys(family.kinds).flatMap((kind) => needsOf(family, kind))),
);

describe('faultsOfTry', () => {
  it('should take the usual faults and two more by turns, until all have come up', () => {
    const tries = [1, 2, 3, 4, 5].map((nth) => faultsOfTry(store, nth, faults, ABLE));
    for (const families of tries) {
      assert.deepEqual(families.slice(0, 3), ['partition', 'kill', 'pause']);
      assert.equal(new Set(families).size, 5);
    }
    const turns = tries.flatMap((families) => families.slice(3));
    assert.ok(new Set(turns).size >= 6, turns.join());
    assert.ok(turns.includes('hunt') && turns.includes('packets'));
  });

  it('should leave out what the target claims nothing under, what it does not offer, and what the runtime cannot do', () => {
    const all = [1, 2, 3, 4, 5].flatMap((nth) => faultsOfTry(store, nth, faults, ABLE));
    assert.ok(!all.includes('clock'), 'the store claims no progress under it');
    assert.ok(!all.includes('membership'), 'the store does not say how its members change');
    assert.deepEqual(faultsOfTry(cautious, 2, faults, ABLE), ['kill']);
    const killing = runtimeWith('kill');
    assert.ok(!faultsOfTry(store, 1, faults, killing).includes('partition'));
    assert.ok(faultsOfTry(store, 1, faults, killing).includes('kill'));
  });
});
