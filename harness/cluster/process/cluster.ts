/**
 * A cluster of local processes: real TCP, real signals, real fsync, no root and no Docker. Nodes reach one
 * another only through the link proxies (link-proxy.ts), clients reach them directly.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { NodeId } from '../../node/program.ts';
import { createRandom } from '../../random.ts';
import { writeRunFile } from '../../store/directory.ts';
import { realTime } from '../../time.ts';
import { bundleNode } from '../bundle.ts';
import { callNode, createCallAgent } from '../call.ts';
import {
  linkName,
  type Abilities,
  type Cluster,
  type ClusterPlan,
  type Link,
  type LinkShape,
  type NodeState,
  type Reply,
} from '../cluster.ts';
import { settleAll } from '../settle.ts';
import { abilitiesFor, emulated, native, UnableCluster } from '../unable.ts';
import { LinkProxy } from './link-proxy.ts';
import { RunMarks } from './marks.ts';
import { ProcessNode } from './node.ts';

/** What processes and their proxies can do. */
export const PROCESS_ABILITIES: Abilities = new Map([
  ['kill', native('SIGKILL')],
  ['pause', native('SIGSTOP and SIGCONT')],
  ['cut', emulated('the proxy of the link moves nothing')],
  ['reset', native('RST from the proxy of the link')],
  ['delay', emulated('the proxy of the link holds bytes back')],
  ['rate', emulated('a token bucket in the proxy of the link')],
]);

/** Implements the contract with processes. */
export class ProcessCluster extends UnableCluster implements Cluster {
  readonly runtime = 'process';
  readonly nodes: readonly NodeId[];
  readonly spares: readonly NodeId[];
  readonly time = realTime();
  readonly #plan: ClusterPlan;
  readonly #agent = createCallAgent();
  readonly #marks: RunMarks;
  readonly #members = new Map<NodeId, ProcessNode>();
  readonly #proxies = new Map<string, LinkProxy>();
  #starting: Promise<void> | undefined;
  #keepData = false;

  constructor(plan: ClusterPlan) {
    super();
    this.#plan = plan;
    this.nodes = plan.nodes;
    this.spares = plan.spares ?? [];
    this.#marks = new RunMarks(plan.runId);
    const script = join(plan.directory, 'node.mjs');
    for (const id of plan.nodes) {
      this.#members.set(id, new ProcessNode({ id, plan, script, marks: this.#marks, agent: this.#agent }));
    }
    for (const from of plan.nodes) {
      for (const to of plan.nodes) {
        if (from === to) continue;
        const random = createRandom(plan.seed).fork(`link ${from}>${to}`);
        this.#proxies.set(linkName({ from, to }), new LinkProxy(() => this.#member(to).peerPort, random));
      }
    }
  }

  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  endpoint(node: NodeId): string {
    return this.#member(node).endpoint;
  }

  async call(node: NodeId, path: string, body: JsonObject, timeoutMs: number): Promise<Reply> {
    const member = this.#members.get(node);
    // Not even dialled: its port might answer for somebody else by now.
    if (member === undefined || member.state() === 'down') {
      return { kind: 'refused', error: `${node} is down`, details: {}, unreachable: true };
    }
    return callNode(member.endpoint, path, body, timeoutMs, this.#agent);
  }

  async state(node: NodeId): Promise<NodeState> {
    return Promise.resolve(this.#member(node).state());
  }

  async kill(node: NodeId): Promise<void> {
    await this.#member(node).kill();
  }

  async restart(node: NodeId): Promise<void> {
    await this.#member(node).restart();
  }

  async pause(node: NodeId): Promise<void> {
    await this.#member(node).pause();
  }

  async resume(node: NodeId): Promise<void> {
    await this.#member(node).resume();
  }

  cut(links: readonly Link[]): Promise<void> {
    return this.#onEach(links, (proxy) => proxy.cut());
  }

  heal(links: readonly Link[]): Promise<void> {
    return this.#onEach(links, (proxy) => proxy.heal());
  }

  override reset(links: readonly Link[]): Promise<void> {
    return this.#onEach(links, (proxy) => proxy.reset());
  }

  override shape(links: readonly Link[], shape: LinkShape): Promise<void> {
    const beyond = abilitiesFor(shape).filter((ability) => !PROCESS_ABILITIES.has(ability));
    if (beyond.length > 0) return this.refuse(`bend links by ${beyond.join(', ')}`);
    return this.#onEach(links, (proxy) => proxy.shape(shape));
  }

  /** Logs and disks lie in the run's directory all along; this says only whether disks stay there. */
  async collect({ disks }: { readonly disks: boolean }): Promise<void> {
    this.#keepData ||= disks;
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    const members = [...this.#members.values()];
    await settleAll(members.map((member) => member.stop()));
    // A start still going on fails soon, since its nodes are gone; what it opened until then is closed here.
    await this.#starting?.catch(() => undefined);
    await settleAll([...this.#proxies.values()].map((proxy) => proxy.close()));
    this.#agent.destroy();
    this.#marks.remove();
    rmSync(join(this.#plan.directory, 'node.mjs'), { force: true });
    if (this.#keepData) return;
    for (const { dataDirectory } of members) rmSync(dataDirectory, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const { nodeModule, directory, nodes, progress } = this.#plan;
    progress('a process for each node, a proxy on every link');
    const text = await bundleNode(nodeModule);
    mkdirSync(directory, { recursive: true });
    writeRunFile(directory, 'node.mjs', text);
    const peers = await this.#openLinks();
    await settleAll(nodes.map((id) => this.#member(id).start(peers.get(id) ?? {})));
  }

  /** Opens all proxies; answers at which addresses each node finds its peers. */
  async #openLinks(): Promise<Map<NodeId, Record<NodeId, string>>> {
    const peers = new Map<NodeId, Record<NodeId, string>>();
    for (const from of this.nodes) {
      const addresses: Record<NodeId, string> = {};
      for (const to of this.nodes) {
        const proxy = this.#proxies.get(linkName({ from, to }));
        if (proxy !== undefined) addresses[to] = await proxy.listen();
      }
      peers.set(from, addresses);
    }
    return peers;
  }

  async #onEach(links: readonly Link[], act: (proxy: LinkProxy) => void): Promise<void> {
    const proxies = links.map((link) => this.#proxy(link));
    proxies.forEach(act);
    return Promise.resolve();
  }

  #member(node: NodeId): ProcessNode {
    const member = this.#members.get(node);
    if (member !== undefined) return member;
    throw new HarnessError(`No node ${node} in this cluster; there are ${this.nodes.join(', ')}`);
  }

  #proxy(link: Link): LinkProxy {
    const proxy = this.#proxies.get(linkName(link));
    if (proxy !== undefined) return proxy;
    throw new HarnessError(`No link ${linkName(link)} in this cluster of ${this.nodes.join(', ')}`);
  }
}
