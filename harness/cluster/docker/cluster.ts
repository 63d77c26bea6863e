/**
 * A cluster of containers: one a node, on a network of their own, with real TCP, real files and real
 * packet filters. Clients reach the nodes through ports published on 127.0.0.1.
 *
 * Cuts are kept as one set of links, from which each node's rules are derived whenever they change; so the
 * faults that overlap here need to know nothing of each other.
 */
import { join } from 'node:path';
import { HarnessError, messageOf, UsageError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { NodeConfig } from '../../node/config.ts';
import type { NodeId } from '../../node/program.ts';
import { bundleNode } from '../bundle.ts';
import { callNode } from '../call.ts';
import type {
  ClockSkew,
  Cluster,
  ClusterPlan,
  FlippedBit,
  NodeState,
  Reply,
  SavedDisk,
  SwappedBlocks,
  TruncatedFile,
} from '../cluster.ts';
import { probeHealth } from '../probe.ts';
import { RealCluster } from '../real-cluster.ts';
import { settleAll, settledWithin } from '../settle.ts';
import { Clocks } from './clocks.ts';
import { Disks } from './disks.ts';
import { findEngine, type DockerEngine } from './engine.ts';
import { ensureImage } from './image.ts';
import { labelsFor } from './labels.ts';
import {
  CLIENT_PORT,
  CLOCK_PATH,
  CONFIG_PATH,
  DATA_DIRECTORY,
  MEMORY_MIB,
  PEER_PORT,
  PROGRAM_PATH,
  START_PATH,
  TROUBLE_PATH,
} from './layout.ts';
import { DockerLinks } from './links.ts';
import { createNetwork, nodeAddress } from './network.ts';
import { NodeNetwork } from './node-network.ts';
import { DockerNode } from './node.ts';
import { removeRun } from './reap.ts';
import { startScript } from './start.ts';
import { loadTestcontainers } from './testcontainers.ts';
import { volumeOf } from './volumes.ts';

/** How long `stop` waits for a start that is still going on. */
const START_SETTLE_MS = 10_000;

/** What may differ from the usual; all of it is for tests. */
export interface DockerClusterOptions {
  readonly engine?: DockerEngine;
  /** Chooses host ports. */
  readonly pickPort?: () => Promise<number>;
}

/** See `Cluster` for the contract. */
export class DockerCluster extends RealCluster implements Cluster {
  readonly runtime = 'docker';
  readonly #runId: string;
  readonly #options: DockerClusterOptions;
  readonly #engine: DockerEngine;
  readonly #stopping = new AbortController();
  readonly #members = new Map<NodeId, DockerNode>();
  protected readonly links = new DockerLinks((node, work) => this.#member(node).onNetwork(work));
  /** Text of the program in each version that was run; the first one has no name. */
  readonly #programs = new Map<string | undefined, string>();
  /** Which version a node runs, unless the first. */
  readonly #versions = new Map<NodeId, string>();
  readonly #clocks = new Clocks({
    writeClock: (node, text) => this.#member(node).writeFile(CLOCK_PATH, text),
    troubles: this.troubles,
  });
  #starting: Promise<void> | undefined;
  #disks: Disks | undefined;
  /** Whether anything of ours may be in the engine. */
  #present = false;

  constructor(plan: ClusterPlan, options: DockerClusterOptions = {}) {
    super(plan);
    this.#runId = plan.runId.replaceAll(/[^\w.-]/g, '-');
    this.#options = options;
    this.#engine = options.engine ?? findEngine();
  }

  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  endpoint(node: NodeId): string {
    return this.#member(node).endpoint;
  }

  call(node: NodeId, path: string, body: JsonObject, timeoutMs: number): Promise<Reply> {
    const member = this.#member(node);
    if (!member.isMade) {
      const error = `${node} was not started yet`;
      return Promise.resolve({ kind: 'refused', error, details: {}, unreachable: true });
    }
    return callNode(member.endpoint, path, body, timeoutMs, this.agent);
  }

  state(node: NodeId): Promise<NodeState> {
    return this.#member(node).state();
  }

  kill(node: NodeId): Promise<void> {
    return this.#member(node).kill();
  }

  async restart(node: NodeId, version?: string): Promise<void> {
    if (version !== undefined) {
      await this.#prepare(version);
      this.#versions.set(node, version);
    }
    await this.#member(node).restart(this.#stopping.signal);
  }

  pause(node: NodeId): Promise<void> {
    return this.#member(node).pause();
  }

  async resume(node: NodeId): Promise<void> {
    await this.#member(node).resume();
    await this.troubles.tell(node);
  }

  override async exhaustMemory(node: NodeId): Promise<void> {
    // So far beyond what the container has that it is always the kernel that ends the node.
    await this.troubles.exhaustMemory(node, 2 * MEMORY_MIB);
    if (await this.#member(node).ranOutOfMemory()) return;
    throw new HarnessError(`Node ${node} died, but not because it had used up its memory: see its log.`);
  }

  override throttle(node: NodeId, share: number): Promise<void> {
    return this.#member(node).throttle(share);
  }

  override async limitDescriptors(node: NodeId, limited: boolean): Promise<void> {
    await this.#member(node).limitDescriptors(limited);
    await this.#clocks.canOpen(node, !limited);
  }

  override skew(node: NodeId, skew: ClockSkew): Promise<void> {
    if (this.#fakesClocks) return this.#clocks.skew(node, skew);
    return this.refuse('skew clocks in a test whose plan does not say that it would: it has to prepare them');
  }

  override flip(node: NodeId, places: readonly number[]): Promise<readonly FlippedBit[]> {
    return this.#disksOf(node).flip(node, places);
  }

  override unflip(node: NodeId, bits: readonly FlippedBit[]): Promise<void> {
    return this.#disksOf(node).unflip(node, bits);
  }

  override truncate(node: NodeId, places: readonly number[]): Promise<readonly TruncatedFile[]> {
    return this.#disksOf(node).truncate(node, places);
  }

  override swap(
    node: NodeId,
    pairs: readonly (readonly [number, number])[],
  ): Promise<readonly SwappedBlocks[]> {
    return this.#disksOf(node).swap(node, pairs);
  }

  override saveDisk(node: NodeId): Promise<SavedDisk> {
    return this.#disksOf(node).save(node);
  }

  override async loadDisk(saved: SavedDisk): Promise<void> {
    await this.#requireDown(saved.node, 'put back');
    await this.#disksOf(saved.node).load(saved);
  }

  override async wipe(node: NodeId): Promise<void> {
    await this.#requireDown(node, 'emptied');
    await this.#disksOf(node).wipe(node);
  }

  async collect(options: { readonly disks: boolean }): Promise<void> {
    await settleAll(
      [...this.#members].map(async ([id, node]) => {
        const directory = join(this.plan.directory, 'nodes', id);
        await node.collectLog(directory);
        if (options.disks) await node.collectDisk(directory);
      }),
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#starting !== undefined) await settledWithin(this.#starting, START_SETTLE_MS);
    this.agent.destroy();
    for (const member of this.#members.values()) member.close();
    if (!this.#present) return;
    let failed: readonly string[];
    try {
      ({ failed } = await removeRun(this.#engine, labelsFor(this.#runId)));
    } catch (error) {
      failed = [messageOf(error)];
    }
    if (failed.length === 0) {
      this.#present = false;
      return;
    }
    throw new HarnessError(
      `Could not remove everything of run ${this.#runId}; the next start does, or \`splitbrain doctor --fix\`:\n` +
        failed.map((line) => `  - ${line}`).join('\n'),
    );
  }

  protected override writeTroubleFile(node: NodeId, text: string): Promise<void> {
    return this.#member(node).writeFile(TROUBLE_PATH, text);
  }

  async #start(): Promise<void> {
    const { progress, nodeModule } = this.plan;
    const { signal } = this.#stopping;
    // What the user can mend comes first, before an image is built for nothing.
    await this.#engine.version();
    this.#programs.set(undefined, await bundleNode(nodeModule));
    const [image] = await Promise.all([
      ensureImage(this.#engine, { progress, signal }),
      loadTestcontainers().then(({ getContainerRuntimeClient }) => getContainerRuntimeClient()),
    ]);
    if (signal.aborted) throw new HarnessError(`Run ${this.#runId} was stopped while it was starting.`);
    this.#present = true;
    const network = await createNetwork(this.#engine, this.#runId, labelsFor(this.#runId));
    const all = [...this.nodes, ...this.spares];
    const ips = new Map(all.map((id, position) => [id, nodeAddress(network, position)]));
    this.#disks = new Disks({ engine: this.#engine, image, runId: this.#runId, nodes: all });
    for (const [id, ip] of ips) {
      const node = new DockerNode({
        id,
        engine: this.#engine,
        runId: this.#runId,
        image,
        networkName: network.name,
        ip,
        labels: labelsFor(this.#runId, id),
        volume: volumeOf(this.#runId, id),
        files: (life) => this.#filesOf(id, life, ips),
        network: new NodeNetwork({
          id,
          engine: this.#engine,
          image,
          labels: labelsFor(this.#runId, id),
          addresses: { ips, peerPort: PEER_PORT },
          seed: `${this.plan.seed}/${id}`,
          state: () => this.links.stateOf(id),
        }),
        isReady: (timeoutMs) => probeHealth(this, id, timeoutMs),
        pickPort: this.#options.pickPort,
      });
      this.#members.set(id, node);
    }
    progress(`a container for each node on network ${network.prefix}.0/24`);
    await this.#launchAll();
  }

  async #launchAll(): Promise<void> {
    const failed = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, failed.signal]);
    const launches = this.nodes.map((node) => this.#member(node).launch(signal));
    try {
      await Promise.all(launches);
    } catch (error) {
      // The others give up too, so that nothing is still being made when this rejects.
      failed.abort();
      await Promise.allSettled(launches);
      await this.collect({ disks: false }).catch(() => undefined);
      throw error;
    }
  }

  /** Makes the program in this version: there may be many, of which few are ever run. */
  async #prepare(version: string): Promise<void> {
    const module = this.plan.versions?.[version];
    if (module === undefined)
      throw new UsageError(
        `No version ${version} in this test; there are ${this.versions.join(', ') || 'none'}.`,
      );
    if (!this.#programs.has(version)) this.#programs.set(version, await bundleNode(module));
  }

  /** What a node finds when a life begins. */
  #filesOf(id: NodeId, life: number, ips: ReadonlyMap<NodeId, string>): Map<string, string> {
    return new Map([
      [START_PATH, startScript(this.#fakesClocks)],
      [CONFIG_PATH, JSON.stringify(this.#configOf(id, life, ips))],
      [PROGRAM_PATH, this.#programs.get(this.#versions.get(id)) ?? ''],
      [TROUBLE_PATH, this.troubles.textFor(id)],
      [CLOCK_PATH, this.#clocks.textFor(id)],
    ]);
  }

  #configOf(id: NodeId, life: number, ips: ReadonlyMap<NodeId, string>): NodeConfig {
    const peers = [...ips.keys()].filter((peer) => peer !== id).map((peer) => [peer, `${peer}:${PEER_PORT}`]);
    return {
      id,
      peers: Object.fromEntries(peers) as Record<NodeId, string>,
      host: '0.0.0.0',
      peerPort: PEER_PORT,
      clientPort: CLIENT_PORT,
      dataDirectory: DATA_DIRECTORY,
      // Another stream in each life: a node that draws the same numbers again would draw the same names again.
      seed: `${this.plan.seed}/${id}/${life}`,
      spares: this.spares,
      troubleFile: TROUBLE_PATH,
      options: this.plan.options,
    };
  }

  /** Whether clocks may be set wrong: it has its price, but for a test that may ask for anything. */
  get #fakesClocks(): boolean {
    return this.plan.abilities?.has('clock') ?? true;
  }

  async #requireDown(node: NodeId, what: string): Promise<void> {
    const state = await this.state(node);
    if (state !== 'down')
      throw new HarnessError(`Node ${node} is ${state}: only the disk of one that is down can be ${what}.`);
  }

  #disksOf(node: NodeId): Disks {
    if (this.#disks === undefined) throw new HarnessError(`Node ${node} has no disk: it was not started.`);
    return this.#disks;
  }

  #member(id: NodeId): DockerNode {
    const node = this.#members.get(id);
    if (node === undefined) throw new HarnessError(`No node "${id}" in this cluster: it was not started.`);
    return node;
  }
}
