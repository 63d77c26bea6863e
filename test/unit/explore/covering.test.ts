/** Families of partitions: they cover what they are said to cover, with few partitions. */
import assert from 'node:assert/strict';
import {
  coveringFamily,
  GOALS,
  partitionText,
  type Goal,
  type Partition,
} from '../../../harness/explore/covering.ts';
import { nodeNames } from '../../../harness/run/cluster-nodes.ts';
import { createRandom } from '../../../harness/random.ts';
import { partition } from '../../../nemesis/partition.ts';

const groupOf = (parted: Partition, node: string): number =>
  parted.findIndex((group) => group.includes(node));

/** Whether some partition of the family parts all these nodes from each other. */
function splits(family: readonly Partition[], nodes: readonly string[]): boolean {
  return family.some((parted) => new Set(nodes.map((node) => groupOf(parted, node))).size === nodes.length);
}

function familyOf(goal: Goal, count: number, seed = 1): Partition[] {
  return coveringFamily(goal, nodeNames(count), createRandom(seed));
}

function pairsOf<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((one, index) => items.slice(index + 1).map((other): [T, T] => [one, other]));
}

describe('covering families of partitions', () => {
  for (const count of [3, 4, 5, 7]) {
    const nodes = nodeNames(count);

    it(`should part each two of ${count} nodes, with no more partitions than it takes`, () => {
      const family = familyOf('2-splitting', count);
      for (const pair of pairsOf(nodes)) assert.ok(splits(family, pair), pair.join());
      // ⌈log2 n⌉ partitions are needed; a random choice of the best of some takes hardly more.
      assert.ok(family.length <= Math.ceil(Math.log2(count)) + 1, String(family.length));
      const [first, ...rest] = family;
      assert.ok(first !== undefined && pairsOf(nodes).some((pair) => !splits(rest, pair)));
    });

    it(`should part each three of ${count} nodes`, () => {
      const family = familyOf('3-splitting', count);
      for (const [one, other] of pairsOf(nodes))
        for (const third of nodes.filter((node) => node !== one && node !== other))
          assert.ok(splits(family, [one, other, third]));
    });

    it(`should part each one of ${count} nodes from each two that are together`, () => {
      const family = familyOf('1,2-separation', count);
      for (const pair of pairsOf(nodes))
        for (const one of nodes.filter((node) => !pair.includes(node)))
          assert.ok(
            family.some((parted) => pair.every((node) => groupOf(parted, node) !== groupOf(parted, one))),
            `${one} from ${pair.join()}`,
          );
    });

    it(`should isolate each minority of ${count} nodes`, () => {
      const size = Math.ceil(count / 2) - 1;
      const family = familyOf('minority-isolation', count);
      const isolated = new Set(
        family
          .flat()
          .filter((group) => group.length === size)
          .map((group) => [...group].sort().join()),
      );
      const minorities = size === 1 ? nodes.map((node) => [node]) : size === 2 ? pairsOf(nodes) : [];
      for (const minority of minorities) assert.ok(isolated.has(minority.join()), minority.join());
    });
  }

  it('should have all nodes in each partition, once', () => {
    for (const goal of GOALS)
      for (const parted of familyOf(goal, 5)) assert.deepEqual(parted.flat().sort(), nodeNames(5));
  });

  it('should be the same for the same seed, and differ between seeds', () => {
    assert.deepEqual(familyOf('2-splitting', 5), familyOf('2-splitting', 5));
    assert.notDeepEqual(familyOf('2-splitting', 5), familyOf('2-splitting', 5, 2));
  });

  it('should come to an end for clusters of any size', () => {
    for (const goal of GOALS) {
      assert.deepEqual(familyOf(goal, 1), []);
      assert.deepEqual(familyOf(goal, 2), []);
      assert.ok(familyOf(goal, 13).length > 0);
      assert.equal(coveringFamily(goal, nodeNames(31), createRandom(1), 5).length, 5);
    }
  });

  it('should be written as the partition family reads it', () => {
    for (const parted of familyOf('3-splitting', 5))
      assert.equal(partition.explicit?.problem(partitionText(parted), nodeNames(5)), undefined);
    assert.notEqual(partition.explicit?.problem('n1-n2', ['n1', 'n2']), undefined);
  });
});
