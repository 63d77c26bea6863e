/**
 * One life of a simulated node, from its start to its end, and what the program is given in it. The program's
 * code cannot be stopped as a process can: promise continuations of a life that has ended still run. But all
 * that they do goes through here, and after the end nothing here has an effect any more - no message leaves, no
 * byte is written, no timer fires, no answer comes.
 *
 * What this cannot end is state outside: a variable at the top of the program's module lives on in this thread,
 * where a real node would have forgotten it. So a program keeps its state in what `start` makes.
 */
import { messageOf } from '../../errors.ts';
import { received, type Json, type JsonObject } from '../../json.ts';
import type { PeerConnections } from '../../node/connections.ts';
import { FailPoints } from '../../node/fail-points.ts';
import { HeardProbes } from '../../node/heard-probes.ts';
import { createLog } from '../../node/log.ts';
import {
  Refusal,
  type NodeClock,
  type NodeContext,
  type NodeDisk,
  type NodeId,
  type NodeLog,
  type NodeProgram,
  type NodeStatus,
  type RequestHandler,
  type RunningNode,
} from '../../node/program.ts';
import { RequestRouter } from '../../node/request-router.ts';
import type { ArmedCrash } from '../../node/trouble.ts';
import { NANOS_PER_MS } from '../../time.ts';
import type { Random } from '../../random.ts';
import type { Reply } from '../cluster.ts';
import type { DiskAnswer, SimDisk } from './disk.ts';
import type { Subject } from './event-queue.ts';
import type { Parcel } from './network.ts';
import type { MomentRandom } from './moment-random.ts';
import { drawMs, type SimSettings } from './options.ts';
import { EVENT, type World } from './world.ts';

/** What a life needs of its node. */
export interface LifePlan {
  readonly id: NodeId;
  readonly peers: readonly NodeId[];
  readonly spares: readonly NodeId[];
  readonly options: JsonObject;
  readonly world: World;
  readonly subject: Subject;
  readonly settings: SimSettings;
  readonly disk: SimDisk;
  /** The program's draws: others in each life, since a node that draws the same names again is another fault. */
  readonly random: Random;
  /** How late its timers are. */
  readonly lateness: MomentRandom;
  send(to: NodeId, parcel: Parcel): void;
  /** What the node knows of its connections. */
  connections(): Record<NodeId, PeerConnections>;
  /** Closes the connection to this peer in order; false when there is none. */
  hangUp(to: NodeId): boolean;
  /** Ends the life at this point of the program. */
  die(crash: ArmedCrash): void;
  /** How much of a processor the node has. */
  processorShare(): number;
  /** The wall clock of the node, in milliseconds since the epoch. */
  wall(): number;
  /** Takes a line of the log. */
  write(line: string): void;
  /** Whether an event of this node runs, as it should when its program does something; if not, that is refused. */
  isTurn(): boolean;
  /** Runs the program's code when the node gets to it: a paused node does later, a dead one never. */
  perform(cause: 'timer' | 'io', run: () => void): void;
}

/** A life. */
export class Life {
  readonly log: NodeLog;
  readonly #plan: LifePlan;
  readonly #born: number;
  readonly #heard = new HeardProbes();
  readonly #router: RequestRouter;
  readonly #clock: NodeClock;
  readonly #disk: NodeDisk;
  readonly #points = new FailPoints({ die: (crash) => this.#dieAt(crash) });
  #receive: ((from: NodeId, message: Json) => void) | undefined;
  #running: RunningNode | undefined;
  #ended = false;

