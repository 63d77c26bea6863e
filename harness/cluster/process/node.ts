/**
 * One node of a process cluster over all its lives: its ports, its disk, its log and the process that runs
 * now, if any.
 */
import type { Agent } from 'node:http';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../../errors.ts';
import { EXIT_PORT_TAKEN, type NodeConfig } from '../../node/config.ts';
import { isJsonObject } from '../../json.ts';
import type { NodeId } from '../../node/program.ts';
import { sleep } from '../../time.ts';
import { callNode } from '../call.ts';
import type { ClusterPlan, NodeState } from '../cluster.ts';
import { LOOPBACK } from './link-proxy.ts';
import type { RunMarks } from './marks.ts';
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
  readonly script: string;
  readonly marks: RunMarks;
  readonly agent: Agent;
}

/** A node of a process cluster. */
export class ProcessNode {
  readonly #options: ProcessNodeOptions;
  readonly #directory: string;
  readonly dataDirectory: string;
  #peers: Readonly<Record<NodeId, string>> = {};
  #ports = { peer: 0, client: 0 };
  #process: NodeProcess | undefined;
  #life = 0;
  #stopped = false;

  constructor(options: ProcessNodeOptions) {
    this.#options = options;
    this.#directory = join(options.plan.directory, 'nodes', options.id);
    this.dataDirectory = join(this.#directory, 'data');
  }

  /** Where its peers' connections arrive. */
  get peerPort(): number {
    return this.#ports.peer;
  }

  get endpoint(): string {
    return `http://${LOOPBACK}:${this.#ports.client}`;
  }

  state(): NodeState {
    return this.#process?.state() ?? 'down';
  }

  /** Its first life: on ports that are free. @param peers addresses of its links' proxies */
  async start(peers: Readonly<Record<NodeId, string>>): Promise<void> {
    this.#peers = peers;
    mkdirSync(this.dataDirectory, { recursive: true });
    if (readdirSync(this.dataDirectory).length > 0) {
      throw new HarnessError(
        `${this.#options.id} would not begin empty: there are files in ${this.dataDirectory}`,
      );
    }
    for (let attempt = 1; attempt <= PORT_ATTEMPTS_MAX; attempt++) {
      this.#release();
      this.#ports = { peer: await promisePort(), client: await promisePort() };
      if ((await this.#run()) === 'up') return;
    }
    throw this.#portTaken(`in ${PORT_ATTEMPTS_MAX} attempts on different ports`);
  }

  /** Its next life: on the ports and the disk of the last. */
  async restart(): Promise<void> {
    const { id } = this.#options;
    if (this.state() !== 'down')
      throw new HarnessError(`${id} is ${this.state()}: only a node that is down restarts`);
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

  /** Ends it for good, also in the middle of a start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.kill();
    this.#release();
  }

  /** Begins a life and waits until the node answers. */
  async #run(): Promise<'up' | 'port taken'> {
    const { id, script, marks } = this.#options;
    if (this.#stopped) throw new HarnessError(`${id} does not start: its cluster was stopped`);
    const node = new NodeProcess({ script, config: this.#config(), logFile: this.#logFile });
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
      if (await this.#answersAs(node)) return 'up';
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
      host: LOOPBACK,
      peerPort: this.#ports.peer,
      clientPort: this.#ports.client,
      dataDirectory: this.dataDirectory,
      // Another stream in each life: a node that draws the same numbers again would draw the same names again.
      seed: `${plan.seed}/${id}/${this.#life}`,
      options: plan.options,
      exitWithParent: true,
    };
  }

  #running(): NodeProcess {
    if (this.#process !== undefined && this.state() !== 'down') return this.#process;
    throw new HarnessError(`${this.#options.id} is down: it cannot be paused or resumed`);
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
