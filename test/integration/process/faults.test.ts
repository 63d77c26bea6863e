/** Faults in nodes that are processes: what every runtime of real nodes must be able to do, and what is this one's own. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../../harness/cluster/cluster.ts';
import { probeDisk, probeHealth } from '../../../harness/cluster/probe.ts';
import { processRuntime } from '../../../harness/cluster/process/runtime.ts';
import { ANSWER_MS, FAULTS_PLAN, testNodeFaults } from '../node-faults.ts';

describe('faults in processes', function () {
  this.timeout(20_000);
  let directory: string;
  let cluster: Cluster;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'splitbrain-faults-'));
    cluster = processRuntime.create({
      ...FAULTS_PLAN,
      runId: `faults-${process.pid}`,
      options: {},
      seed: '1',
      directory,
      progress: () => undefined,
    });
    await cluster.start();
  });

  after(async () => {
    await cluster.stop();
    rmSync(directory, { recursive: true });
  });

  testNodeFaults(() => ({
    cluster,
    fileOf: (node, name) =>
      Promise.resolve(readFileSync(join(directory, 'nodes', node, 'data', name), 'utf8')),
    logOf: (node) => Promise.resolve(readFileSync(join(directory, 'nodes', node, 'node.log'), 'utf8')),
  }));

  it('should be in all of its troubles at once, and leave each by itself', async () => {
    await cluster.slow('n1', 30);
    await cluster.breakDisk('n1', { slowMs: 100 });
    await cluster.throttle('n1', 0.5);
    const begun = performance.now();
    const slow = await probeDisk(cluster, 'n1', ANSWER_MS);
    assert.ok((slow?.ms ?? 0) >= 3 * 130, 'each step waits for the disk, and then for its turn');
    assert.ok(performance.now() - begun >= 30 + 3 * 130);
    await cluster.slow('n1', 0);
    await cluster.throttle('n1', 1);
    assert.ok(((await probeDisk(cluster, 'n1', ANSWER_MS))?.ms ?? 0) >= 300, 'the disk is still slow');
    await cluster.breakDisk('n1', {});
    assert.equal((await probeDisk(cluster, 'n1', ANSWER_MS))?.written, true);
  });

  it('should copy and damage disks beneath nodes that are throttled or paused, and leave them so', async () => {
    await cluster.call('n1', 'write', { value: 'text' }, ANSWER_MS);
    await cluster.throttle('n1', 0.5);
    await cluster.pause('n1');
    const bits = await cluster.flip('n1', [0.5]);
    assert.equal(bits.length, 1);
    await cluster.unflip('n1', bits);
    assert.equal(await cluster.state('n1'), 'paused');
    assert.equal(await probeHealth(cluster, 'n1', 100), false);
    await cluster.resume('n1');
    await cluster.saveDisk('n1');
    assert.equal(await cluster.state('n1'), 'running');
    assert.equal(await probeHealth(cluster, 'n1', ANSWER_MS), true);
    await cluster.throttle('n1', 1);
  });

  it('should leave nothing of its own in the directory of the run', async () => {
    await cluster.stop();
    const left = ['trouble.json', 'trouble.json.fired', 'saved', 'data'].map((name) => `nodes/n1/${name}`);
    assert.deepEqual(
      [...left, 'node.mjs', 'node-1.mjs'].filter((name) => existsSync(join(directory, name))),
      [],
    );
    assert.ok(existsSync(join(directory, 'nodes/n1/node.log')));
  });
});
