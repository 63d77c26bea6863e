/**
 * One simulated node over all its lives: its disk, its log, its clock, whether it runs - and who waits for its answers.
 */
import { HarnessError, messageOf, type UsageError } from '../../errors.ts';
import { equal, received, type Json, type JsonObject } from '../../json.ts';
import type { NodeId, NodeProgram, NodeStatus } from '../../node/program.ts';
import type { ArmedCrash } from '../../node/trouble.ts';
import type { Random } from '../../random.ts';
import type { ClockSkew, CrashPoint, DiskTrouble, NodeState, Reply } from '../cluster.ts';
import { runFor, type Culprit } from './blame.ts';
import { WallClock } from './clock.ts';
import { SimDisk } from './disk.ts';
import { subjectOf, type SimEvent, type Subject } from './event-queue.ts';
import { isTurnOf } from './guard.ts';
import { Life } from './life.ts';
import type { Parcel, Receiver, SimNetwork } from './network.ts';
import type { MomentRandom } from './moment-random.ts';
import type { SimNote } from './observer.ts';
import { drawMs, type Distribution, type SimSettings } from './options.ts';
import { Pace } from './pace.ts';
import { Turns, type Cause } from './turns.ts';
import { EVENT, type Settle, type World } from './world.ts';

/** Milliseconds that a program may take to start. */
const START_MS_MAX = 10_000;
const LOG_LINES_SHOWN = 5;
/** Milliseconds in which a node uses up its memory. */
const EATING_MS: Distribution = { uniform: [50, 500] };
/** Computing takes no time here. On a real node most turns take about so many milliseconds of processor time. */
const TURN_CPU_MS = 0.5;

/** What a node is made from. */
export interface SimNodePlan {
  readonly id: NodeId;
  readonly peers: readonly NodeId[];
  readonly spares: readonly NodeId[];
  readonly options: JsonObject;
  readonly world: World;
  readonly settings: SimSettings;
  readonly network: SimNetwork;
}

/** A request that arrived; `done` is called once, with what becomes of it. */
interface Visitor {
  readonly id: number;
  done(reply: Reply): void;
}

type LifeChange = Extract<SimNote, { readonly what: 'life' }>['change'];

/** A node. */
export class SimNode implements Receiver, Culprit {
  readonly id: NodeId;
  /** Names the node in events. */
  readonly subject: Subject;
  readonly disk: SimDisk;
  readonly #plan: SimNodePlan;
  /** Seeds what the program draws in each of its lives. */
  readonly #seed: Random;
  readonly #random: MomentRandom;
  /** How late its timers are. */
  readonly #lateness: MomentRandom;
  readonly #lines: string[] = [];
  readonly #visitors = new Set<Visitor>();
  #visits = 0;
  readonly #clock: WallClock;
  readonly #turns: Turns;
  #pace = new Pace();
  #life: Life | undefined;
  #lives = 0;
  #crashes = 0;
  /** Where it is to die, in this life or another. */
  #armed: ArmedCrash | undefined;
  #busyMs = 0;
  #processorShare = 1;
  /** What the observer was told last. */
  #stateSeen: NodeStatus | undefined;
  /** Told when the life ends that is now starting. */
  #startFailed: ((reason: string) => void) | undefined;

