/**
 * Virtual time, and what happens in it. Time stands still while code runs and jumps to the next event when it
 * has run, so a simulated second costs what happens in it and nothing else.
 *
 * Two rules make a run repeatable. Between two events everything that the first set off runs to its end: all
 * promise continuations, however long their chains. And time goes on only while somebody outside waits for
 * something inside (a call, a sleep); else the world stands still, so whatever the harness does meanwhile in
 * real time - loading a module, writing a file - has no influence.
 *
 * The first rule rests on Node.js: between two callbacks of `setImmediate` it runs all microtasks and reports all
 * unhandled rejections. Scheduled in batches, because a turn of the event loop costs twenty times as much as a callback.
 */
import { NANOS_PER_MS, type Interruption, type Time } from '../../time.ts';
import { createRandom, type Random } from '../../random.ts';
import type { UsageError } from '../../errors.ts';
import { beginEvent, holdErrors, releaseErrors, runForNobody } from './blame.ts';
import { Checksum } from './checksum.ts';
import { EventQueue, subjectOf, type SimEvent, type Subject } from './event-queue.ts';
import { holdGuard, releaseGuard } from './guard.ts';
import { MomentRandom } from './moment-random.ts';
import type { SimNote, SimObserver } from './observer.ts';
import { watchForRunAways } from './run-away.ts';

/** Kinds of events. Part of the checksum: a number, once given, stays. */
export const EVENT = {
  wait: 1,
  boot: 2,
  timer: 3,
  message: 4,
  request: 5,
  reply: 6,
  disk: 7,
  thaw: 8,
} as const;

/** The wall clock at virtual time 0, the same in every run: 2026-01-01T00:00:00Z. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);

/** Milliseconds made from whole nanoseconds are whole nanoseconds again but for less than this. */
const ROUNDING_NS = 0.01;

/** Events in a turn of the event loop. */
const BATCH = 256;

/** Events that concern no node. */
const HARNESS = subjectOf('harness');

/** Nodes are refused the real one, and this file loads before it is replaced. */
const { setImmediate } = globalThis;

/** Takes down every event, as it begins; see journal.ts in harness/explore. */
export interface SimJournal {
  /** The checksum is of everything before, and of this event's time, kind and subject. */
  event(event: SimEvent, checksum: number): void;
}

/** Answers a wait: with a value, or with an error. Later answers are ignored. */
export interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** One simulated world. */
export class World {
  readonly time: Time;
  readonly #queue = new EventQueue();
  readonly #checksum = new Checksum();
  readonly #random: Random;
  readonly #ties: Random;
  readonly #watch = (bits: number): void => this.#checksum.fold(bits);
  #now = 0;
  #events = 0;
  #sequence = 0;
  /** What the outside waits for. */
  #waits = 0;
  #running = false;
  #settled: (() => void)[] = [];

  /** Set by whoever wants to see what happens; see observer.ts. */
  observer: SimObserver | undefined;

  /** Set by whoever compares runs event by event. */
  journal: SimJournal | undefined;

  #refusal: UsageError | undefined;

  constructor(seed: string) {
    this.#random = createRandom(seed, this.#watch);
    this.#ties = this.random('order');
    this.time = {
      now: () => this.#now,
      wall: () => this.wall(),
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
  }

  /** Nanoseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  /** How many events there were. */
  get events(): number {
    return this.#events;
  }

  /** Of every draw and every event so far. */
  get checksum(): string {
    return this.#checksum.text;
  }

  /** Why this world's run says nothing: its program did what makes runs unrepeatable. */
  get refusal(): UsageError | undefined {
    return this.#refusal;
  }

  /** The run is worth nothing; the first reason counts. */
  refuse(error: UsageError): void {
    this.#refusal ??= error;
  }

  /** True time, in milliseconds since the epoch; nodes' clocks may differ from it. */
  wall(): number {
    return EPOCH_MS + this.#now / NANOS_PER_MS;
  }

  /** A stream of draws for this purpose, of the world's seed. */
  random(purpose: string): Random {
    return this.#random.fork(`sim/${purpose}`);
  }

  /** Draws of this place, which depend on the moment (moment-random.ts). */
  place(purpose: string): MomentRandom {
    return new MomentRandom(this.random(purpose), () => this.#now, this.#watch);
  }

  /** Tells the observer, if there is one. Where much happens, ask for `observer` first: to make an entry for nobody costs. */
  note(entry: SimNote): void {
    const { observer } = this;
    if (observer !== undefined) runForNobody(() => observer.note({ time: this.#now, ...entry }));
  }

  /** Runs this when all that the running event set off has run, and before time goes on. */
  whenSettled(run: () => void): void {
    this.#settled.push(run);
  }

  /**
   * Lets this happen after so many milliseconds. Throws a RangeError on what is no time from now. `subject` and
   * `content` say whom it concerns and what comes with it, for whoever compares two runs.
   */
  after(ms: number, kind: number, run: () => void, subject: Subject = HARNESS, content?: unknown): SimEvent {
    if (!(ms >= 0)) throw new RangeError(`nothing can happen in ${ms} ms`);
    // Rounded up: nobody is woken before the time for which they asked, nor without any time having passed.
    const wait = Math.max(ms > 0 ? 1 : 0, Math.ceil(ms * NANOS_PER_MS - ROUNDING_NS));
    const time = this.#now + wait;
    const tie = this.#ties.next();
    const event = { time, tie, sequence: this.#sequence++, kind, subject, content, run, place: -1 };
    this.#queue.push(event);
    return event;
  }

  /** Takes back what has not happened yet. */
  cancel(event: SimEvent): void {
    this.#queue.remove(event);
  }

  /** Waits from outside for what `begin` sets off; time goes on meanwhile. */
  wait<T>(begin: (settle: Settle<T>) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let settled = false;
      const isFirst = (): boolean => {
        if (settled) return false;
        settled = true;
        this.#waits--;
        return true;
      };
      begin({
        resolve: (value) => {
          if (isFirst()) resolve(value);
        },
        reject: (error) => {
          if (isFirst()) reject(error);
        },
      });
      this.#waits++;
      this.#run();
    });
  }

  #sleep(ms: number, signal?: Interruption): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return this.wait(({ resolve }) => {
      const event = this.after(ms, EVENT.wait, () => {
        signal?.removeEventListener('abort', wake);
        resolve();
      });
      const wake = (): void => {
        this.cancel(event);
        resolve();
      };
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Runs events for as long as somebody waits. */
  #run(): void {
    if (this.#running) return;
    this.#running = true;
    holdErrors();
    holdGuard();
    watchForRunAways();
    this.#scheduleBatch();
  }

  #scheduleBatch(): void {
    for (let event = 0; event < BATCH; event++) setImmediate(this.#step);
    setImmediate(() => {
      beginEvent();
      if (this.#waits > 0) {
        this.#scheduleBatch();
        return;
      }
      this.#running = false;
      releaseErrors();
      releaseGuard();
    });
  }

  readonly #step = (): void => {
    beginEvent();
    if (this.#settled.length > 0) {
      for (const run of this.#settled.splice(0)) run();
      beginEvent();
    }
    if (this.#waits === 0) return;
    const event = this.#queue.pop();
    // Whoever waits has a deadline, which is an event.
    if (event === undefined)
      throw new Error('the simulated world is waited for, and nothing will ever happen in it');
    this.#now = event.time;
    this.#events++;
    this.#checksum.fold(event.time);
    this.#checksum.fold(event.kind);
    this.#checksum.fold(event.subject.bits);
    this.journal?.event(event, this.#checksum.value);
    event.run();
  };
}
