import assert from 'node:assert/strict';
import fc from 'fast-check';
import { allLinks } from '../../../harness/cluster/cluster.ts';
import { createRandom } from '../../../harness/random.ts';
import {
  bridge,
  describeLinks,
  halves,
  isolate,
  majoritiesRing,
  oneWay,
  split,
} from '../../../nemesis/grudges.ts';

const nodesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index + 1}`);
const five = nodesOf(5);

/** Nodes that hear each other both ways, for each node. */
function sees(
  nodes: readonly string[],
  cut: readonly { from: string; to: string }[],
  node: string,
): string[] {
  const silent = new Set(cut.map(({ from, to }) => `${from}>${to}`));
  return nodes.filter(
    (other) => other === node || !(silent.has(`${node}>${other}`) || silent.has(`${other}>${node}`)),
  );
}

describe('grudges', () => {
  it('should cut every link between two halves and none within', () => {
    const cut = halves(five);
    assert.equal(cut.length, 2 * 2 * 3);
    assert.deepEqual(sees(five, cut, 'n1'), ['n1', 'n2']);
    assert.deepEqual(sees(five, cut, 'n4'), ['n3', 'n4', 'n5']);
  });

  it('should isolate one node and leave the others whole', () => {
    const cut = isolate('n3', five);
    assert.deepEqual(sees(five, cut, 'n3'), ['n3']);
    assert.deepEqual(sees(five, cut, 'n1'), ['n1', 'n2', 'n4', 'n5']);
  });

  it('should let exactly one node see both halves of a bridge', () => {
    const cut = bridge(five);
    assert.deepEqual(sees(five, cut, 'n1'), five);
    assert.deepEqual(sees(five, cut, 'n2'), ['n1', 'n2', 'n3']);
    assert.deepEqual(sees(five, cut, 'n5'), ['n1', 'n4', 'n5']);
  });

  it('should give every node of a ring a majority, no two the same one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 12 }), fc.nat(), (count, seed) => {
        const nodes = nodesOf(count);
        const cut = majoritiesRing(nodes, createRandom(seed));
        const views = nodes.map((node) => sees(nodes, cut, node));
        assert.ok(cut.length > 0);
        for (const view of views) assert.ok(view.length > count / 2, `${view.join(' ')} of ${count}`);
        assert.equal(new Set(views.map((view) => view.join())).size, count);
      }),
    );
  });

  it('should draw another ring for another seed where there are more than five nodes', () => {
    const ring = (count: number, seed: number): unknown => majoritiesRing(nodesOf(count), createRandom(seed));
    assert.deepEqual(ring(7, 1), ring(7, 1));
    assert.notDeepEqual(ring(7, 1), ring(7, 2));
    assert.deepEqual(ring(5, 1), ring(5, 2));
  });

  it('should cut one way only', () => {
    const cut = oneWay(five);
    const names = new Set(cut.map(({ from, to }) => `${from}>${to}`));
    assert.ok(names.has('n1>n3'));
    assert.ok(!names.has('n3>n1'));
    assert.equal(cut.length, 2 * 3);
  });

  it('should describe splits by their groups and anything else by its links', () => {
    assert.equal(describeLinks(split([['n1', 'n2'], ['n3']]), nodesOf(3)), 'n1 n2 | n3 cut both ways');
    assert.equal(describeLinks([{ from: 'n1', to: 'n2' }], nodesOf(3)), 'n1↛n2');
    assert.match(describeLinks(bridge(five), five), /n2↮n4/);
  });

  it('should know every directed link', () => {
    assert.equal(allLinks(five).length, 20);
  });
});
