/**
 * A simulated cluster: the same node programs as in containers, in this thread and under virtual time, with
 * network, disks, crashes and the order of everything drawn from the seed. The same seed gives the same run.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importUserModule } from '../../entry-points.ts';
import { HarnessError, messageOf, UsageError } from '../../errors.ts';
import { received, type JsonObject } from '../../json.ts';
import type { NodeId, NodeProgram } from '../../node/program.ts';
import { formatDuration, NANOS_PER_MS, type Time } from '../../time.ts';
import type {
  ClockSkew,
  Cluster,
  ClusterPlan,
  CrashPoint,
  DiskTrouble,
  FlippedBit,
  Link,
  LinkShape,
  NodeState,
  Reply,
  SavedDisk,
  SwappedBlocks,
  TruncatedFile,
} from '../cluster.ts';
import type { SimDisk } from './disk.ts';
import { guardedLoad } from './guard.ts';
import { SimNetwork } from './network.ts';
import { SimNode } from './node.ts';
import { drawMs, parseSettings, type SimSettings } from './options.ts';
import type { MomentRandom } from './moment-random.ts';
import type { SimObserver } from './observer.ts';
import { EVENT, World, type SimJournal } from './world.ts';

/** Implements the contract by simulation. */
export class SimCluster implements Cluster {
  readonly runtime = 'sim';
  readonly nodes: readonly NodeId[];
  readonly spares: readonly NodeId[];
  readonly versions: readonly string[];
  readonly time: Time;
  readonly #plan: ClusterPlan;
  readonly #settings: SimSettings;
  readonly #world: World;
  readonly #network: SimNetwork;
  /** Draws how long clients' requests travel. */
  readonly #random: MomentRandom;
  readonly #members = new Map<NodeId, SimNode>();
  readonly #savedDisks: ReadonlyMap<string, Uint8Array>[] = [];
  /** What each node runs. */
  readonly #programs = new Map<NodeId, NodeProgram>();
  #stopped = false;

  /** Throws a UsageError when the plan's settings are none. */
  constructor(plan: ClusterPlan) {
    this.#plan = plan;
    this.nodes = plan.nodes;
    this.spares = plan.spares ?? [];
    this.versions = Object.keys(plan.versions ?? {});
    const settings = parseSettings(plan.settings);
    this.#settings = settings;
    const world = new World(plan.seed);
    this.#world = world;
    this.time = world.time;
    this.#random = world.place('clients');
    const all = [...plan.nodes, ...this.spares];
    const network = new SimNetwork(world, all, settings);
    this.#network = network;
    for (const id of all) {
      const peers = all.filter((peer) => peer !== id);
      const { spares } = this;
      const node = new SimNode({ id, peers, spares, options: plan.options, world, settings, network });
      network.connect(id, node);
      this.#members.set(id, node);
    }
  }

  /** Of every draw and every event so far: equal for equal runs. */
  get checksum(): string {
    return this.#world.checksum;
  }

  /** Shows what happens to this observer from now on. */
  observe(observer: SimObserver): void {
    this.#world.observer = observer;
  }

  /** Has every event taken down from now on. */
  keepJournal(journal: SimJournal): void {
    this.#world.journal = journal;
  }

  async start(): Promise<void> {
    const { nodeModule, nodes, progress } = this.#plan;
    progress(`simulating ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`);
    const program = await loadProgram(nodeModule);
    for (const id of this.#members.keys()) this.#programs.set(id, program);
    try {
      await Promise.all(nodes.map((id) => this.#start(id)));
    } finally {
      this.#requireRepeatable();
    }
  }

  endpoint(node: NodeId): string {
    return `sim://${this.#member(node).id}`;
  }

  call(node: NodeId, path: string, body: JsonObject, timeoutMs: number): Promise<Reply> {
    const member = this.#members.get(node);
    if (member === undefined) {
      return Promise.resolve({
        kind: 'refused',
        error: `there is no node ${node}`,
        details: {},
        unreachable: true,
      });
    }
    const sent = received(body) as JsonObject;
    return this.#world.wait(({ resolve }) => {
      const late = this.#world.after(timeoutMs, EVENT.reply, () => {
        resolve({ kind: 'lost', error: `no answer within ${timeoutMs} ms` });
      });
      const arrive = (): void => {
        member.visit(path, sent, (reply) => {
          this.#world.cancel(late);
          resolve(reply);
        });
      };
      const travelMs = drawMs(this.#settings.latencyMs, this.#random.here());
      this.#world.after(travelMs, EVENT.request, arrive, member.subject, { path, body: sent });
    });
  }

