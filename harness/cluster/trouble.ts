/**
 * The troubles that real nodes bring about in themselves (harness/node/trouble.ts), as the runtimes of real nodes see
 * them: what is wanted of each node, and how it gets there. A node that runs is told; one that is down finds it in a
 * file when it starts; one that is paused is told when it goes on, for which its runtime calls `tell`.
 */
import { HarnessError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { NodeTrouble } from '../node/trouble.ts';
import type { NodeId } from '../node/program.ts';
import { sleep } from '../time.ts';
import type { ClockSkew, Cluster, CrashPoint, DiskTrouble, Reply } from './cluster.ts';

/** Milliseconds within which a node that runs takes notice: a slow one gets to nothing at once. */
const TOLD_MS_MAX = 10_000;
/** Milliseconds for one answer, until the node's state is looked at again. */
const ANSWER_MS_MAX = 1000;
/** Milliseconds until a node whose power was cut is gone. */
const POWER_MS_MAX = 3000;
/** Milliseconds until a node has used up its memory. */
const MEMORY_MS_MAX = 30_000;
const POLL_MS = 5;

/** What the troubles need of their cluster. */
export interface TroubledCluster extends Pick<Cluster, 'call' | 'state' | 'kill'> {
  /** Puts the text where the node looks for `NodeConfig.troubleFile`. A node that is slow looks there too, after each turn. */
  writeTroubleFile(node: NodeId, text: string): Promise<void>;
}

/** The wanted troubles of all nodes of one cluster. */
export class Troubles {
  readonly #cluster: TroubledCluster;
  readonly #wanted = new Map<NodeId, NodeTrouble>();
  #crashes = 0;

  constructor(cluster: TroubledCluster) {
    this.#cluster = cluster;
  }

  /** See `Cluster.skew`. @param since when, by the clock of the node's system, where that one is wrong as well */
  skew(node: NodeId, skew: ClockSkew, since: number = Date.now()): Promise<void> {
    const right = Object.keys(skew).length === 0;
    return this.#change(node, { clock: right ? undefined : { ...skew, since } });
  }

  /** See `Cluster.breakDisk`. */
  breakDisk(node: NodeId, trouble: DiskTrouble): Promise<void> {
    return this.#change(node, { disk: Object.keys(trouble).length === 0 ? undefined : trouble });
  }

  /** See `Cluster.slow`. */
  slow(node: NodeId, busyMs: number): Promise<void> {
    return this.#change(node, { busyMs: busyMs === 0 ? undefined : busyMs });
  }

  /** See `Cluster.armCrash`. */
  armCrash(node: NodeId, crash: CrashPoint | undefined): Promise<void> {
    return this.#change(node, { crash: crash === undefined ? undefined : { ...crash, id: ++this.#crashes } });
  }

  /** The text of the node's file, for a runtime that has to put it there before a start. */
  textFor(node: NodeId): string {
    return JSON.stringify(this.#wanted.get(node) ?? { revision: 0 });
  }

  /**
   * Tells a node what is wanted of it, if it runs; resolves when it says that it has understood, or is down or paused.
   * Rejects with a HarnessError when it does neither in time.
   */
  async tell(node: NodeId): Promise<void> {
    const trouble = this.#wanted.get(node);
    if (trouble === undefined) return;
    const deadline = Date.now() + TOLD_MS_MAX;
    for (;;) {
      if ((await this.#cluster.state(node)) !== 'running') return;
      const reply = await this.#cluster.call(
        node,
        '_/trouble',
        trouble as unknown as JsonObject,
        ANSWER_MS_MAX,
      );
      if (reply.kind === 'answer') return;
      if (Date.now() > deadline) throw new HarnessError(`${node} did not take its trouble: ${reply.error}`);
      await sleep(POLL_MS);
    }
  }

  /** See `Cluster.cutPower`. A node that is paused, or does not get to it, writes nothing more: it is only killed. */
  async cutPower(node: NodeId): Promise<void> {
    if ((await this.#cluster.state(node)) === 'running') {
      await this.#cluster.call(node, '_/power-cut', {}, POWER_MS_MAX);
      if (await this.#isDownWithin(node, POWER_MS_MAX)) return;
    }
    await this.#cluster.kill(node);
  }

  /**
   * See `Cluster.exhaustMemory`.
   *
   * @param limitMiB resident memory at which the node ends itself, where nothing else ends it before
   */
  async exhaustMemory(node: NodeId, limitMiB: number): Promise<void> {
    const state = await this.#cluster.state(node);
    if (state !== 'running')
      throw new HarnessError(`${node} is ${state}: only a node that runs uses up its memory`);
    const reply: Reply = await this.#cluster.call(node, '_/eat', { limitMiB }, ANSWER_MS_MAX);
    if (reply.kind === 'refused')
      throw new HarnessError(`${node} does not use up its memory: ${reply.error}`);
    if (await this.#isDownWithin(node, MEMORY_MS_MAX)) return;
    throw new HarnessError(
      `${node} has not used up its memory within ${MEMORY_MS_MAX} ms, up to ${limitMiB} MiB`,
    );
  }

  async #change(
    node: NodeId,
    change: { readonly [Field in keyof NodeTrouble]?: NodeTrouble[Field] | undefined },
  ): Promise<void> {
    const { revision = 0, ...old } = this.#wanted.get(node) ?? {};
    const wanted = Object.entries({ ...old, ...change }).filter(([, value]) => value !== undefined);
    this.#wanted.set(node, { ...Object.fromEntries(wanted), revision: revision + 1 });
    // In the file first: a slow node looks there, and one that dies now comes back with it.
    await this.#cluster.writeTroubleFile(node, this.textFor(node));
    await this.tell(node);
  }

  async #isDownWithin(node: NodeId, ms: number): Promise<boolean> {
    const deadline = Date.now() + ms;
    while ((await this.#cluster.state(node)) !== 'down') {
      if (Date.now() > deadline) return false;
      await sleep(POLL_MS);
    }
    return true;
  }
}
