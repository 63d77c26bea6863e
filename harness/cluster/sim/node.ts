/**
 * One simulated node over all its lives: its disk, its log, its clock, whether it runs - and who waits for its answers.
 *
 * A paused node gets to nothing; what comes up meanwhile waits in two queues, as in a process that is stopped:
 * timers that came due, and what arrived from outside. Afterwards it gets to all of it at once, each queue in its own
 * order; which queue comes first is the event loop's own affair, and so is drawn.
 */
import { HarnessError, messageOf } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { NodeId, NodeProgram } from '../../node/program.ts';
import type { Random } from '../../random.ts';
import { NANOS_PER_MS } from '../../time.ts';
import type { NodeState, Reply } from '../cluster.ts';
import { runFor, type Culprit } from './blame.ts';
import { SimDisk } from './disk.ts';
import { Life } from './life.ts';
import type { Parcel, Receiver, SimNetwork } from './network.ts';
import type { MomentRandom } from './moment-random.ts';
import { drawMs, type SimSettings } from './options.ts';
import { EVENT, type Settle, type World } from './world.ts';

/** Milliseconds that a program may take to start. */
const START_MS_MAX = 10_000;
const LOG_LINES_SHOWN = 5;

/** What a node is made from. */
export interface SimNodePlan {
  readonly id: NodeId;
  readonly peers: readonly NodeId[];
  readonly options: JsonObject;
  readonly world: World;
  readonly settings: SimSettings;
  readonly network: SimNetwork;
}

/** A request that arrived; `done` is called once, with what becomes of it. */
interface Visitor {
  done(reply: Reply): void;
}

/** Something that a paused node will get to. */
type Held = () => void;

/** A node. */
export class SimNode implements Receiver, Culprit {
  readonly id: NodeId;
  readonly disk: SimDisk;
  /** How far its wall clock is ahead of true time, in milliseconds. */
  skewMs = 0;
  readonly #plan: SimNodePlan;
  /** Seeds what the program draws in each of its lives. */
  readonly #seed: Random;
  readonly #random: MomentRandom;
  /** How late its timers are. */
  readonly #lateness: MomentRandom;
  readonly #lines: string[] = [];
  readonly #visitors = new Set<Visitor>();
  readonly #held: Record<'timer' | 'io', Held[]> = { timer: [], io: [] };
  #life: Life | undefined;
  #lives = 0;
  #paused = false;
  /** What the observer was told last, as text. */
  #stateSeen: string | undefined;
  /** Told when the life ends that is now starting. */
  #startFailed: ((reason: string) => void) | undefined;

  constructor(plan: SimNodePlan) {
    this.#plan = plan;
    this.id = plan.id;
    this.#seed = plan.world.random(`node/${plan.id}`);
    this.#random = plan.world.place(`node/${plan.id}`);
    this.#lateness = plan.world.place(`lateness/${plan.id}`);
    this.disk = new SimDisk({ node: plan.id, world: plan.world, settings: plan.settings });
  }

