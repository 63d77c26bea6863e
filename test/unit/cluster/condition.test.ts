/** What the conditions of several faults come to together, and what is left when one goes. */
import assert from 'node:assert/strict';
import type { ClockSkew, Cluster, DiskTrouble, LinkShape } from '../../../harness/cluster/cluster.ts';
import { linkName } from '../../../harness/cluster/cluster.ts';
import { paceOf, shapeOf, skewOf, type Condition } from '../../../harness/cluster/condition.ts';
import { createLedger } from '../../../harness/cluster/ledger.ts';

const AB = { from: 'a', to: 'b' };
const BA = { from: 'b', to: 'a' };

/** A cluster that only remembers how it was bent. */
function rememberingCluster(): {
  readonly cluster: Cluster;
  readonly bent: Record<string, LinkShape | ClockSkew | DiskTrouble | number>;
  failing: boolean;
} {
  const bent: Record<string, LinkShape | ClockSkew | DiskTrouble | number> = {};
  const remembered = {
    bent,
    failing: false,
    cluster: {
      nodes: ['a', 'b'],
      shape: (links: (typeof AB)[], shape: LinkShape) => {
        if (remembered.failing) return Promise.reject(new Error('shape failed'));
        for (const link of links) bent[linkName(link)] = shape;
        return Promise.resolve();
      },
      skew: (node: string, skew: ClockSkew) => Promise.resolve((bent[`clock ${node}`] = skew)),
      breakDisk: (node: string, trouble: DiskTrouble) => Promise.resolve((bent[`disk ${node}`] = trouble)),
      slow: (node: string, busyMs: number) => Promise.resolve((bent[`pace ${node}`] = busyMs)),
    } as unknown as Cluster,
  };
  return remembered;
}

describe('conditions', () => {
  const delayed: Condition = { of: 'links', links: [AB, BA], shape: { delayMs: 100, rate: 500 } };
  const lossy: Condition = { of: 'links', links: [AB], shape: { loss: 0.5, delayMs: 10, rate: 200 } };

  it('should add delays up, take the lower rate, and strike a share by either', () => {
    const shape = shapeOf(AB, [delayed, lossy, { ...lossy, shape: { loss: 0.5 } }]);
    assert.deepEqual(shape, { delayMs: 110, rate: 200, loss: 0.75 });
    assert.deepEqual(shapeOf(BA, [delayed, lossy]), { delayMs: 100, rate: 500 });
    const reordered = (share: number, byMs: number): Condition => ({
      of: 'links',
      links: [AB],
      shape: { reorder: { share, byMs } },
    });
    const { reorder } = shapeOf(AB, [reordered(0.5, 200), reordered(0.5, 300)]);
    assert.deepEqual(reorder, { share: 0.75, byMs: 300 });
  });

  it('should add up what clocks are off, and how slow nodes are', () => {
    const skewed = (skew: ClockSkew): Condition => ({ of: 'clocks', skews: new Map([['a', skew]]) });
    const conditions: Condition[] = [
      skewed({ offsetMs: 100, strobe: { offsetMs: 7, everyMs: 30 } }),
      skewed({ offsetMs: -30, driftMs: 5, strobe: { offsetMs: 1, everyMs: 20 } }),
      { of: 'pace', nodes: ['a'], busyMs: 3 },
      { of: 'pace', nodes: ['a', 'b'], busyMs: 4 },
    ];
    const strobe = { offsetMs: 8, everyMs: 20 };
    assert.deepEqual(skewOf('a', conditions), { offsetMs: 70, driftMs: 5, strobe });
    assert.deepEqual(skewOf('b', conditions), {});
    assert.deepEqual([paceOf('a', conditions), paceOf('b', conditions)], [7, 4]);
  });

  it('should put into force what all come to, and leave the others in force when one is lifted', async () => {
    const { cluster, bent } = rememberingCluster();
    const ledger = createLedger(cluster);
    const full: Condition = { of: 'disks', nodes: ['a', 'b'], trouble: { full: true, slowMs: 5 } };
    const slow: Condition = { of: 'disks', nodes: ['a'], trouble: { slowMs: 10 } };
    for (const condition of [delayed, lossy, full, slow]) await ledger.impose(condition);
    assert.deepEqual(bent, {
      'a>b': { delayMs: 110, rate: 200, loss: 0.5 },
      'b>a': { delayMs: 100, rate: 500 },
      'disk a': { full: true, slowMs: 15 },
      'disk b': { full: true, slowMs: 5 },
    });
    await ledger.lift(delayed);
    await ledger.lift(full);
    assert.deepEqual(bent, {
      'a>b': { delayMs: 10, rate: 200, loss: 0.5 },
      'b>a': {},
      'disk a': { slowMs: 10 },
      'disk b': {},
    });
    assert.deepEqual(ledger.conditions(), [lossy, slow]);
  });

  it('should lift a condition once, however often it is asked, and one of the same content for itself', async () => {
    const { cluster, bent } = rememberingCluster();
    const ledger = createLedger(cluster);
    const [first, second]: Condition[] = [{ ...lossy }, { ...lossy }];
    assert.ok(first !== undefined && second !== undefined);
    await ledger.impose(first);
    await ledger.impose(second);
    await ledger.lift(first);
    await ledger.lift(first);
    assert.deepEqual(bent['a>b'], { loss: 0.5, delayMs: 10, rate: 200 });
    await ledger.lift(second);
    assert.deepEqual(bent['a>b'], {});
  });

  it('should keep in the books what failed to be lifted, and lift it at the second try', async () => {
    const remembered = rememberingCluster();
    const ledger = createLedger(remembered.cluster);
    await ledger.impose(lossy);
    remembered.failing = true;
    await assert.rejects(ledger.lift(lossy), /shape failed/);
    assert.deepEqual(ledger.conditions(), [lossy]);
    remembered.failing = false;
    await ledger.lift(lossy);
    assert.deepEqual([remembered.bent['a>b'], ledger.conditions()], [{}, []]);
  });

  it('should bring each of clocks and nodes to its pace and back', async () => {
    const { cluster, bent } = rememberingCluster();
    const ledger = createLedger(cluster);
    const conditions: Condition[] = [
      { of: 'clocks', skews: new Map([['a', { offsetMs: 9 }]]) },
      { of: 'pace', nodes: ['b'], busyMs: 6 },
    ];
    for (const condition of conditions) await ledger.impose(condition);
    assert.deepEqual(bent, { 'clock a': { offsetMs: 9 }, 'pace b': 6 });
    for (const condition of conditions) await ledger.lift(condition);
    assert.deepEqual(bent, { 'clock a': {}, 'pace b': 0 });
  });
});
