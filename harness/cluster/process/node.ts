/**
 * One node of a process cluster over all its lives: its ports, its disk, its log and the process that runs
 * now, if any.
 */
import type { Agent } from 'node:http';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../../errors.ts';
import { EXIT_PORT_TAKEN, type NodeConfig } from '../../node/config.ts';
import { isJsonObject } from '../../json.ts';
import type { NodeId } from '../../node/program.ts';
import { sleep } from '../../time.ts';
import { callNode } from '../call.ts';
import type { ClusterPlan, NodeState } from '../cluster.ts';
import { limitDescriptors } from './descriptors.ts';
import { LOOPBACK } from '../links/link-proxy.ts';
import type { RunMarks } from './marks.ts';
import { NodeDirectory } from './node-disk.ts';
import { NodeProcess } from './node-process.ts';
import { choosePort } from './ports.ts';

/** Milliseconds that a node may take to answer. */
const START_MS_MAX = 10_000;
/** Milliseconds that a restarted node waits for its old ports. */
const PORT_MS_MAX = 3000;
/** Milliseconds for one answer, until the node's process is looked at again. */
const ANSWER_MS_MAX = 500;
const POLL_MS = 20;
/** Other ports that are tried at the first start. */
const PORT_ATTEMPTS_MAX = 5;
const LOG_LINES_SHOWN = 5;

/** Ports promised to any node of this process, so that clusters side by side keep apart. */
const promised = new Set<number>();

/** What a node is made from. */
export interface ProcessNodeOptions {
  readonly id: NodeId;
  readonly plan: ClusterPlan;
  /** The bundled program that it runs until it is told another. */
  readonly script: string;
  readonly marks: RunMarks;
  readonly agent: Agent;
}

/** A node of a process cluster. */
export class ProcessNode {
  readonly #options: ProcessNodeOptions;
  readonly #directory: string;
  readonly #disk: NodeDirectory;
  #script: string;
  #peers: Readonly<Record<NodeId, string>> = {};
  #ports = { peer: 0, client: 0 };
  #process: NodeProcess | undefined;
  #life = 0;
  #stopped = false;
  /** Of a processor. */
  #share = 1;
  #descriptorsLimited = false;

  constructor(options: ProcessNodeOptions) {
    this.#options = options;
    this.#directory = join(options.plan.directory, 'nodes', options.id);
    this.#disk = new NodeDirectory(join(this.#directory, 'data'));
    this.#script = options.script;
  }

  get dataDirectory(): string {
    return this.#disk.path;
  }

  /** Where its peers' connections arrive. */
  get peerPort(): number {
    return this.#ports.peer;
  }

