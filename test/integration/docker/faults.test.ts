/**
 * Faults in nodes that are containers: what every runtime of real nodes must be able to do, and what is this one's own.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findEngine } from '../../../harness/cluster/docker/engine.ts';
import { dockerRuntime } from '../../../harness/cluster/docker/runtime.ts';
import { probeDisk } from '../../../harness/cluster/probe.ts';
import { ANSWER_MS, FAULTS_PLAN, testNodeFaults } from '../node-faults.ts';
import { requireDocker } from './engine.ts';
import { fixtureOf, remainsOf, type Fixture } from './fixture.ts';

describe('faults in containers', function () {
  this.timeout(60_000);
  let fixture: Fixture;

  before(() => (fixture = fixtureOf(FAULTS_PLAN)));
  before(requireDocker);
  before(() => fixture.cluster.start());
  after(() => fixture[Symbol.asyncDispose]());

  async function collected(node: string, path: string): Promise<string> {
    await fixture.cluster.collect({ disks: true });
    return readFile(join(fixture.plan.directory, 'nodes', node, path), 'utf8');
  }

  testNodeFaults(() => ({
    cluster: fixture.cluster,
    abilities: dockerRuntime.abilities,
    fileOf: (node, name) => collected(node, join('data', name)),
    logOf: (node) => collected(node, 'node.log'),
  }));

  it('should leave timers and the monotonic clock true while the wall clock is wrong, and the host’s clock', async () => {
    const { cluster } = fixture;
    const lag = async (): Promise<number> => {
      const asked = performance.now();
      const probe = await probeDisk(cluster, 'n1', ANSWER_MS);
      return performance.now() - asked - (probe?.ms ?? NaN);
    };
    await cluster.breakDisk('n1', { slowMs: 100 });
    for (const skew of [{ offsetMs: -3_600_000 }, { driftMs: -900 }, { driftMs: 900 }, {}]) {
      await cluster.skew('n1', skew);
      const before = Date.now() - performance.now();
      // The disk is slow by a timer, and the node measures it by its monotonic clock: both as long as it takes here.
      const lagMs = await lag();
      assert.ok(lagMs >= 0 && lagMs < 150, `${lagMs} ms with ${JSON.stringify(skew)}`);
      assert.ok(Math.abs(Date.now() - performance.now() - before) < 100);
    }
    await cluster.breakDisk('n1', {});
  });

  it('should damage and mend the disk of a node that is paused', async () => {
    const { cluster } = fixture;
    await cluster.call('n1', 'write', { value: 'frozen' }, ANSWER_MS);
    const before = await collected('n1', 'data/values.log');
    await cluster.pause('n1');
    const bits = await cluster.flip('n1', [0.5]);
    assert.equal(bits.length, 1);
    assert.notEqual(await collected('n1', 'data/values.log'), before);
    await cluster.unflip('n1', bits);
    assert.equal(await collected('n1', 'data/values.log'), before);
    await cluster.resume('n1');
  });

  it('should refuse to skew clocks in a test that was not prepared for it', async () => {
    await using plain = fixtureOf({ nodes: ['n1'], abilities: new Set(['kill']) });
    await plain.cluster.start();
    await assert.rejects(plain.cluster.skew('n1', { offsetMs: 1 }), { name: 'UsageError', message: /plan/ });
  });

  it('should leave nothing in the engine', async () => {
    const { cluster, plan } = fixture;
    const there = await remainsOf(findEngine(), plan.runId);
    // Three nodes with their disks, what reaches the disks, a network.
    assert.equal(there.length, 3 + 3 + 1 + 1, there.join());
    await cluster.stop();
    assert.deepEqual(await remainsOf(findEngine(), plan.runId), []);
  });
});
