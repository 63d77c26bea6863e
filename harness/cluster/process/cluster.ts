/**
 * A cluster of local processes: real TCP, real signals, real fsync, no root and no Docker. Nodes reach one
 * another only through the link proxies (links.ts), clients reach them directly.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { HarnessError, UsageError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { NodeId } from '../../node/program.ts';
import { writeRunFile } from '../../store/directory.ts';
import { bundleNode } from '../bundle.ts';
import { callNode } from '../call.ts';
import type {
  Ability,
  Abilities,
  ClockSkew,
  Cluster,
  ClusterPlan,
  FlippedBit,
  NodeState,
  Reply,
  SavedDisk,
  SwappedBlocks,
  TruncatedFile,
  Way,
} from '../cluster.ts';
import { RealCluster } from '../real-cluster.ts';
import { settleAll } from '../settle.ts';
import { emulated, native } from '../unable.ts';
import { canLimitDescriptors } from './descriptors.ts';
import { ProcessLinks } from './links.ts';
import { RunMarks } from './marks.ts';
import { ProcessNode } from './node.ts';

/** What processes and their proxies can do. */
export const PROCESS_ABILITIES: Abilities = new Map<Ability, Way>([
  ['kill', native('SIGKILL')],
  ['power', emulated('the node tears what it has not synced and ends itself by SIGKILL')],
  ['crash-point', native('the node ends itself by SIGKILL at the point')],
  ['memory', emulated('the node takes memory up to a limit and ends itself by SIGKILL')],
  ['pause', native('SIGSTOP and SIGCONT')],
  ['clock', emulated('the wall clock that the node gives its program')],
  ['disk-full', emulated('the node fails what its program writes with ENOSPC')],
  ['disk-failing', emulated('the node fails what its program asks of the disk with EIO')],
  ['disk-slow', emulated('the node holds up what its program asks of the disk')],
  ['bit-flip', native('bytes of the files are changed')],
  ['truncate', native('the files are truncated')],
  ['swap', native('blocks of the files are exchanged')],
  ['rollback', native('the files are copied, and copied back')],
  ['slow-node', emulated('the event loop of the node stands still for each turn')],
  ['cpu', emulated('SIGSTOP and SIGCONT in short turns')],
  ...(canLimitDescriptors() ? [['descriptors', native('prlimit --nofile')] as const] : []),
  ['upgrade', native('another bundle at the restart')],
  ['spares', native('processes that are started later')],
  ['cut', emulated('the proxy of the link moves nothing')],
  ['reset', native('RST from the proxy of the link')],
  [
    'half-open',
    emulated("the proxy of the link ends its receiver's side, and swallows what the sender sends"),
  ],
  ['delay', emulated('the proxy of the link holds messages back')],
  ['rate', emulated('a token bucket in the proxy of the link')],
  ['loss', emulated('the proxy of the link leaves messages out')],
  ['duplicate', emulated('the proxy of the link sends messages twice')],
  ['reorder', emulated('the proxy of the link lets messages overtake')],
  ['corrupt', emulated('the proxy of the link flips bits in messages')],
  ['slow-close', emulated('the proxy of the link holds the end of connections back')],
  ['names', emulated("the receiver's name is taken out of the file in which the sender looks it up")],
]);

/** The bundle of the program, in the run's directory. */
const SCRIPT = 'node.mjs';

/** Resident memory in MiB of which a node dies: several times what one needs that has little to do. */
const MEMORY_MIB_MAX = 256;

/** Implements the contract with processes. */
export class ProcessCluster extends RealCluster implements Cluster {
  readonly runtime = 'process';
  readonly #marks: RunMarks;
  readonly #members = new Map<NodeId, ProcessNode>();
  protected readonly links: ProcessLinks;
  /** The bundle of each version of the program, by its name. */
  readonly #scripts: ReadonlyMap<string, string>;
  #starting: Promise<void> | undefined;
  #keepData = false;
  #savedDisks = 0;

