/** Probes, against a cluster that answers by script. Real ones are probed in test/integration. */
import assert from 'node:assert/strict';
import type { Cluster, Reply } from '../../../harness/cluster/cluster.ts';
import { probeHealth, probeLinks } from '../../../harness/cluster/probe.ts';
import type { JsonObject } from '../../../harness/json.ts';
import { realTime } from '../../../harness/time.ts';

/** A cluster whose nodes hear a probe the `hearsAt`-th time they are asked (0: never), and that has no other use. */
function clusterThatHears(hearsAt: number): { cluster: Cluster; calls: string[] } {
  const calls: string[] = [];
  let asked = 0;
  const call = (node: string, path: string, body: JsonObject): Promise<Reply> => {
    calls.push(`${node}/${path}`);
    if (node === 'down') return Promise.resolve({ kind: 'refused', error: 'down', details: {} });
    if (path !== '_/heard') return Promise.resolve({ kind: 'answer', body: { sent: body['to'] ?? null } });
    return Promise.resolve({ kind: 'answer', body: { heard: ++asked === hearsAt } });
  };
  return { cluster: { time: realTime(), call } as unknown as Cluster, calls };
}

describe('probeLinks', () => {
  const link = { from: 'a', to: 'b' };

  it('should ask the receiver until it has heard', async () => {
    const { cluster, calls } = clusterThatHears(2);
    assert.deepEqual(await probeLinks(cluster, [link], 1000), ['heard']);
    assert.deepEqual(calls, ['a/_/ping', 'b/_/heard', 'b/_/heard']);
  });

  it('should call a link silent when nothing was heard in time', async () => {
    const { cluster } = clusterThatHears(0);
    const start = performance.now();
    assert.deepEqual(await probeLinks(cluster, [link], 50), ['silent']);
    assert.ok(performance.now() - start >= 50);
  });

  it('should say nothing about a link when one of its nodes is not there to ask', async () => {
    const { cluster } = clusterThatHears(1);
    const fromDown = { from: 'down', to: 'b' };
    const toDown = { from: 'a', to: 'down' };
    assert.deepEqual(await probeLinks(cluster, [fromDown, toDown], 50), ['unasked', 'unasked']);
  });
});

describe('probeHealth', () => {
  it('should tell a node that answers from one that does not', async () => {
    const { cluster } = clusterThatHears(0);
    assert.equal(await probeHealth(cluster, 'a', 100), true);
    assert.equal(await probeHealth(cluster, 'down', 100), false);
  });
});
