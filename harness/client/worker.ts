/**
 * A client worker: one thread that runs one logical process after another. It bounds every operation in
 * time, turns whatever goes wrong after a request was sent into `info`, retires the process then, and opens
 * the next client on another node.
 */
import type { Cluster } from '../cluster/cluster.ts';
import { messageOf } from '../errors.ts';
import type { NodeId } from '../node/program.ts';
import type { Random } from '../random.ts';
import { NANOS_PER_MS, NO_LONGER_NEEDED } from '../time.ts';
import type { Client, ClientFactory, Completion, Invocation } from './client.ts';

/** How much longer than its own time-out a client may take before the worker gives up on it. */
const GRACE_MS = 250;

/** What all workers of a run share. */
export interface WorkerOptions {
  readonly cluster: Cluster;
  readonly factory: ClientFactory;
  readonly timeoutMs: number;
  readonly random: Random;
}

/** One client thread. */
export class ClientWorker {
  readonly #options: WorkerOptions;
  readonly #thread: number;
  #process: number;
  #opened = 0;
  #client: Client | undefined;
  #nodeGone = false;

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
    this.#client ??= this.#open();
    const completion = await this.#bounded(this.#client, invocation);
    if (this.#nodeGone) this.#reopen();
    return completion;
  }

  /** Goes on as another process, after an `info` ended the old one for good. */
  become(process: number): void {
    this.#process = process;
    this.#reopen();
  }

  #reopen(): void {
    this.#client = undefined;
    this.#nodeGone = false;
    this.#opened++;
  }

  #open(): Client {
    const { cluster, factory, random } = this.#options;
    const { nodes, time } = cluster;
    const preferred = nodes[(this.#thread + this.#opened) % nodes.length] as NodeId;
    return factory({
      process: this.#process,
      session: `${this.#process}.${this.#opened}`,
      node: preferred,
      nodes,
      random: random.fork(`${this.#process}.${this.#opened}`),
      now: () => time.now() / NANOS_PER_MS,
      sleep: (ms) => time.sleep(ms),
      call: async (node, path, body, timeoutMs) => {
        const reply = await cluster.call(node, path, body, timeoutMs);
        if (node === preferred && reply.kind === 'refused' && reply.unreachable === true)
          this.#nodeGone = true;
        return reply;
      },
    });
  }

  async #bounded(client: Client, invocation: Invocation): Promise<Completion> {
    const { cluster, timeoutMs } = this.#options;
    const finished = new AbortController();
    const late = cluster.time
      .sleep(timeoutMs + GRACE_MS, finished.signal)
      .then((): Completion => ({ type: 'info', error: `timed out after ${timeoutMs} ms` }));
    try {
      return await Promise.race([client.invoke(invocation, timeoutMs), late]);
    } catch (error) {
      return { type: 'info', error: `client threw: ${messageOf(error)}` };
    } finally {
      finished.abort(NO_LONGER_NEEDED);
    }
  }
}