  /** In it the node looks up where its peers are. */
  get hostsFile(): string {
    return join(this.#directory, 'hosts');
  }

  get endpoint(): string {
    return `http://${LOOPBACK}:${this.#ports.client}`;
  }

  state(): NodeState {
    return this.#process?.state() ?? 'down';
  }

  /**
   * Gives it an empty disk and ports that are free. Rejects with a HarnessError when there are files already.
   *
   * @param peers addresses of its links' proxies
   */
  async prepare(peers: Readonly<Record<NodeId, string>>): Promise<void> {
    this.#peers = peers;
    mkdirSync(this.dataDirectory, { recursive: true });
    if (readdirSync(this.dataDirectory).length > 0) {
      throw new HarnessError(
        `${this.#options.id} would not begin empty: there are files in ${this.dataDirectory}`,
      );
    }
    for (const file of [this.#troubleFile, `${this.#troubleFile}.fired`]) rmSync(file, { force: true });
    await this.#choosePorts();
  }

  /** Its first life: on other ports, where those that were free are no longer. */
  async start(): Promise<void> {
    for (let attempt = 1; attempt <= PORT_ATTEMPTS_MAX; attempt++) {
      if (attempt > 1) await this.#choosePorts();
      if ((await this.#run()) === 'up') return;
    }
    throw this.#portTaken(`in ${PORT_ATTEMPTS_MAX} attempts on different ports`);
  }

  /** Its next life: on the ports and the disk of the last. @param script another program, from now on */
  async restart(script = this.#script): Promise<void> {
    this.#requireDown('restarts');
    this.#script = script;
    if (this.#life === 0) {
      await this.start();
      return;
    }
    const deadline = Date.now() + PORT_MS_MAX;
    while ((await this.#run()) === 'port taken') {
      if (Date.now() > deadline) throw this.#portTaken(`for ${PORT_MS_MAX} ms`);
      await sleep(POLL_MS);
    }
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  async pause(): Promise<void> {
    await this.#running().pause();
  }

  async resume(): Promise<void> {
    await this.#running().resume();
  }

  /** See `Cluster.throttle`. */
  async throttle(share: number): Promise<void> {
    this.#share = share;
    if (this.state() !== 'down') await this.#process?.throttle(share);
  }

  /** See `Cluster.limitDescriptors`. */
  async limitDescriptors(limited: boolean): Promise<void> {
    this.#descriptorsLimited = limited;
    const { pid } = this.#process ?? {};
    if (pid !== undefined && this.state() !== 'down') await limitDescriptors(pid, limited);
  }

  /** Does this to its files, while it stands still if it runs. */
  async withDisk<T>(act: (disk: NodeDirectory) => T): Promise<T> {
    const onDisk = (): T => act(this.#disk);
    return this.#process === undefined ? onDisk() : this.#process.whileStill(onDisk);
  }

  /** Does this to the files of a node that must be down. Rejects with a HarnessError when it is not. */
  async withDiskAtRest<T>(act: (disk: NodeDirectory) => T): Promise<T> {
    this.#requireDown('has its disk exchanged');
    return Promise.resolve(act(this.#disk));
  }

  /** Has it find this text in its file of troubles. */
  async writeTroubleFile(text: string): Promise<void> {
    mkdirSync(this.#directory, { recursive: true });
    writeFileSync(`${this.#troubleFile}.new`, text);
    renameSync(`${this.#troubleFile}.new`, this.#troubleFile);
    return Promise.resolve();
  }

  /** A place for the copy of its disk with this number. */
  savedDirectory(number: number): string {
    return join(this.#directory, 'saved', String(number));
  }

  /** Ends it for good, also in the middle of a start; what it alone needed is removed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.kill();
    this.#release();
    for (const name of ['saved', 'hosts', 'trouble.json', 'trouble.json.new', 'trouble.json.fired'])
      rmSync(join(this.#directory, name), { recursive: true, force: true });
  }

  /** What it suffers from by the system, not by itself, begins anew in each life. */
  async #settleIn(): Promise<void> {
    if (this.#share < 1) await this.throttle(this.#share);
    if (this.#descriptorsLimited) await this.limitDescriptors(true);
  }

  async #choosePorts(): Promise<void> {
    this.#release();
    this.#ports = { peer: await promisePort(), client: await promisePort() };
  }

  /** Begins a life and waits until the node answers. */
  async #run(): Promise<'up' | 'port taken'> {
    const { id, marks } = this.#options;
    if (this.#stopped) throw new HarnessError(`${id} does not start: its cluster was stopped`);
    const node = new NodeProcess({ script: this.#script, config: this.#config(), logFile: this.#logFile });
    this.#process = node;
    this.#life++;
    if (node.pid !== undefined) marks.set(id, node.pid);
    const deadline = Date.now() + START_MS_MAX;
    while (Date.now() < deadline) {
      if (node.state() === 'down') {
        await node.ended;
        if (node.exitCode === EXIT_PORT_TAKEN) return 'port taken';
        throw this.#notStarted(`it ended by ${node.end}`);
      }
      if (await this.#answersAs(node)) {
        await this.#settleIn();
        return 'up';
      }
      await sleep(POLL_MS);
    }
    await node.kill();
    throw this.#notStarted(`it did not answer on ${this.endpoint} within ${START_MS_MAX} ms`);
  }

  /** Whether it is this process that answers, and not a stranger on its port. */
  async #answersAs(node: NodeProcess): Promise<boolean> {
    const reply = await callNode(this.endpoint, '_/health', {}, ANSWER_MS_MAX, this.#options.agent);
    return reply.kind === 'answer' && isJsonObject(reply.body) && reply.body['pid'] === node.pid;
  }

  #config(): NodeConfig {
    const { id, plan } = this.#options;
    return {
      id,
      peers: this.#peers,
      ...(plan.spares === undefined ? {} : { spares: plan.spares }),
      hostsFile: this.hostsFile,
      host: LOOPBACK,
      peerPort: this.#ports.peer,
      clientPort: this.#ports.client,
      dataDirectory: this.dataDirectory,
      // Another stream in each life: a node that draws the same numbers again would draw the same names again.
      seed: `${plan.seed}/${id}/${this.#life}`,
      options: plan.options,
      exitWithParent: true,
      troubleFile: this.#troubleFile,
    };
  }

  #running(): NodeProcess {
    if (this.#process !== undefined && this.state() !== 'down') return this.#process;
    throw new HarnessError(`${this.#options.id} is down: it cannot be paused or resumed`);
  }

  /** Throws a HarnessError, saying that only then it does this. */
  #requireDown(does: string): void {
    const state = this.state();
    if (state === 'down') return;
    throw new HarnessError(`${this.#options.id} is ${state}: only a node that is down ${does}`);
  }

  get #troubleFile(): string {
    return join(this.#directory, 'trouble.json');
  }

  get #logFile(): string {
    return join(this.#directory, 'node.log');
  }

  #notStarted(what: string): HarnessError {
    const log = lastLines(this.#logFile, LOG_LINES_SHOWN);
    const shown = log === '' ? 'Its log is empty.' : `Its last log lines:\n${log}`;
    return new HarnessError(
      `${this.#options.id} did not start: ${what}. ${shown}\nThe whole log: ${this.#logFile}`,
    );
  }

  #portTaken(howLong: string): HarnessError {
    const { peer, client } = this.#ports;
    return new HarnessError(
      `${this.#options.id} cannot listen: another program held port ${client} (clients) or ${peer} (peers) of ` +
        `${LOOPBACK} ${howLong}. Find it with 'ss -ltnp', end it, and run again.`,
    );
  }

  #release(): void {
    promised.delete(this.#ports.peer);
    promised.delete(this.#ports.client);
  }
}

async function promisePort(): Promise<number> {
  const port = await choosePort(promised);
  promised.add(port);
  return port;
}

function lastLines(file: string, count: number): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}