  constructor(plan: LifePlan, number: number) {
    this.#plan = plan;
    this.#born = plan.world.now;
    this.#clock = { wall: () => plan.wall(), monotonic: () => this.#monotonic() };
    this.#disk = this.#diskOfThisLife();
    this.log = createLog(plan.id, this.#clock, (line) => {
      if (!this.#ended) plan.write(line);
    });
    this.#router = new RequestRouter({
      id: plan.id,
      identity: { life: number },
      network: {
        probe: (to, nonce) => this.#send(to, { probe: nonce }),
        heard: (nonce) => this.#heard.find(nonce),
        connections: () => plan.connections(),
        hangUp: (to) => plan.hangUp(to),
      },
      clock: this.#clock,
      disk: this.#disk,
      own: this.#handlers(),
    });
  }

  /** Starts the program; resolves when it is up, and rejects with what it threw. */
  async start(program: NodeProgram): Promise<void> {
    const running: RunningNode = await program.start(this.#context());
    this.#running = running;
    this.#router.started(running);
    this.log.info('started');
  }

  /** What the program says of itself; undefined until it has started. */
  get status(): NodeStatus | undefined {
    return this.#running?.status();
  }

  /** Has the program die at a point, or at none. */
  arm(crash: ArmedCrash | undefined): void {
    this.#points.arm(crash);
  }

  /** From now on it has no effect. */
  end(): void {
    this.#ended = true;
  }

  deliver(from: NodeId, parcel: Parcel): void {
    if ('probe' in parcel) this.#heard.remember(parcel.probe, from);
    else this.#receive?.(from, parcel.message);
  }

  /** Answers a client's request. Never rejects. */
  async answer(path: string, body: JsonObject): Promise<Reply> {
    try {
      const handler = this.#router.find(path);
      return { kind: 'answer', body: received(await handler(body)) };
    } catch (error) {
      if (error instanceof Refusal) {
        return { kind: 'refused', error: error.message, details: received(error.details) as JsonObject };
      }
      this.log.warn('request-failed', { path, error: messageOf(error) });
      return { kind: 'lost', error: messageOf(error) };
    }
  }

  #context(): NodeContext {
    const { id, peers, spares, options, random } = this.#plan;
    return {
      id,
      peers,
      spares,
      options: received(options) as JsonObject,
      random,
      log: this.log,
      clock: this.#clock,
      timers: { after: (ms, run) => this.#after(ms, run) },
      network: {
        send: (to, message) => this.#send(to, { message }),
        receive: (handler) => {
          this.#receive = handler;
        },
      },
      disk: this.#disk,
      clients: { serve: (handlers) => this.#router.serve(handlers) },
      failPoint: (name) => {
        if (this.#mayAct()) this.#points.pass(name);
      },
    };
  }

  /** What real nodes answer the harness as well (harness/node/faults.ts). */
  #handlers(): Readonly<Record<string, RequestHandler>> {
    return {
      '_/points': () => this.#points.passes,
      '_/descriptors': () => this.#openSomething(),
      '_/processor': ({ cpuMs = 100 }) => this.#burn(Number(cpuMs)),
    };
  }

  #openSomething(): Json {
    const { disk } = this.#plan;
    return disk.limited ? { opened: false, error: 'EMFILE: too many open files' } : { opened: true };
  }

  /** Computing takes no time here; this stands for what would. */
  #burn(cpuMs: number): Promise<Json> {
    const begun = this.#monotonic();
    return new Promise((resolve) => {
      this.#after(cpuMs / this.#plan.processorShare(), () =>
        resolve({ cpuMs, ms: this.#monotonic() - begun }),
      );
    });
  }

  /** The rest of what runs now has no effect, and is brought to an end by the error. */
  #dieAt(crash: ArmedCrash): never {
    this.#plan.die(crash);
    throw new Error(`the node died at ${crash.name}`);
  }

  /** Since the life began, as a process's clock counts: who keeps such a time on disk finds it wrong after a restart. */
  #monotonic(): number {
    return (this.#plan.world.now - this.#born) / NANOS_PER_MS;
  }

  /** Whether what the program does now has an effect. */
  #mayAct(): boolean {
    return !this.#ended && this.#plan.isTurn();
  }

  #send(to: NodeId, parcel: Parcel): void {
    if (this.#mayAct()) this.#plan.send(to, parcel);
  }

  #after(ms: number, run: () => void): () => void {
    const { id, world, subject, settings, lateness } = this.#plan;
    let wanted = this.#mayAct();
    if (!wanted) return () => undefined;
    const fire = (): void => {
      if (!wanted) return;
      if (world.observer !== undefined) world.note({ what: 'timer', node: id });
      run();
    };
    const due = (): void => {
      if (!this.#ended) this.#plan.perform('timer', fire);
    };
    const event = world.after(
      Math.max(ms, 0) + drawMs(settings.timerLatenessMs, lateness.here()),
      EVENT.timer,
      due,
      subject,
    );
    return () => {
      wanted = false;
      world.cancel(event);
    };
  }

  #diskOfThisLife(): NodeDisk {
    const { disk } = this.#plan;
    return {
      read: (name) => this.#ask((answer) => disk.file(name).read(answer)),
      append: (name, bytes) => {
        if (this.#mayAct()) disk.file(name).append(bytes);
      },
      sync: async (name) => {
        await this.#ask((answer) => disk.file(name).sync(answer));
      },
      replace: async (name, bytes) => {
        await this.#ask((answer) => disk.file(name).replace(bytes, answer));
      },
      remove: async (name) => {
        await this.#ask((answer) => disk.file(name).remove(answer));
      },
    };
  }

  /** Asks the disk. The answer is an event of this node; to a life that has ended none comes. */
  #ask(ask: (answer: DiskAnswer) => void): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      if (!this.#mayAct()) return;
      ask((error, bytes) => {
        this.#plan.perform('io', () => (error === undefined ? resolve(bytes) : reject(error)));
      });
    });
  }
}