  constructor(plan: ClusterPlan) {
    super(plan);
    this.#marks = new RunMarks(plan.runId);
    this.#scripts = new Map(
      this.versions.map((version, index) => [version, join(plan.directory, `node-${index + 1}.mjs`)]),
    );
    const everybody = [...this.nodes, ...this.spares];
    for (const id of everybody) {
      const script = join(plan.directory, SCRIPT);
      this.#members.set(id, new ProcessNode({ id, plan, script, marks: this.#marks, agent: this.agent }));
    }
    this.links = new ProcessLinks({
      nodes: everybody,
      seed: plan.seed,
      peerPort: (node) => this.#member(node).peerPort,
      hostsFile: (node) => this.#member(node).hostsFile,
    });
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
    return callNode(member.endpoint, path, body, timeoutMs, this.agent);
  }

  async state(node: NodeId): Promise<NodeState> {
    return Promise.resolve(this.#member(node).state());
  }

  async kill(node: NodeId): Promise<void> {
    await this.#member(node).kill();
  }

  async restart(node: NodeId, version?: string): Promise<void> {
    const script = version === undefined ? undefined : this.#scripts.get(version);
    if (version !== undefined && script === undefined) throw new UsageError(this.#unknownVersion(version));
    await this.#member(node).restart(script);
  }

  override exhaustMemory(node: NodeId): Promise<void> {
    return this.troubles.exhaustMemory(node, MEMORY_MIB_MAX);
  }

  async pause(node: NodeId): Promise<void> {
    await this.#member(node).pause();
  }

  async resume(node: NodeId): Promise<void> {
    await this.#member(node).resume();
    // What changed while it was paused it has not heard of.
    await this.troubles.tell(node);
  }

  override skew(node: NodeId, skew: ClockSkew): Promise<void> {
    return this.troubles.skew(node, skew);
  }

  override async throttle(node: NodeId, share: number): Promise<void> {
    await this.#member(node).throttle(share);
  }

  override async limitDescriptors(node: NodeId, limited: boolean): Promise<void> {
    if (!PROCESS_ABILITIES.has('descriptors'))
      await this.refuse('limit files and connections on this system');
    await this.#member(node).limitDescriptors(limited);
  }

  override async flip(node: NodeId, places: readonly number[]): Promise<readonly FlippedBit[]> {
    return this.#member(node).withDisk((disk) => disk.flip(places));
  }

  override async unflip(node: NodeId, bits: readonly FlippedBit[]): Promise<void> {
    return this.#member(node).withDisk((disk) => disk.unflip(bits));
  }

  override async truncate(node: NodeId, places: readonly number[]): Promise<readonly TruncatedFile[]> {
    return this.#member(node).withDisk((disk) => disk.truncate(places));
  }

  override async swap(
    node: NodeId,
    pairs: readonly (readonly [number, number])[],
  ): Promise<readonly SwappedBlocks[]> {
    return this.#member(node).withDisk((disk) => disk.swap(pairs));
  }

  override async saveDisk(node: NodeId): Promise<SavedDisk> {
    const member = this.#member(node);
    const id = ++this.#savedDisks;
    await member.withDisk((disk) => disk.copyTo(member.savedDirectory(id)));
    return { node, id };
  }

  override async loadDisk({ node, id }: SavedDisk): Promise<void> {
    const member = this.#member(node);
    return member.withDiskAtRest((disk) => disk.replaceBy(member.savedDirectory(id)));
  }

  override async wipe(node: NodeId): Promise<void> {
    return this.#member(node).withDiskAtRest((disk) => disk.wipe());
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
    await this.links.close();
    this.agent.destroy();
    this.#marks.remove();
    for (const script of [join(this.plan.directory, SCRIPT), ...this.#scripts.values()])
      rmSync(script, { force: true });
    if (this.#keepData) return;
    for (const { dataDirectory } of members) rmSync(dataDirectory, { recursive: true, force: true });
  }

  protected override async writeTroubleFile(node: NodeId, text: string): Promise<void> {
    await this.#member(node).writeTroubleFile(text);
  }

  async #start(): Promise<void> {
    const { nodes, progress } = this.plan;
    progress('a process for each node, a proxy on every link');
    await this.#bundle();
    const peers = await this.links.open();
    await settleAll([...this.#members].map(([id, member]) => member.prepare(peers.get(id) ?? {})));
    await settleAll(nodes.map((id) => this.#member(id).start()));
  }

  /** Every version of the program, so that an upgrade takes no longer than a restart. */
  async #bundle(): Promise<void> {
    const { nodeModule, directory, versions = {} } = this.plan;
    const text = await bundleNode(nodeModule);
    const others = await Promise.all(Object.values(versions).map((module) => bundleNode(module)));
    mkdirSync(directory, { recursive: true });
    writeRunFile(directory, SCRIPT, text);
    for (const [index, script] of [...this.#scripts.values()].entries())
      writeRunFile(directory, basename(script), others[index] ?? '');
  }

  #unknownVersion(version: string): string {
    const known = this.#scripts.size === 0 ? 'none' : [...this.#scripts.keys()].join(', ');
    return `No version ${version} of the program in this cluster; there are ${known}`;
  }

  #member(node: NodeId): ProcessNode {
    const member = this.#members.get(node);
    if (member !== undefined) return member;
    throw new HarnessError(`No node ${node} in this cluster; there are ${this.nodes.join(', ')}`);
  }
}
