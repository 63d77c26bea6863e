/**
 * Faults in nodes that are processes: what every runtime of real nodes must be able to do, and what is this one's own.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../../harness/cluster/cluster.ts';
import { processRuntime } from '../../../harness/cluster/process/runtime.ts';
import { FAULTS_PLAN, testNodeFaults } from '../node-faults.ts';

describe('faults in processes', () => {
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

  const read = (node: string, path: string): Promise<string> =>
    readFile(join(directory, 'nodes', node, path), 'utf8');

  testNodeFaults(() => ({
    cluster,
    abilities: processRuntime.abilities,
    fileOf: (node, name) => read(node, join('data', name)),
    logOf: (node) => read(node, 'node.log'),
  }));

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