  state(node: NodeId): Promise<NodeState> {
    return this.#act(() => {
      this.#requireRepeatable();
      return this.#member(node).state;
    });
  }

  kill(node: NodeId): Promise<void> {
    return this.#act(() => this.#member(node).kill());
  }

  async restart(node: NodeId, version?: string): Promise<void> {
    if (version !== undefined) this.#programs.set(node, await this.#programOf(version));
    await this.#start(node);
  }

  cutPower(node: NodeId): Promise<void> {
    return this.#act(() => this.#member(node).cutPower());
  }

  armCrash(node: NodeId, crash: CrashPoint | undefined): Promise<void> {
    return this.#act(() => this.#member(node).armCrash(crash));
  }

  async exhaustMemory(node: NodeId): Promise<void> {
    await this.#member(node).exhaustMemory();
  }

  pause(node: NodeId): Promise<void> {
    return this.#act(() => this.#member(node).pause());
  }

  resume(node: NodeId): Promise<void> {
    return this.#act(() => this.#member(node).resume());
  }

  cut(links: readonly Link[]): Promise<void> {
    return this.#act(() => this.#network.cut(links));
  }

  heal(links: readonly Link[]): Promise<void> {
    return this.#act(() => this.#network.heal(links));
  }

  reset(links: readonly Link[]): Promise<void> {
    return this.#act(() => this.#network.reset(links));
  }

  forget(links: readonly Link[]): Promise<void> {
    return this.#act(() => this.#network.forget(links));
  }

  shape(links: readonly Link[], shape: LinkShape): Promise<void> {
    return this.#act(() => this.#network.shape(links, shape));
  }

  skew(node: NodeId, skew: ClockSkew): Promise<void> {
    return this.#act(() => this.#member(node).skew(skew));
  }

  breakDisk(node: NodeId, trouble: DiskTrouble): Promise<void> {
    return this.#act(() => this.#member(node).breakDisk(trouble));
  }

  flip(node: NodeId, places: readonly number[]): Promise<readonly FlippedBit[]> {
    return this.#act(() => this.#member(node).disk.flip(places));
  }

  unflip(node: NodeId, bits: readonly FlippedBit[]): Promise<void> {
    return this.#act(() => this.#member(node).disk.unflip(bits));
  }

  truncate(node: NodeId, places: readonly number[]): Promise<readonly TruncatedFile[]> {
    return this.#act(() => this.#member(node).disk.truncate(places));
  }

  swap(node: NodeId, pairs: readonly (readonly [number, number])[]): Promise<readonly SwappedBlocks[]> {
    return this.#act(() => this.#member(node).disk.swap(pairs));
  }

  saveDisk(node: NodeId): Promise<SavedDisk> {
    return this.#act(() => {
      const id = this.#savedDisks.push(this.#member(node).disk.contents()) - 1;
      return { node, id };
    });
  }

  loadDisk({ node, id }: SavedDisk): Promise<void> {
    return this.#act(() => this.#diskOfDead(node).load(this.#savedDisks[id] ?? new Map()));
  }

  wipe(node: NodeId): Promise<void> {
    return this.#act(() => this.#diskOfDead(node).load(new Map()));
  }

  slow(node: NodeId, busyMs: number): Promise<void> {
    return this.#act(() => this.#member(node).slow(busyMs));
  }

  throttle(node: NodeId, share: number): Promise<void> {
    return this.#act(() => this.#member(node).throttle(share));
  }

  limitDescriptors(node: NodeId, limited: boolean): Promise<void> {
    return this.#act(() => this.#member(node).limitDescriptors(limited));
  }

  /** A node's whole log so far, a JSON line an entry. */
  log(node: NodeId): string {
    return this.#member(node).log;
  }

  collect({ disks }: { readonly disks: boolean }): Promise<void> {
    return this.#act(() => {
      const { now, events, checksum } = this.#world;
      this.#plan.progress(
        `simulated ${formatDuration(now / NANOS_PER_MS)} in ${events} events, checksum ${checksum}`,
      );
      for (const member of this.#members.values()) {
        if (!member.hasLived) continue;
        const directory = join(this.#plan.directory, 'nodes', member.id);
        const data = join(directory, 'data');
        mkdirSync(disks ? data : directory, { recursive: true });
        writeFileSync(join(directory, 'node.log'), member.log);
        if (!disks) continue;
        for (const [name, bytes] of member.disk.contents()) writeFileSync(join(data, name), bytes);
      }
    });
  }

  stop(): Promise<void> {
    return this.#act(() => {
      this.#stopped = true;
      // An onlooker came for the run: what is still on its way at its end is not lost in it.
      this.#world.observer = undefined;
      for (const member of this.#members.values()) member.kill('its cluster was stopped');
      this.#requireRepeatable();
    });
  }

  async #start(node: NodeId): Promise<void> {
    const program = this.#programs.get(node);
    if (program === undefined || this.#stopped)
      throw new HarnessError(
        `${node} does not start: its cluster ${this.#stopped ? 'was stopped' : 'was not started'}`,
      );
    await this.#member(node).start(program);
  }

  #programOf(version: string): Promise<NodeProgram> {
    const { versions = {} } = this.#plan;
    const nodeModule = versions[version];
    if (nodeModule !== undefined) return loadProgram(nodeModule);
    const known = Object.keys(versions).join(', ') || 'none';
    throw new HarnessError(`There is no version '${version}' of the program; there are: ${known}`);
  }

  #diskOfDead(node: NodeId): SimDisk {
    const { state, disk } = this.#member(node);
    if (state === 'down') return disk;
    throw new HarnessError(`${node} is ${state}: only the disk of a node that is down is exchanged`);
  }

  /** Throws a UsageError when the program did what makes runs unrepeatable (guard.ts). */
  #requireRepeatable(): void {
    const { refusal } = this.#world;
    if (refusal !== undefined) throw refusal;
  }

  /** What the simulator does itself is done at once. */
  async #act<T>(act: () => T): Promise<T> {
    return Promise.resolve(act());
  }

  #member(node: NodeId): SimNode {
    const member = this.#members.get(node);
    if (member !== undefined) return member;
    throw new HarnessError(
      `No node ${node} in this cluster; there are ${[...this.#members.keys()].join(', ')}`,
    );
  }
}

/** The program that the module exports. It is loaded into this thread, once for all nodes. */
async function loadProgram(nodeModule: string): Promise<NodeProgram> {
  let program: unknown;
  try {
    program = (await guardedLoad(() => importUserModule(nodeModule)))['node'];
  } catch (error) {
    throw new UsageError(`The node program ${nodeModule} cannot be loaded: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (isProgram(program)) return program;
  throw new UsageError(
    `${nodeModule} exports no 'node': a node program is a module with 'export const node: NodeProgram = …'`,
  );
}

function isProgram(value: unknown): value is NodeProgram {
  return typeof value === 'object' && value !== null && 'start' in value && typeof value.start === 'function';
}
