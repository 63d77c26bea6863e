/**
 * When a node gets to what comes up: at once, unless it is paused or slow.
 *
 * A paused node gets to nothing; what comes up meanwhile waits in two queues, as in a process that is stopped:
 * timers that came due, and what arrived from outside. Afterwards it gets to all of it at once, each queue in its own
 * order; which queue comes first is the event loop's own affair, and so is drawn. A slow node takes from the same
 * queues, one thing at a time, and each has its effects when the node is through with it.
 */
import type { Random } from '../../random.ts';
import { NANOS_PER_MS } from '../../time.ts';
import type { SimEvent, Subject } from './event-queue.ts';
import type { MomentRandom } from './moment-random.ts';
import { EVENT, type World } from './world.ts';

/** What sets off code of a program: a timer of its own, or something from outside. */
export type Cause = 'timer' | 'io';

/** Something that a node will get to. */
interface Held {
  readonly cause: Cause;
  readonly code: () => void;
}

/** What the turns of a node are made from. */
export interface TurnsPlan {
  readonly world: World;
  readonly random: MomentRandom;
  /** The node. */
  readonly subject: Subject;
  /** Runs code of the program. */
  run(code: () => void): void;
}

/** The turns of one node, over all its lives. */
export class Turns {
  readonly #plan: TurnsPlan;
  readonly #held: Record<Cause, Held[]> = { timer: [], io: [] };
  /** What a slow node is working at, and the end of that. */
  #work: { readonly held: Held; readonly end: SimEvent } | undefined;
  #paused = false;
  #busyMs = 0;
  /** What was held back before the last `forget` never runs. */
  #forgotten = 0;

  constructor(plan: TurnsPlan) {
    this.#plan = plan;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Runs this when the node gets to it. */
  take(cause: Cause, code: () => void): void {
    if (!this.#paused && this.#busyMs === 0) {
      this.#plan.run(code);
      return;
    }
    this.#held[cause].push({ cause, code });
    this.#begin();
  }

  /** Stops it, also in the middle of its work, which it begins anew afterwards. */
  pause(): void {
    this.#paused = true;
    this.#putBack();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#goOn();
  }

  /** Everything takes so long from now on. */
  slow(busyMs: number): void {
    this.#busyMs = busyMs;
    this.#putBack();
    if (!this.#paused) this.#goOn();
  }

  /** The node died: it gets to nothing of what waits, and its next life is not paused. */
  forget(): void {
    this.#forgotten++;
    this.#paused = false;
    this.#putBack();
    this.#held.timer = [];
    this.#held.io = [];
  }

  #goOn(): void {
    if (this.#busyMs > 0) this.#begin();
    else this.#catchUp();
  }

  #catchUp(): void {
    const forgotten = this.#forgotten;
    const random = this.#plan.random.here();
    for (let late = 0; ; late++) {
      const next = this.#next(random);
      if (next === undefined) return;
      // A nanosecond apart, which keeps their order.
      const thaw = (): void => {
        if (this.#forgotten === forgotten) this.take(next.cause, next.code);
      };
      this.#plan.world.after(late / NANOS_PER_MS, EVENT.thaw, thaw, this.#plan.subject);
    }
  }

  /** Begins to work at what waits, one thing after another. */
  #begin(): void {
    const { world, random, subject } = this.#plan;
    if (this.#paused || this.#work !== undefined) return;
    const held = this.#next(random.here());
    if (held === undefined) return;
    const done = (): void => {
      this.#work = undefined;
      this.#plan.run(held.code);
      this.#begin();
    };
    this.#work = { held, end: world.after(this.#busyMs, EVENT.thaw, done, subject) };
  }

  /** Leaves the work where it was, as the first thing that waits. */
  #putBack(): void {
    if (this.#work === undefined) return;
    const { held, end } = this.#work;
    this.#work = undefined;
    this.#plan.world.cancel(end);
    this.#held[held.cause].unshift(held);
  }

  #next(random: Random): Held | undefined {
    const { timer, io } = this.#held;
    const cause = io.length === 0 || (timer.length > 0 && random.chance(0.5)) ? 'timer' : 'io';
    return this.#held[cause].shift();
  }
}
