/**
 * A world for nodes in tests: virtual time, a network that cuts, loses, delays and so reorders, disks that
 * lose and tear what was not synced. One thread and one seed, so a test that fails once fails always.
 *
 * Node programs are asynchronous in one way only, by promises; after each event the fabric lets them all run.
 */
import type { Json, JsonObject } from '../../../../harness/json.ts';
import type {
  NodeContext,
  NodeId,
  NodeProgram,
  NodeStatus,
  RequestHandler,
  RunningNode,
} from '../../../../harness/node/program.ts';
import { createRandom, type Random } from '../../../../harness/random.ts';
import { CrashingDisk } from './crashing-disk.ts';

/** One line of a node's log. */
export interface Line {
  readonly time: number;
  readonly node: NodeId;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: JsonObject;
}

/** How the fabric behaves. */
export interface FabricOptions {
  readonly nodes: number;
  readonly program: NodeProgram;
  readonly seed?: string | number;
  readonly options?: JsonObject;
  /** So many of the nodes, the last ones, do not belong to the cluster at first. */
  readonly spares?: number;
}

interface Event {
  readonly time: number;
  readonly run: () => void;
}

/** One life of a node, from a start to the next crash. */
interface Life {
  alive: boolean;
  running: RunningNode | undefined;
  receive: ((from: NodeId, message: Json) => void) | undefined;
  handlers: Readonly<Record<string, RequestHandler>>;
}

/** A cluster of nodes in virtual time. */
export class Fabric {
  readonly ids: readonly NodeId[];
  readonly lines: Line[] = [];
  readonly random: Random;
  /** Probability that a message is lost. */
  loss = 0;
  /** Milliseconds that a message takes: drawn between these. */
  delay: [number, number] = [0.5, 1.5];
  /** Sees every message that is delivered; answers false to swallow it. */
  intercept: (from: NodeId, to: NodeId, message: JsonObject) => boolean = () => true;
  readonly #options: FabricOptions;
  readonly #disks = new Map<NodeId, CrashingDisk>();
  readonly #lives = new Map<NodeId, Life>();
  readonly #cuts = new Set<string>();
  #now = 0;
  #lifeCount = 0;
  readonly #events: Event[] = [];

  constructor(options: FabricOptions) {
    this.#options = options;
    this.random = createRandom(options.seed ?? 1);
    this.ids = Array.from({ length: options.nodes }, (_, index) => `n${index + 1}`);
    for (const id of this.ids) this.#disks.set(id, new CrashingDisk());
  }

  /** A fabric whose nodes are all up. */
  static async up(options: FabricOptions): Promise<Fabric> {
    const fabric = new Fabric(options);
    for (const id of fabric.ids) await fabric.start(id);
    return fabric;
  }

  get now(): number {
    return this.#now;
  }

  /** Starts a node on its disk; rejects as the program does. */
  async start(id: NodeId): Promise<void> {
    const life: Life = { alive: true, running: undefined, receive: undefined, handlers: {} };
    this.#lives.set(id, life);
    const started = Promise.resolve(this.#options.program.start(this.#context(id, life)));
    life.running = await this.settle(started, `${id} to start`);
  }

  /** Kills a node: its unsynced writes are lost, but for a torn piece if asked. */
  crash(id: NodeId, tear = false): void {
    this.#life(id).alive = false;
    this.#disk(id).crash(tear ? this.random : undefined);
  }

  isUp(id: NodeId): boolean {
    return this.#lives.get(id)?.alive === true;
  }

  /** The bytes of a file that would survive a crash now. */
  file(id: NodeId, name: string): Uint8Array | undefined {
    return this.#disk(id).get(name);
  }

  /** Puts bytes in a file, as a test wants to find them. */
  setFile(id: NodeId, name: string, bytes: Uint8Array): void {
    this.#disk(id).set(name, bytes);
  }

  /** Cuts all links between these two sides, both ways. */
  partition(one: readonly NodeId[], other: readonly NodeId[]): void {
    for (const a of one) {
      for (const b of other) {
        this.cut(a, b);
        this.cut(b, a);
      }
    }
  }

  /** Cuts a node off from all others. */
  isolate(id: NodeId): void {
    this.partition([id], this.others(id));
  }

  cut(from: NodeId, to: NodeId): void {
    this.#cuts.add(`${from}>${to}`);
  }

  heal(): void {
    this.#cuts.clear();
  }

  others(...ids: NodeId[]): NodeId[] {
    return this.ids.filter((id) => !ids.includes(id));
  }

  status(id: NodeId): NodeStatus {
    const { running } = this.#life(id);
    if (running === undefined) throw new Error(`${id} is not up`);
    return running.status();
  }

  /** Live nodes that say they lead, the highest term first. */
  leaders(): NodeId[] {
    const leading = this.ids.filter((id) => this.isUp(id) && this.status(id).role === 'leader');
    return leading.sort((a, b) => Number(this.status(b).epoch) - Number(this.status(a).epoch));
  }

  /** Runs until one of these nodes leads and all that is in its log is committed, the last in its own term where it tells one; answers which. */
  async leader(among: readonly NodeId[] = this.ids): Promise<NodeId> {
    const settled = (id: NodeId): boolean => {
      const { epoch, lastIndex, commitIndex, lastTerm = epoch } = this.status(id);
      return among.includes(id) && lastTerm === epoch && lastIndex === commitIndex;
    };
    await this.until(() => this.leaders().some(settled), 20_000, 'a leader');
    return this.leaders().find(settled) ?? '';
  }

  /** A client's request. A request to a node that dies is never answered. */
  call(id: NodeId, name: string, body: JsonObject): Promise<Json> {
    const life = this.#life(id);
    const handler = life.handlers[name];
    if (!life.alive || handler === undefined) return Promise.reject(new Error(`${id} is down`));
    return new Promise((resolve, reject) => {
      const guarded =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          if (life.alive) settle(value);
        };
      Promise.resolve()
        .then(() => handler(body))
        .then(guarded(resolve), guarded(reject));
    });
  }

