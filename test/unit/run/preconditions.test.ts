/** Whether a cluster is whole. */
import assert from 'node:assert/strict';
import { flawOf, requireWhole } from '../../../harness/run/preconditions.ts';
import { FakeCluster } from '../../fixtures/fake-cluster.ts';

describe('preconditions', () => {
  it('should hold for a cluster whose nodes answer and hear each other', async () => {
    const cluster = new FakeCluster(['n1', 'n2', 'n3']);
    assert.equal(await flawOf(cluster), undefined);
    await requireWhole(cluster);
  });

  it('should name the nodes that do not answer', async () => {
    const cluster = new FakeCluster(['n1', 'n2', 'n3']);
    cluster.states.set('n1', 'down');
    cluster.states.set('n3', 'paused');
    assert.match((await flawOf(cluster)) ?? '', /^n1, n3 did not answer/);
    await assert.rejects(requireWhole(cluster), {
      name: 'HarnessError',
      message: /before the test began n1/,
    });
  });

  it('should name the links on which nothing comes through, and wait for those that need a little time', async () => {
    const cluster = new FakeCluster(['n1', 'n2']);
    cluster.cutNow.add('n1>n2').add('n2>n1');
    setTimeout(() => cluster.cutNow.delete('n1>n2'), 300);
    assert.match((await flawOf(cluster)) ?? '', /^no message came through on n2>n1 within/);
  });
});