  get state(): NodeState {
    if (this.#life === undefined) return 'down';
    return this.#paused ? 'paused' : 'running';
  }

  /** Its whole log, a JSON line an entry. */
  get log(): string {
    return this.#lines.join('');
  }

  /** Begins a life on the old disk; resolves when the program has started. */
  start(program: NodeProgram): Promise<unknown> {
    const { world, settings } = this.#plan;
    if (this.#life !== undefined)
      return Promise.reject(
        new HarnessError(`${this.id} is ${this.state}: only a node that is down restarts`),
      );
    const life = this.#begin();
    return world.wait(({ resolve, reject }: Settle<undefined>) => {
      const failed = (reason: string): void => {
        world.cancel(late);
        reject(this.#notStarted(reason));
      };
      const late = world.after(START_MS_MAX, EVENT.boot, () =>
        failed(`it took longer than ${START_MS_MAX} ms`),
      );
      // What the program brings about reaches the harness as an event of its own.
      const up = (): void => {
        this.#startFailed = undefined;
        this.#noteLife('up');
        world.after(0, EVENT.boot, () => {
          world.cancel(late);
          resolve(undefined);
        });
      };
      this.#startFailed = (reason) => {
        world.after(0, EVENT.boot, () => failed(reason));
      };
      world.after(drawMs(settings.bootMs, this.#random.here()), EVENT.boot, () =>
        this.#run(life, program, up),
      );
    });
  }

  #run(life: Life, program: NodeProgram, up: () => void): void {
    if (this.#life !== life) return;
    this.perform('io', () => {
      life.start(program).then(
        () => this.#life === life && up(),
        (error: unknown) => this.#life === life && this.crash(error),
      );
    });
  }

  /** Ends the life, if there is one, and loses what was not synced. */
  kill(reason = 'it was killed'): void {
    const { world, settings, network } = this.#plan;
    if (this.#life === undefined) return;
    this.#noteLife('down', reason);
    this.#life.end();
    this.#life = undefined;
    this.#paused = false;
    this.#held.timer = [];
    this.#held.io = [];
    this.disk.crash();
    network.breakOff(this.id);
    for (const visitor of this.#visitors) {
      world.after(drawMs(settings.latencyMs, this.#random.here()), EVENT.reply, () => {
        visitor.done({ kind: 'lost', error: `${this.id} broke the connection` });
      });
    }
    this.#visitors.clear();
    this.#startFailed?.(reason);
    this.#startFailed = undefined;
  }

  /** The program failed in a way that nobody caught: the node ends, and says why. */
  crash(error: unknown): void {
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    this.#life?.log.error('crashed', { message: messageOf(error), stack });
    this.kill('it crashed');
  }

  pause(): void {
    this.#requireUp();
    if (!this.#paused) this.#noteLife('pause');
    this.#paused = true;
  }

  resume(): void {
    this.#requireUp();
    if (!this.#paused) return;
    this.#paused = false;
    this.#noteLife('resume');
    const life = this.#life;
    const { timer, io } = this.#held;
    this.#held.timer = [];
    this.#held.io = [];
    const random = this.#random.here();
    for (let late = 0; timer.length + io.length > 0; late++) {
      const cause = io.length === 0 || (timer.length > 0 && random.chance(0.5)) ? 'timer' : 'io';
      const run = (cause === 'timer' ? timer : io).shift();
      // A nanosecond apart, which keeps their order.
      this.#plan.world.after(late / NANOS_PER_MS, EVENT.thaw, () => {
        if (this.#life === life && run !== undefined) this.perform(cause, run);
      });
    }
  }

  /** Runs code of the program now, or when the node is resumed; never if it is down. */
  perform(cause: 'timer' | 'io', run: () => void): void {
    if (this.#life === undefined) return;
    if (this.#paused) {
      this.#held[cause].push(run);
      return;
    }
    if (this.#plan.world.observer !== undefined) this.#observeState();
    runFor(this, run);
  }

  arrive(take: () => void): boolean {
    this.perform('io', take);
    return this.#life !== undefined;
  }

  deliver(from: NodeId, parcel: Parcel): void {
    this.#life?.deliver(from, parcel);
  }

  /** A request arrives. */
  visit(path: string, body: JsonObject, done: (reply: Reply) => void): void {
    const life = this.#life;
    if (life === undefined) {
      done({ kind: 'refused', error: `${this.id} is down`, details: {}, unreachable: true });
      return;
    }
    const visitor: Visitor = { done };
    this.#visitors.add(visitor);
    this.perform('io', () => {
      this.#plan.world.note({ what: 'request', node: this.id, path });
      void life.answer(path, body).then((reply) => this.#reply(visitor, path, reply));
    });
  }

  /** The answer leaves. If the node dies before it has arrived, it is lost with the connection. */
  #reply(visitor: Visitor, path: string, reply: Reply): void {
    const { world, settings } = this.#plan;
    if (!this.#visitors.has(visitor)) return;
    world.note({ what: 'reply', node: this.id, path, kind: reply.kind });
    world.after(drawMs(settings.latencyMs, this.#random.here()), EVENT.reply, () => {
      if (this.#visitors.delete(visitor)) visitor.done(reply);
    });
  }

  /** Tells the observer what the node says of itself once the running event is over, if that is news. */
  #observeState(): void {
    const { world } = this.#plan;
    world.whenSettled(() => {
      const status = this.#life?.status;
      const text = JSON.stringify(status);
      if (status === undefined || text === this.#stateSeen) return;
      this.#stateSeen = text;
      world.note({ what: 'state', node: this.id, status });
    });
  }

  #noteLife(change: 'boot' | 'up' | 'down' | 'pause' | 'resume', reason?: string): void {
    const cause = reason === undefined ? {} : { reason };
    this.#plan.world.note({ what: 'life', node: this.id, change, ...cause });
  }

  #begin(): Life {
    const { id, peers, options, world, settings, network } = this.#plan;
    this.#lives++;
    this.#stateSeen = undefined;
    this.#noteLife('boot');
    const life = new Life(
      {
        id,
        peers,
        options,
        world,
        settings,
        disk: this.disk,
        random: this.#seed.fork(`life/${this.#lives}`),
        lateness: this.#lateness,
        send: (to, parcel) => network.send(id, to, parcel),
        wall: () => world.wall() + this.skewMs,
        write: (line) => void this.#lines.push(line),
        perform: (cause, run) => this.perform(cause, run),
      },
      this.#lives,
    );
    this.#life = life;
    return life;
  }

  #requireUp(): void {
    if (this.#life !== undefined) return;
    throw new HarnessError(`${this.id} is down: it cannot be paused or resumed`);
  }

  #notStarted(what: string): HarnessError {
    const lines = this.#lines.slice(-LOG_LINES_SHOWN).join('').trimEnd();
    const shown = lines === '' ? 'Its log is empty.' : `Its last log lines:\n${lines}`;
    return new HarnessError(`${this.id} did not start: ${what}. ${shown}`);
  }
}
