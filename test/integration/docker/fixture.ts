/**
 * Clusters of notebooks for the tests of this folder.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerCluster, type DockerClusterOptions } from '../../../harness/cluster/docker/cluster.ts';
import type { DockerEngine } from '../../../harness/cluster/docker/engine.ts';
import { linkName, type ClusterPlan, type Link } from '../../../harness/cluster/cluster.ts';
import { probeLinks } from '../../../harness/cluster/probe.ts';
import type { JsonObject } from '../../../harness/json.ts';

let count = 0;

/** A cluster with what belongs to it; disposing of it stops the cluster and removes its directory. */
export interface Fixture extends AsyncDisposable {
  readonly cluster: DockerCluster;
  readonly plan: ClusterPlan;
  /** What it said on the way. */
  readonly progress: readonly string[];
}

/** A cluster of notebooks, not started. */
export function notebooks(
  nodes: readonly string[],
  nodeOptions: JsonObject = {},
  options: DockerClusterOptions = {},
): Fixture {
  return fixtureOf({ nodes, options: nodeOptions }, options);
}

/** A cluster of this plan, not started; of notebooks, unless the plan says otherwise. */
export function fixtureOf(
  own: Partial<ClusterPlan> & Pick<ClusterPlan, 'nodes'>,
  options: DockerClusterOptions = {},
): Fixture {
  const directory = mkdtempSync(join(tmpdir(), 'splitbrain-test-'));
  const progress: string[] = [];
  const plan: ClusterPlan = {
    runId: `docker-test-${process.pid}-${++count}`,
    nodeModule: new URL('./notebook.ts', import.meta.url).href,
    options: {},
    seed: '1',
    directory,
    progress: (line) => progress.push(line),
    ...own,
  };
  const cluster = new DockerCluster(plan, options);
  return {
    cluster,
    plan,
    progress,
    async [Symbol.asyncDispose]() {
      await cluster.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Names in the engine of all that carries this run's label. */
export async function remainsOf(engine: DockerEngine, runId: string): Promise<string[]> {
  const filters = { label: [`splitbrain.run=${runId}`] };
  const [containers, networks, { Volumes }] = await Promise.all([
    engine.ask('list containers', (docker) => docker.listContainers({ all: true, filters })),
    engine.ask('list networks', (docker) => docker.listNetworks({ filters })),
    engine.ask('list volumes', (docker) => docker.listVolumes({ filters })),
  ]);
  return [
    ...containers.map(({ Names }) => `container ${Names.join()}`),
    ...[...networks, ...Volumes].map(({ Name }) => Name),
  ];
}

/** Which of these links are heard, each as `a>b`: a link that should be silent is given `waitMs` to prove it. */
export async function heard(
  cluster: DockerCluster,
  links: readonly Link[],
  waitMs: number,
): Promise<string[]> {
  const probes = await probeLinks(cluster, links, waitMs);
  return links.filter((_, index) => probes[index] === 'heard').map(linkName);
}
