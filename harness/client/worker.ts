/**
 * A client worker: one thread that runs one logical process after another. It bounds every operation in
 * time, turns whatever goes wrong after a request was sent into `info`, retires the process then, and opens
 * the next client on another node.
 */
import type { Cluster } from '../cluster/cluster.ts';
import { messageOf } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import type { NodeId } from '../node/program.ts';
import type { Random } from '../random.ts';
import { Bell, NANOS_PER_MS } from '../time.ts';
import type { Client, ClientFactory, Completion, Invocation } from './client.ts';

/** How much longer than its own time-out a client may take before the worker gives up on it. */
const GRACE_MS = 250;
/** After a client found nobody, or broke, which takes it no time: another would at once do the same. */
const PAUSE_MS = 50;

/** What all workers of a run share. */
export interface WorkerOptions {
  readonly cluster: Cluster;
  readonly factory: ClientFactory;
  readonly timeoutMs: number;
  readonly random: Random;
  /** How requests reach nodes, where something may keep them from it; straight unless given. */
  readonly call?: Cluster['call'];
  /** The nodes that there are when a client is opened; the cluster's first ones unless given. */
  readonly nodes?: () => readonly NodeId[];
}

/** A client, and what the worker saw of it. */
interface Opened {
  readonly client: Client;
  /** Nobody listened on its node: the next client is opened on another. */
  nodeGone: boolean;
}

/** One client thread. */
export class ClientWorker {
  readonly #options: WorkerOptions;
  readonly #thread: number;
  #process: number;
  /** Clients opened before this one, which is how far this thread has moved from its first node. */
  #closed = 0;
  #opened: Opened | undefined;

  constructor(thread: number, options: WorkerOptions) {
    this.#options = options;
    this.#thread = thread;
    this.#process = thread;
  }

  /** The process that this thread runs now. */
  get process(): number {
    return this.#process;
  }

  /** Performs one operation; never rejects and always ends. */
  async perform(invocation: Invocation): Promise<Completion> {
    const { time } = this.#options.cluster;
    try {
      const opened = (this.#opened ??= this.#open());
      const completion = requireCompletion(await this.#bounded(opened.client, invocation));
      if (opened.nodeGone) {
        this.#reopen();
        await time.sleep(PAUSE_MS);
      }
      return completion;
    } catch (error) {
      await time.sleep(PAUSE_MS);
      return { type: 'info', error: `client threw: ${messageOf(error)}` };
    }
  }

  /** Goes on as another process, after an `info` ended the old one for good. */
  become(process: number): void {
    this.#process = process;
    this.#reopen();
  }

  #reopen(): void {
    this.#opened = undefined;
    this.#closed++;
  }

  #open(): Opened {
    const { cluster, factory, random } = this.#options;
    const call: Cluster['call'] =
      this.#options.call ?? ((node, path, body, timeoutMs) => cluster.call(node, path, body, timeoutMs));
    const { time } = cluster;
    const nodes = this.#options.nodes?.() ?? cluster.nodes;
    const preferred = nodes[(this.#thread + this.#closed) % nodes.length] as NodeId;
    const session = `${this.#process}.${this.#closed}`;
    const seen = { nodeGone: false };
    const client = factory({
      process: this.#process,
      session,
      node: preferred,
      nodes,
      random: random.fork(session),
      now: () => time.now() / NANOS_PER_MS,
      sleep: (ms) => time.sleep(ms),
      call: async (node, path, body, timeoutMs) => {
        const reply = await call(node, path, body, timeoutMs);
        if (node === preferred && reply.kind === 'refused' && reply.unreachable === true)
          seen.nodeGone = true;
        return reply;
      },
    });
    return Object.assign(seen, { client });
  }

  /** The client's answer, or `info` when it takes too long. */
  async #bounded(client: Client, invocation: Invocation): Promise<Completion> {
    const { cluster, timeoutMs } = this.#options;
    const finished = new Bell();
    const late = cluster.time
      .sleep(timeoutMs + GRACE_MS, finished)
      .then((): Completion => ({ type: 'info', error: `timed out after ${timeoutMs} ms` }));
    try {
      return await Promise.race([client.invoke(invocation, timeoutMs), late]);
    } finally {
      finished.ring();
    }
  }
}

/** The answer, if it is one: clients are written by users as well. Throws on anything else. */
function requireCompletion(answer: unknown): Completion {
  const fields: Readonly<Record<string, unknown>> = isJsonObject(answer) ? answer : {};
  const { type, value, error } = fields;
  const told = type === 'ok' ? value : type === 'fail' || type === 'info' ? error : undefined;
  if (told !== undefined) return answer as Completion;
  throw new TypeError(
    `expected { type: 'ok', value } or { type: 'fail' | 'info', error } of it, got ${JSON.stringify(answer)}`,
  );
}
