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
import { demultiplex, tarOfFile, unpack } from './archive.ts';
import { lastLines } from './command.ts';
import { isRefusal, type DockerEngine } from './engine.ts';
import { execIn, runOnce } from './exec.ts';
import { CLIENT_PORT, DATA_DIRECTORY, RULES_PATH } from './layout.ts';
import { freePort } from './ports.ts';
import { RESTORE } from './rules.ts';

const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 50;
const READY_ANSWER_MS = 1000;
/** Looking at the container costs the engine more than a request to the node does. */
const POLLS_A_LOOK = 5;
const MADE_TIMEOUT_MS = 5000;
const PORT_ATTEMPTS = 5;
const PORT_RETRY_MS = 300;
const COLLECT_TIMEOUT_MS = 60_000;
const LOG_LINES_SHOWN = 8;

/** What a node is made with. */
export interface DockerNodeOptions {
  readonly id: NodeId;
  readonly engine: DockerEngine;
  readonly runId: string;
  readonly image: string;
  readonly network: string;
  readonly ip: string;
  readonly labels: Record<string, string>;
  /** Text of the node's program. */
  readonly program: string;
  /** Its configuration, as JSON. */
  readonly config: string;
  /** The rules in force for it now; `fresh` as for `rulesOf`. */
  readonly rules: (fresh: boolean) => string;
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
    return this.#serially(async () => {
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
    });
  }

  state(): Promise<NodeState> {
    return this.#ask('inspect', async (container) => {
      const { State } = await container.inspect();
      return State.Paused ? 'paused' : State.Running ? 'running' : 'down';
    });
  }

  /** SIGKILL; also when paused. */
  kill(): Promise<void> {
    return this.#serially(async () => {
      try {
        await this.#ask('kill', (container) => container.kill({ signal: 'KILL' }));
      } catch (error) {
        if (!isRefusal(error, 409)) throw error; // 409: it is down already
      }
    });
  }

  /** Starts it again on its old disk; resolves when it answers. The rules in force hold before its program runs. */
  restart(signal: AbortSignal): Promise<void> {
    return this.#serially(async () => {
      const rules = tarOfFile(RULES_PATH.slice(1), this.#options.rules(true));
      await this.#ask('write the rules of', (container) => container.putArchive(rules, { path: '/' }));
      await this.#startAgain();
      await this.#untilReady(signal);
    });
  }

  pause(): Promise<void> {
    return this.#serially(() => this.#ask('pause', (container) => container.pause()));
  }

  resume(): Promise<void> {
    return this.#serially(() => this.#ask('resume', (container) => container.unpause()));
  }

  /** Brings the rules in force into the node's network namespace. A node that is down gets them when it starts. */
  applyRules(): Promise<void> {
    return this.#serially(async () => {
      const result = await this.#restoreRules();
      if (result === undefined || result.exitCode === 0 || (await this.state()) === 'down') return;
      throw this.#error(`its packet filter rules could not be set: ${result.output.trim()}`);
    });
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

  async #launchAt(port: number, signal: AbortSignal): Promise<void> {
    const { NodeContainer } = await import('./node-container.ts');
    this.#hostPort = port;
    const { id, runId, rules } = this.#options;
    const made = Promise.withResolvers<undefined>();
    const container = new NodeContainer({
      ...this.#options,
      name: `splitbrain-${runId}-${id}`,
      hostPort: port,
      rules: rules(true),
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
    } catch (error) {
      failed.abort();
      // What is still being made could not be found and removed.
      await settledWithin(Promise.race([made.promise, started]), MADE_TIMEOUT_MS);
      throw error;
    }
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
    const { State } = await this.#ask('inspect', (container) => container.inspect());
    if (State.Status !== 'exited' && State.Status !== 'dead') return;
    const memory = State.OOMKilled ? ', out of memory' : '';
    throw this.#error(
      `its program ended with exit code ${State.ExitCode}${memory} before it answered. ${await this.#lastWords()}`,
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

  async #restoreRules(): Promise<{ exitCode: number; output: string } | undefined> {
    const { engine, image, labels } = this.#options;
    const command = ['sh', '-c', `printf %s "$RULES" | ${RESTORE}`];
    const environment = { RULES: this.#options.rules(false) };
    try {
      return await execIn(engine, this.#container ?? '', command, environment);
    } catch (error) {
      if (!isRefusal(error, 409)) throw error;
    }
    // Nothing can be executed in a paused container, but its kernel still answers: reach its network from another one.
    if ((await this.state()) === 'down') return undefined;
    return runOnce(engine, {
      image,
      command,
      environment,
      labels,
      network: `container:${this.#container ?? ''}`,
    });
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
