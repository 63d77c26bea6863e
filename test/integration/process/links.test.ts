/** Links between real processes, hurt in every way. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../../harness/cluster/cluster.ts';
import { processRuntime } from '../../../harness/cluster/process/runtime.ts';
import { moduleBeside } from '../../../harness/module-url.ts';
import { itHurtsLinks, NODES } from '../link-faults.ts';

describe('links between processes', () => {
  const directory = mkdtempSync(join(tmpdir(), 'splitbrain-links-'));
  let cluster: Cluster;

  before(async () => {
    cluster = processRuntime.create({
      runId: `links-${process.pid}`,
      nodes: NODES,
      nodeModule: moduleBeside(import.meta.url, '../../fixtures/echo-node'),
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

  itHurtsLinks(() => cluster);
});
