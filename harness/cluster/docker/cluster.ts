/**
 * A cluster of containers: one a node, on a network of their own, with real TCP, real files and real
 * packet filters. Clients reach the nodes through ports published on 127.0.0.1.
 *
 * Cuts are kept as one set of links, from which each node's rules are derived whenever they change; so the
 * faults that overlap here need to know nothing of each other.
 */
import { join } from 'node:path';
import { HarnessError, messageOf } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { NodeConfig } from '../../node/config.ts';
import type { NodeId } from '../../node/program.ts';
import { realTime, type Time } from '../../time.ts';
import { bundleNode } from '../bundle.ts';
import { callNode, createCallAgent } from '../call.ts';
import {
  linkName,
  type Cluster,
  type ClusterPlan,
  type Link,
  type NodeState,
  type Reply,
} from '../cluster.ts';
import { probeHealth } from '../probe.ts';
import { settleAll, settledWithin } from '../settle.ts';
import { UnableCluster } from '../unable.ts';
import { findEngine, type DockerEngine } from './engine.ts';
import { ensureImage } from './image.ts';
import { labelsFor } from './labels.ts';
import { CLIENT_PORT, DATA_DIRECTORY, PEER_PORT } from './layout.ts';
import { createNetwork, nodeAddress } from './network.ts';
import { DockerNode } from './node.ts';
import { removeRun } from './reap.ts';
import { rulesOf } from './rules.ts';
import { loadTestcontainers } from './testcontainers.ts';

/** How long `stop` waits for a start that is still going on. */
const START_SETTLE_MS = 10_000;

/** What may differ from the usual; all of it is for tests. */
export interface DockerClusterOptions {
  readonly engine?: DockerEngine;
  /** Chooses host ports. */
  readonly pickPort?: () => Promise<number>;
}

/** See `Cluster` for the contract. */
export class DockerCluster extends UnableCluster implements Cluster {
  readonly runtime = 'docker';
  readonly nodes: readonly NodeId[];
  readonly spares: readonly NodeId[];
  readonly time: Time = realTime();
  readonly #plan: ClusterPlan;
  readonly #runId: string;
  readonly #options: DockerClusterOptions;
  readonly #engine: DockerEngine;
  readonly #agent = createCallAgent();
  readonly #stopping = new AbortController();
  readonly #members = new Map<NodeId, DockerNode>();
  readonly #cuts = new Map<string, Link>();
  #starting: Promise<void> | undefined;
  /** Whether anything of ours may be in the engine. */
  #present = false;

  constructor(plan: ClusterPlan, options: DockerClusterOptions = {}) {
    super();
    this.nodes = plan.nodes;
    this.spares = plan.spares ?? [];
    this.#plan = plan;
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
    return callNode(this.endpoint(node), path, body, timeoutMs, this.#agent);
  }

  state(node: NodeId): Promise<NodeState> {
    return this.#member(node).state();
  }

  kill(node: NodeId): Promise<void> {
    return this.#member(node).kill();
  }

  restart(node: NodeId): Promise<void> {
    return this.#member(node).restart(this.#stopping.signal);
  }

  pause(node: NodeId): Promise<void> {
    return this.#member(node).pause();
  }

  resume(node: NodeId): Promise<void> {
    return this.#member(node).resume();
  }

  cut(links: readonly Link[]): Promise<void> {
    for (const link of links) this.#cuts.set(linkName(link), link);
    return this.#applyRules(links);
  }

  heal(links: readonly Link[]): Promise<void> {
    for (const link of links) this.#cuts.delete(linkName(link));
    return this.#applyRules(links);
  }

  async collect(options: { readonly disks: boolean }): Promise<void> {
    await settleAll(
      [...this.#members].map(async ([id, node]) => {
        const directory = join(this.#plan.directory, 'nodes', id);
        await node.collectLog(directory);
        if (options.disks) await node.collectDisk(directory);
      }),
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#starting !== undefined) await settledWithin(this.#starting, START_SETTLE_MS);
    this.#agent.destroy();
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

  async #start(): Promise<void> {
    const { progress, nodeModule } = this.#plan;
    const { signal } = this.#stopping;
    // What the user can mend comes first, before an image is built for nothing.
    await this.#engine.version();
    const program = await bundleNode(nodeModule);
    const [image] = await Promise.all([
      ensureImage(this.#engine, { progress, signal }),
      loadTestcontainers().then(({ getContainerRuntimeClient }) => getContainerRuntimeClient()),
    ]);
    if (signal.aborted) throw new HarnessError(`Run ${this.#runId} was stopped while it was starting.`);
    this.#present = true;
    const network = await createNetwork(this.#engine, this.#runId, labelsFor(this.#runId));
    const ips = new Map(this.nodes.map((id, position) => [id, nodeAddress(network, position)]));
    for (const [id, ip] of ips) {
      const node = new DockerNode({
        id,
        engine: this.#engine,
        runId: this.#runId,
        image,
        network: network.name,
        ip,
        labels: labelsFor(this.#runId, id),
        program,
        config: JSON.stringify(this.#configOf(id, ips)),
        rules: (fresh) => rulesOf(id, this.#cuts.values(), { ips, peerPort: PEER_PORT }, fresh),
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
    const launches = [...this.#members.values()].map((node) => node.launch(signal));
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

  #configOf(id: NodeId, ips: ReadonlyMap<NodeId, string>): NodeConfig {
    const peers = [...ips].filter(([peer]) => peer !== id).map(([peer, ip]) => [peer, `${ip}:${PEER_PORT}`]);
    return {
      id,
      peers: Object.fromEntries(peers) as Record<NodeId, string>,
      host: '0.0.0.0',
      peerPort: PEER_PORT,
      clientPort: CLIENT_PORT,
      dataDirectory: DATA_DIRECTORY,
      seed: `${this.#plan.seed}/${id}`,
      options: this.#plan.options,
    };
  }

  /** Both ends of a link have its rule: one of them is enough while the other is starting. */
  async #applyRules(links: readonly Link[]): Promise<void> {
    const touched = new Set(links.flatMap(({ from, to }) => [from, to]));
    await settleAll([...touched].map((id) => this.#member(id).applyRules()));
  }

  #member(id: NodeId): DockerNode {
    const node = this.#members.get(id);
    if (node === undefined) throw new HarnessError(`No node "${id}" in this cluster: it was not started.`);
    return node;
  }
}
