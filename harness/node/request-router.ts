/**
 * Which handler answers a client's request: the program's own, or one of the harness's under `_/`. It is the same
 * for every runtime; how a request travels is not (client-port.ts: HTTP; harness/cluster/sim: events).
 */
import type { Json, JsonObject } from '../json.ts';
import { messageOf } from '../errors.ts';
import type { PeerNetwork } from './network.ts';
import { DiskProbe } from './disk-probe.ts';
import {
  Refusal,
  type NodeClients,
  type NodeClock,
  type NodeDisk,
  type NodeId,
  type RequestHandler,
  type RunningNode,
} from './program.ts';

/** Probes that are sent at once at most. */
const PINGS_MAX = 100;

/** What a router needs of its node. */
export interface RouterOptions {
  readonly id: NodeId;
  readonly network: Pick<PeerNetwork, 'probe' | 'heard' | 'connections' | 'hangUp'>;
  readonly clock: NodeClock;
  readonly disk: NodeDisk;
  /** Goes into the answer of `_/health`: tells which life of the node answers. */
  readonly identity: JsonObject;
  /** Further handlers for the harness, by their whole name: `_/points`. */
  readonly own?: Readonly<Record<string, RequestHandler>>;
}

/** A refusal with its HTTP status, found before the program sees the request. */
export class Refused extends Refusal {
  readonly status: number;

  constructor(status: number, message: string, details: JsonObject = {}) {
    super(message, details);
    this.status = status;
  }
}

/** Finds handlers. */
export class RequestRouter implements NodeClients {
  readonly #options: RouterOptions;
  readonly #own: ReadonlyMap<string, RequestHandler>;
  readonly #diskProbe: DiskProbe;
  #handlers: ReadonlyMap<string, RequestHandler> | undefined;
  #program: RunningNode | undefined;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#diskProbe = new DiskProbe(options.disk, options.clock);
    this.#own = new Map<string, RequestHandler>([
      ['_/status', () => this.#status()],
      ['_/health', () => this.#health()],
      ['_/ping', ({ to, nonce, times }) => this.#ping(to, noncesOf(nonce, times))],
      ['_/heard', ({ nonce, times }) => this.#heard(noncesOf(nonce, times))],
      ['_/disk', ({ file, offset }) => this.#disk(file, offset)],
      ['_/connections', () => this.#options.network.connections()],
      ['_/hang-up', ({ to }) => this.#hangUp(to)],
      ...Object.entries(options.own ?? {}),
    ]);
  }

  serve(handlers: Readonly<Record<string, RequestHandler>>): void {
    this.#handlers = new Map(Object.entries(handlers));
  }

  /** The program has started: from now on the node is healthy and has a status. */
  started(program: RunningNode): void {
    this.#program = program;
  }

  /** True for the harness's own handlers, which people may GET. */
  isOwn(name: string): boolean {
    return this.#own.has(name);
  }

  /** The handler of this name. Throws `Refused` when there is none. */
  find(name: string): RequestHandler {
    const own = this.#own.get(name);
    if (own !== undefined) return own;
    if (this.#handlers === undefined) throw new Refused(503, `${this.#options.id} does not serve yet`);
    const handler = this.#handlers.get(name);
    if (handler === undefined) throw new Refused(404, `no handler '${name}'`, { handlers: this.names });
    return handler;
  }

  /** Names of the program's handlers. */
  get names(): string[] {
    return [...(this.#handlers?.keys() ?? [])];
  }

  /** What the program says that it is, once it has started. */
  get role(): string | undefined {
    return this.#program?.status().role;
  }

  #running(): RunningNode {
    if (this.#program === undefined) throw new Refused(503, `${this.#options.id} is starting`);
    return this.#program;
  }

  #health(): Json {
    this.#running();
    return {
      healthy: true,
      node: this.#options.id,
      wall: this.#options.clock.wall(),
      ...this.#options.identity,
    };
  }

  #status(): JsonObject {
    const known = Object.entries(this.#running().status()).filter((entry) => entry[1] !== undefined);
    return Object.fromEntries(known) as JsonObject;
  }

  #ping(to: Json | undefined, nonces: readonly string[]): Json {
    if (typeof to !== 'string') throw new Refused(400, 'expected a text to');
    try {
      for (const nonce of nonces) this.#options.network.probe(to, nonce);
    } catch (error) {
      throw new Refused(400, messageOf(error));
    }
    return { sent: true };
  }

  #heard(nonces: readonly string[]): Json {
    const found = nonces.map((nonce) => this.#options.network.heard(nonce));
    const heard = found.filter((probe) => probe !== undefined);
    const [first] = heard;
    if (first === undefined) return { heard: false };
    const copies = heard.reduce((sum, { times }) => sum + times, 0);
    return { heard: true, from: first.from, probes: heard.length, copies };
  }

  #hangUp(to: Json | undefined): Json {
    if (typeof to !== 'string') throw new Refused(400, 'expected a text to');
    try {
      return { closed: this.#options.network.hangUp(to) };
    } catch (error) {
      throw new Refused(400, messageOf(error));
    }
  }

  #disk(file: Json | undefined, offset: Json | undefined): Promise<JsonObject> {
    if (file === undefined) return this.#diskProbe.write();
    if (typeof file !== 'string' || typeof offset !== 'number')
      throw new Refused(400, 'expected a text file and a number offset, or neither');
    return this.#diskProbe.byteAt(file, offset);
  }
}

/** One probe by its nonce, or so many of them, numbered. */
function noncesOf(nonce: Json | undefined, times: Json | undefined): string[] {
  if (typeof nonce !== 'string') throw new Refused(400, 'expected a text nonce');
  if (times === undefined) return [nonce];
  if (typeof times !== 'number' || !(times >= 1 && times <= PINGS_MAX))
    throw new Refused(400, `expected times from 1 to ${PINGS_MAX}`);
  return Array.from({ length: times }, (_, number) => `${nonce}#${number}`);
}