  /** A request whose answer must come within two seconds of virtual time. */
  async ask(id: NodeId, name: string, body: JsonObject): Promise<JsonObject> {
    return (await this.settle(this.call(id, name, body), `${id} to answer ${name}`)) as JsonObject;
  }

  /** Runs until this promise is settled. */
  async settle<T>(promise: Promise<T>, what: string): Promise<T> {
    let settled = false;
    const done = (): boolean => (settled = true);
    promise.then(done, done);
    await this.until(() => settled, 2000, what);
    return promise;
  }

  /** Lets so many milliseconds pass. */
  async run(ms: number): Promise<void> {
    const end = this.#now + ms;
    await drain();
    for (let next = this.#events[0]; next !== undefined && next.time <= end; next = this.#events[0])
      await this.#step();
    this.#now = end;
  }

  /** Lets time pass until this holds. */
  async until(holds: () => boolean, withinMs: number, what = 'a condition'): Promise<void> {
    const end = this.#now + withinMs;
    await drain();
    while (!holds()) {
      const next = this.#events[0];
      if (next === undefined || next.time > end) throw new Error(`waited ${withinMs} ms for ${what}`);
      await this.#step();
    }
  }

  /** Runs something later, in virtual time. */
  after(ms: number, run: () => void): void {
    this.#push({ time: this.#now + ms, run });
  }

  async #step(): Promise<void> {
    const event = this.#events.shift();
    if (event === undefined) return;
    this.#now = event.time;
    event.run();
    await drain();
  }

  #life(id: NodeId): Life {
    const life = this.#lives.get(id);
    if (life === undefined) throw new Error(`${id} was never started`);
    return life;
  }

  #disk(id: NodeId): CrashingDisk {
    const disk = this.#disks.get(id);
    if (disk === undefined) throw new Error(`no node ${id}`);
    return disk;
  }

  #context(id: NodeId, life: Life): NodeContext {
    const write =
      (level: Line['level']) =>
      (event: string, fields: JsonObject = {}): void => {
        if (life.alive) this.lines.push({ time: this.#now, node: id, level, event, fields });
      };
    return {
      id,
      peers: this.others(id),
      spares: this.ids.slice(this.ids.length - (this.#options.spares ?? 0)),
      clock: { wall: () => this.#now, monotonic: () => this.#now },
      timers: { after: (ms, run) => this.#timer(life, ms, run) },
      random: this.random.fork(`${id}/${this.#lifeCount++}`),
      network: {
        send: (to, message) => {
          if (life.alive) this.#send(id, to, message);
        },
        receive: (handler) => (life.receive = handler),
      },
      disk: this.#disk(id).forLife({
        isAlive: () => life.alive,
        after: (ms, run) => this.#timer(life, ms, run),
      }),
      log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
      clients: { serve: (handlers) => (life.handlers = handlers) },
      failPoint: () => undefined,
      options: this.#options.options ?? {},
    };
  }

  #timer(life: Life, ms: number, run: () => void): () => void {
    let cancelled = false;
    this.after(ms, () => {
      if (life.alive && !cancelled) run();
    });
    return () => (cancelled = true);
  }

  /** Hands a message to a node now, whatever the network would do with it. */
  deliver(from: NodeId, to: NodeId, message: JsonObject): void {
    const life = this.#lives.get(to);
    if (life?.alive === true) life.receive?.(from, message);
  }

  #send(from: NodeId, to: NodeId, message: Json): void {
    if (this.random.chance(this.loss)) return;
    const copy = JSON.parse(JSON.stringify(message)) as JsonObject;
    this.after(this.random.between(...this.delay), () => {
      if (!this.#cuts.has(`${from}>${to}`) && this.intercept(from, to, copy)) this.deliver(from, to, copy);
    });
  }

  /** Keeps the events in order of time, then of scheduling. */
  #push(event: Event): void {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.time ?? Infinity) <= event.time) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
  }
}

/** Lets every promise that can go on do so: immediates run when the queue of microtasks is empty. */
function drain(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