  constructor(plan: SimNodePlan) {
    this.#plan = plan;
    this.id = plan.id;
    this.subject = subjectOf(plan.id);
    this.#seed = plan.world.random(`node/${plan.id}`);
    this.#random = plan.world.place(`node/${plan.id}`);
    this.#lateness = plan.world.place(`lateness/${plan.id}`);
    this.disk = new SimDisk({ node: plan.id, world: plan.world, settings: plan.settings });
    this.#clock = new WallClock(plan.world);
    this.#turns = new Turns({
      world: plan.world,
      random: this.#random,
      subject: this.subject,
      run: (code) => this.#turn(code),
    });
  }

  get now(): number {
    return this.#plan.world.now;
  }

  get state(): NodeState {
    if (this.#life === undefined) return 'down';
    return this.#turns.paused ? 'paused' : 'running';
  }

  /** Whether it was ever started: a spare may not have been. */
  get hasLived(): boolean {
    return this.#lives > 0;
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
      const after = (ms: number, run: () => void): SimEvent => world.after(ms, EVENT.boot, run, this.subject);
      const late = after(START_MS_MAX, () => failed(`it took longer than ${START_MS_MAX} ms`));
      // What the program brings about reaches the harness as an event of its own.
      const up = (): void => {
        this.#startFailed = undefined;
        this.#noteLife('up');
        after(0, () => {
          world.cancel(late);
          resolve(undefined);
        });
      };
      this.#startFailed = (reason) => {
        after(0, () => failed(reason));
      };
      after(drawMs(settings.bootMs, this.#random.here()), () => this.#run(life, program, up));
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
    this.#die(reason, false);
  }

  /** As `kill`, but of what was not synced a part may be there, torn. */
  cutPower(): void {
    this.#die('its power failed', true);
  }

  /** It dies when it next gets to this point; undefined for never. */
  armCrash(crash: CrashPoint | undefined): void {
    this.#armed = crash === undefined ? undefined : { ...crash, id: ++this.#crashes };
    this.#life?.arm(this.#armed);
  }

  /** It uses up its memory; resolves when it is down. */
  exhaustMemory(): Promise<void> {
    const { world } = this.#plan;
    if (this.state !== 'running')
      return Promise.reject(
        new HarnessError(`${this.id} is ${this.state}: only a node that runs uses up its memory`),
      );
    const life = this.#life;
    return world.wait(({ resolve }: Settle<void>) => {
      const die = (): void => {
        if (this.#life === life) this.kill('it ran out of memory');
        resolve();
      };
      world.after(drawMs(EATING_MS, this.#random.here()), EVENT.thaw, die, this.subject);
    });
  }

  #die(reason: string, byPowerFailure: boolean): void {
    const { network } = this.#plan;
    if (this.#life === undefined) return;
    this.#noteLife('down', reason);
    this.#life.end();
    this.#life = undefined;
    this.#turns.forget();
    this.disk.crash(byPowerFailure);
    network.breakOff(this.id);
    for (const visitor of this.#visitors) {
      this.#answer({ kind: 'lost', error: `${this.id} broke the connection` }, (reply) =>
        visitor.done(reply),
      );
    }
    this.#visitors.clear();
    this.#startFailed?.(reason);
    this.#startFailed = undefined;
  }

  /** The program did what makes runs unrepeatable. */
  refuse(error: UsageError): void {
    this.#plan.world.refuse(error);
  }

  /** The program failed in a way that nobody caught: the node ends, and says why. */
  crash(error: unknown): void {
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    this.#life?.log.error('crashed', { message: messageOf(error), stack });
    this.kill('it crashed');
  }

  pause(): void {
    this.#requireUp();
    if (!this.#turns.paused) this.#noteLife('pause');
    this.#turns.pause();
  }

  resume(): void {
    this.#requireUp();
    if (this.#turns.paused) this.#noteLife('resume');
    this.#turns.resume();
  }

  skew(skew: ClockSkew): void {
    this.#noteLife('clock', JSON.stringify(skew));
    this.#clock.set(skew);
  }

  breakDisk(trouble: DiskTrouble): void {
    this.#noteLife('disk', JSON.stringify(trouble));
    this.disk.trouble = trouble;
  }

  slow(busyMs: number): void {
    this.#noteLife('slow', `${busyMs} ms`);
    this.#busyMs = busyMs;
    this.#setPace();
  }

  /** Leaves it so much of a processor. */
  throttle(share: number): void {
    this.#noteLife('slow', `${Math.round(100 * share)}% of a processor`);
    this.#processorShare = share;
    this.#setPace();
  }

  /** With less of a processor everything takes longer that takes any. */
  #setPace(): void {
    this.#turns.slow(this.#busyMs + TURN_CPU_MS * (1 / this.#processorShare - 1));
  }

  /** Whether it has descriptors left. */
  limitDescriptors(limited: boolean): void {
    this.#noteLife('descriptors', limited ? 'none left' : 'enough');
    this.disk.limited = limited;
    this.#plan.network.limit(this.id, limited);
  }

  /** Runs code of the program when the node gets to it; never if it is down. */
  perform(cause: Cause, run: () => void): void {
    if (this.#life !== undefined) this.#turns.take(cause, run);
  }

  #turn(code: () => void): void {
    if (this.#plan.world.observer !== undefined) this.#observeState();
    if (this.#keepPace() === undefined) runFor(this, code);
  }

  /** Counts what the node does. Does it too much, it ends, and the error says so. */
  #keepPace(): Error | undefined {
    const exceeded = this.#pace.exceeds(this.now);
    if (exceeded === undefined) return undefined;
    const error = new Error(`run-away: more than ${exceeded}; a node like this is never done`);
    this.#pace = new Pace();
    this.crash(error);
    return error;
  }

  #send(to: NodeId, parcel: Parcel): void {
    const error = this.#keepPace();
    // Ends the loop that sends.
    if (error !== undefined) throw error;
    this.#plan.network.send(this.id, to, parcel);
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
    const visitor: Visitor = { id: this.#visits++, done };
    this.#visitors.add(visitor);
    this.perform('io', () => {
      this.#plan.world.note({ what: 'request', id: visitor.id, node: this.id, path, body });
      void life.answer(path, body).then((reply) => this.#reply(visitor, path, reply));
    });
  }

  /** The answer leaves. If the node dies before it has arrived, it is lost with the connection. */
  #reply(visitor: Visitor, path: string, reply: Reply): void {
    const { world } = this.#plan;
    if (!this.#visitors.has(visitor)) return;
    const answer = reply.kind === 'answer' ? reply.body : reply.error;
    world.note({ what: 'reply', id: visitor.id, node: this.id, path, kind: reply.kind, answer });
    this.#answer(reply, () => {
      if (this.#visitors.delete(visitor)) visitor.done(reply);
    });
  }

  /** A reply travels to whoever asked. */
  #answer(reply: Reply, arrive: (reply: Reply) => void): void {
    const { world, settings } = this.#plan;
    const travelMs = drawMs(settings.latencyMs, this.#random.here());
    world.after(travelMs, EVENT.reply, () => arrive(reply), this.subject, reply);
  }

  /** Tells the observer what the node says of itself once the running event is over, if that is news. */
  #observeState(): void {
    const { world } = this.#plan;
    const look = (): void => {
      const status = this.#life?.status;
      if (status === undefined || isSameStatus(status, this.#stateSeen)) return;
      this.#stateSeen = received(status as Json) as NodeStatus;
      world.note({ what: 'state', node: this.id, status });
    };
    // What a node says of itself is code of the program, too.
    world.whenSettled(() => runFor(this, look));
  }

  #noteLife(change: LifeChange, reason?: string): void {
    const cause = reason === undefined ? {} : { reason };
    this.#plan.world.note({ what: 'life', node: this.id, change, ...cause });
  }

  #begin(): Life {
    const { id, peers, spares, options, world, settings } = this.#plan;
    this.#lives++;
    this.#stateSeen = undefined;
    this.#noteLife('boot');
    const life = new Life(
      {
        id,
        peers,
        spares,
        options,
        world,
        subject: this.subject,
        settings,
        disk: this.disk,
        random: this.#seed.fork(`life/${this.#lives}`),
        lateness: this.#lateness,
        send: (to, parcel) => this.#send(to, parcel),
        connections: () => this.#plan.network.connections(id),
        hangUp: (to) => this.#plan.network.hangUp(id, to),
        die: (crash) => this.#dieAt(crash),
        processorShare: () => this.#processorShare,
        isTurn: () => isTurnOf(this),
        wall: () => this.#clock.now(),
        write: (line) => void this.#lines.push(line),
        perform: (cause, run) => this.perform(cause, run),
      },
      this.#lives,
    );
    life.arm(this.#armed);
    this.#life = life;
    this.#plan.network.attach(id);
    return life;
  }

  /** It dies there once. */
  #dieAt({ name }: ArmedCrash): void {
    this.#armed = undefined;
    this.#life?.log.info('died-at-fail-point', { point: name });
    this.kill(`it died at the point ${name}`);
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

/** Field by field: it is asked after every turn of a node that is looked at, and seldom differs. */
function isSameStatus(status: NodeStatus, before: NodeStatus | undefined): boolean {
  if (before === undefined) return false;
  for (const name in status) if (!isSameField(status[name], before[name])) return false;
  for (const name in before) if (status[name] === undefined) return false;
  return true;
}

function isSameField(value: Json | undefined, before: Json | undefined): boolean {
  return value === before || (value !== undefined && before !== undefined && equal(value, before));
}
