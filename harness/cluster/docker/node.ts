/**
 * One node of a docker cluster: its container's life, from launch to its last log line. What is done to
 * one node is done one after the other, so that a restart and a cut that meet cannot overtake each other.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { HarnessError, messageOf } from '../../errors.ts';
import type { NodeId } from '../../node/program.ts';
import { sleep } from '../../time.ts';
import type { NodeState } from '../cluster.ts';
import { settledWithin } from '../settle.ts';
import { demultiplex, tarOf, unpack } from './archive.ts';
import { lastLines } from './command.ts';
import { DESCRIPTORS } from './descriptors.ts';
import { isRefusal, type DockerEngine } from './engine.ts';
import { execIn, type ExecResult } from './exec.ts';
import { CLIENT_PORT, DATA_DIRECTORY, NETWORK_PATH } from './layout.ts';
import type { NetworkWork } from './links.ts';
import type { NodeNetwork, Place } from './node-network.ts';
import { freePort } from './ports.ts';
import type { Volume } from './volumes.ts';

const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 50;
const READY_ANSWER_MS = 1000;
/** Looking at the container costs the engine more than a request to the node does. */
const POLLS_A_LOOK = 5;
const MADE_TIMEOUT_MS = 5000;
const PORT_ATTEMPTS = 5;
const PORT_RETRY_MS = 300;
const FREEZE_ATTEMPTS = 5;
const COLLECT_TIMEOUT_MS = 60_000;
const LOG_LINES_SHOWN = 8;
/** Microseconds: the engine's default period, and the least quota of one that the kernel takes. */
const CPU_PERIOD = 100_000;
const CPU_QUOTA_MIN = 1000;

/** What a node is made with. */
export interface DockerNodeOptions {
  readonly id: NodeId;
  readonly engine: DockerEngine;
  readonly runId: string;
  readonly image: string;
  /** Name of the run's network, and the node's address in it. */
  readonly networkName: string;
  readonly ip: string;
  readonly labels: Record<string, string>;
  /** Its disk. */
  readonly volume: Volume;
  /** What else it finds when its life of this number, from 1, begins: text by absolute path. */
  readonly files: (life: number) => ReadonlyMap<string, string>;
  readonly network: NodeNetwork;
  /** Whether it answers on its client port. */
  readonly isReady: (timeoutMs: number) => Promise<boolean>;
  /** Chooses host ports; `freePort` unless given. */
  readonly pickPort?: (() => Promise<number>) | undefined;
}

/** The engine could not publish a node's client port. */
class PortTaken extends HarnessError {}

type ContainerRequest<T> = (container: Docker.Container) => Promise<T>;

/** One node and its container. */
export class DockerNode {
  readonly #options: DockerNodeOptions;
  #container: string | undefined;
  #hostPort: number | undefined;
  #life = 0;
  #isPaused = false;
  #processorShare = 1;
  /** What is to be done to its descriptors, as long as that has any effect on it. */
  #descriptors: keyof typeof DESCRIPTORS | undefined;
  /** What was last put into the container, by path. */
  #written = new Map<string, string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: DockerNodeOptions) {
    this.#options = options;
  }

  /** Where people reach its client port; settled by `launch`. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#hostPort ?? 0}`;
  }

  /** Makes and starts the container; resolves when the node answers. A host port that somebody took meanwhile is replaced. */
  launch(signal: AbortSignal): Promise<void> {
    return this.#serially(() => this.#launch(signal));
  }

  /** Whether there is a container: a spare has none before its first start. */
  get isMade(): boolean {
    return this.#container !== undefined;
  }

  async state(): Promise<NodeState> {
    if (!this.isMade) return 'down';
    const { Paused, Running } = await this.#inspect();
    return Paused ? 'paused' : Running ? 'running' : 'down';
  }

  /** Whether the kernel ended its last life because it had used up its memory. */
  async ranOutOfMemory(): Promise<boolean> {
    return (await this.#inspect()).OOMKilled;
  }

  /** SIGKILL; also when paused. */
  kill(): Promise<void> {
    return this.#serially(async () => {
      try {
        await this.#ask('kill', (container) => container.kill({ signal: 'KILL' }));
      } catch (error) {
        if (!isRefusal(error, 409)) throw error; // 409: it is down already
      }
      this.#isPaused = false;
    });
  }

  /**
   * Starts it again on its old disk, or a spare for the first time; resolves when it answers. The rules in force hold
   * before its program runs.
   */
  restart(signal: AbortSignal): Promise<void> {
    return this.#serially(async () => {
      if (this.isMade) {
        await this.#putFiles(this.#filesOfNextLife());
        await this.#startAgain();
        this.#isPaused = false;
        await Promise.all([this.#options.network.started(this.#place), this.#untilReady(signal)]);
      } else {
        await this.#launch(signal);
        await this.#applyShare();
      }
      await this.#applyDescriptors();
    });
  }

  pause(): Promise<void> {
    return this.#serially(async () => {
      await this.#freeze();
      this.#isPaused = true;
    });
  }

  resume(): Promise<void> {
    return this.#serially(async () => {
      await this.#ask('resume', (container) => container.unpause());
      this.#isPaused = false;
      await this.#options.network.resumed(this.#place);
      await this.#applyDescriptors();
    });
  }

  /** Leaves it this share of a processor, also in lives to come; 1 for all that it wants. */
  throttle(share: number): Promise<void> {
    return this.#serially(async () => {
      this.#processorShare = share;
      await this.#applyShare();
    });
  }

  /** Writes a file as a whole; whoever reads it finds the old text or the new. A spare has it from its first life. */
  writeFile(path: string, text: string): Promise<void> {
    return this.#serially(async () => {
      if (!this.isMade) return;
      const command = ['sh', '-c', `printf %s "$TEXT" > ${path}.new && mv ${path}.new ${path}`];
      const result = await this.#runInside(command, { TEXT: text });
      if (result === undefined) await this.#putFiles(new Map([[path, text]]));
      else if (result.exitCode === 0) this.#written.set(path, text);
      else throw this.#error(`${path} could not be written: ${result.output.trim()}`);
    });
  }

  /** Whether it may open anything more. One that is paused or down learns of it when it goes on or starts. */
  limitDescriptors(limited: boolean): Promise<void> {
    return this.#serially(async () => {
      this.#descriptors = limited ? 'take' : 'giveBack';
      await this.#applyDescriptors();
    });
  }

  /** Does work on its network, after all that was asked of it before. */
  onNetwork<T>(work: NetworkWork<T>): Promise<T> {
    return this.#serially(() => work(this.#options.network, this.#place));
  }

  /** Lets go of what talks to its container. */
  close(): void {
    this.#options.network.close();
  }

  /** Writes what it said on stdout and stderr, over all its lives, to `<directory>/node.log`. */
  async collectLog(directory: string): Promise<void> {
    if (this.#container === undefined) return;
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'node.log'), await this.#log());
  }

  /** Copies its files to `<directory>/data/`. */
  async collectDisk(directory: string): Promise<void> {
    if (this.#container === undefined) return;
    await mkdir(directory, { recursive: true });
    await this.#askPatiently('copy the files of', async (container) => {
      await unpack(await container.getArchive({ path: DATA_DIRECTORY }), directory);
    });
  }

  async #launch(signal: AbortSignal): Promise<void> {
    const tried: number[] = [];
    while (tried.length < PORT_ATTEMPTS) {
      const port = await (this.#options.pickPort ?? freePort)();
      tried.push(port);
      try {
        await this.#launchAt(port, signal);
        return;
      } catch (error) {
        if (!(error instanceof PortTaken)) throw error;
        await this.#discard();
      }
    }
    throw this.#error(
      `ports ${tried.join(', ')} of 127.0.0.1 were all taken when Docker came to publish them; see what listens there (ss -ltnp)`,
    );
  }

  async #launchAt(port: number, signal: AbortSignal): Promise<void> {
    const { NodeContainer } = await import('./node-container.ts');
    this.#hostPort = port;
    const { id, runId } = this.#options;
    const made = Promise.withResolvers<undefined>();
    const files = this.#filesOfNextLife();
    this.#written = new Map(files);
    const container = new NodeContainer({
      ...this.#options,
      network: this.#options.networkName,
      name: `splitbrain-${runId}-${id}`,
      hostPort: port,
      files,
      onCreated: (containerId) => {
        this.#container = containerId;
        made.resolve(undefined);
      },
    });
    const started = container.start().catch((error: unknown) => {
      if (isPortConflict(error)) throw new PortTaken(messageOf(error));
      throw this.#error(`Docker could not start its container: ${messageOf(error)}`);
    });
    const failed = new AbortController();
    try {
      // Both: a container that ends at once keeps `start` waiting for its ports, and a port that answers may not be ours.
      await Promise.all([started, this.#untilReady(AbortSignal.any([signal, failed.signal]))]);
      await this.#options.network.started(this.#place);
    } catch (error) {
      failed.abort();
      // What is still being made could not be found and removed.
      await settledWithin(Promise.race([made.promise, started]), MADE_TIMEOUT_MS);
      throw error;
    }
  }

  /** A busy kernel may take long to freeze all threads of a node, and the engine gives up. */
  async #freeze(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#ask('pause', (container) => container.pause());
        return;
      } catch (error) {
        if (attempt === FREEZE_ATTEMPTS || !/unable to freeze/.test(messageOf(error))) throw error;
      }
    }
  }

  /** The kernel's scheduler gives it so much of each tenth of a second. */
  async #applyShare(): Promise<void> {
    if (!this.isMade) return;
    const share = this.#processorShare;
    const quota = share >= 1 ? -1 : Math.max(CPU_QUOTA_MIN, Math.round(share * CPU_PERIOD));
    const { Warnings = [] } = (await this.#ask('limit the processor of', (container) =>
      container.update({ CpuPeriod: CPU_PERIOD, CpuQuota: quota }),
    )) as { Warnings?: readonly string[] | null };
    // A kernel that cannot is no error to the engine.
    if (Warnings !== null && Warnings.length > 0) throw this.#error(Warnings.join('; '));
  }

  async #applyDescriptors(): Promise<void> {
    if (this.#descriptors === undefined || !this.isMade) return;
    const result = await this.#runInside(DESCRIPTORS[this.#descriptors], {});
    if (result === undefined) return;
    if (result.exitCode !== 0) {
      throw this.#error(`the limit of its descriptors could not be changed: ${result.output.trim()}`);
    }
    if (this.#descriptors === 'giveBack') this.#descriptors = undefined;
  }

  #filesOfNextLife(): Map<string, string> {
    const { files, network } = this.#options;
    return new Map([[NETWORK_PATH, network.scriptForNextLife()], ...files(++this.#life)]);
  }

  /** Puts those of these files into the container that it does not have yet; in any state, but not in one piece. */
  async #putFiles(files: ReadonlyMap<string, string>): Promise<void> {
    const changed = new Map([...files].filter(([path, text]) => this.#written.get(path) !== text));
    if (changed.size === 0) return;
    await this.#ask('write files of', (container) => container.putArchive(tarOf(changed), { path: '/' }));
    for (const [path, text] of changed) this.#written.set(path, text);
  }

  async #startAgain(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#ask('start', (container) => container.start());
        return;
      } catch (error) {
        if (!isPortConflict(error)) throw error;
        if (attempt === PORT_ATTEMPTS) {
          throw this.#error(
            `its port ${this.#hostPort ?? 0} was taken while it was down; see what listens there (ss -ltnp)`,
          );
        }
        await sleep(PORT_RETRY_MS);
      }
    }
  }

  async #untilReady(signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    for (let poll = 1; !signal.aborted; poll++) {
      if (await this.#options.isReady(READY_ANSWER_MS)) return;
      if (poll % POLLS_A_LOOK === 0) await this.#failIfEnded();
      if (performance.now() > deadline) throw await this.#neverReady();
      await sleep(READY_POLL_MS, signal);
    }
    throw this.#error('stopped while it was starting');
  }

  async #failIfEnded(): Promise<void> {
    if (this.#container === undefined) return;
    const { Status, ExitCode, OOMKilled } = await this.#inspect();
    if (Status !== 'exited' && Status !== 'dead') return;
    const memory = OOMKilled ? ', out of memory' : '';
    throw this.#error(
      `its program ended with exit code ${ExitCode}${memory} before it answered. ${await this.#lastWords()}`,
    );
  }

  async #neverReady(): Promise<HarnessError> {
    const waited = `no answer on its client port ${CLIENT_PORT} (${this.endpoint}) in ${READY_TIMEOUT_MS / 1000} s`;
    return this.#error(`${waited}. Its program must resolve \`start\`. ${await this.#lastWords()}`);
  }

  async #lastWords(): Promise<string> {
    if (this.#container === undefined) return 'Docker did not even make its container.';
    const words = lastLines(await this.#log(), LOG_LINES_SHOWN);
    return words === '' ? 'It logged nothing.' : `The last lines of its log:\n${words}`;
  }

  async #inspect(): Promise<Docker.ContainerInspectInfo['State']> {
    return (await this.#ask('inspect', (container) => container.inspect())).State;
  }

  async #runInside(
    command: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Promise<ExecResult | undefined> {
    try {
      return await execIn(this.#options.engine, this.#container ?? '', command, environment);
    } catch (error) {
      if (!isRefusal(error, 409)) throw error;
      return undefined;
    }
  }

  get #place(): Place {
    const isDown = async (): Promise<boolean> => (await this.state()) === 'down';
    return { container: this.#container, isPaused: this.#isPaused, isDown };
  }

  async #log(): Promise<string> {
    return demultiplex(
      await this.#askPatiently('read the log of', (container) =>
        container.logs({ stdout: true, stderr: true }),
      ),
    );
  }

  async #discard(): Promise<void> {
    if (this.#container === undefined) return;
    await this.#ask('remove', (container) => container.remove({ force: true, v: true }));
    this.#container = undefined;
    this.#life--;
  }

  async #ask<T>(verb: string, request: ContainerRequest<T>, engine = this.#options.engine): Promise<T> {
    const container = this.#container;
    if (container === undefined) throw this.#error(`cannot ${verb} it: it was never started`);
    return engine.ask(`${verb} node ${this.#options.id}`, (docker) =>
      request(docker.getContainer(container)),
    );
  }

  #askPatiently<T>(verb: string, request: ContainerRequest<T>): Promise<T> {
    return this.#ask(verb, request, this.#options.engine.within(COLLECT_TIMEOUT_MS));
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #error(what: string): HarnessError {
    return new HarnessError(`Node ${this.#options.id}: ${what}`);
  }
}

/** Whether the engine refused because the host port is somebody else's; its words differ by version and platform. */
function isPortConflict(error: unknown): boolean {
  return /port is already allocated|address already in use|ports are not available/i.test(messageOf(error));
}
