/**
 * The frontier search, breadth first: all configurations of one moment, then all of the next. It ends at the first return that no
 * order gets past, and of the configurations of a moment it keeps only those that none of the others dominates, so it is
 * the better one where an order does not exist, or where many look promising for long.
 */
import type { Calls } from '../calls.ts';
import { lookout } from '../lookout.ts';
import type { Decision, Search } from '../search.ts';
import type { StateMachine } from '../state-machine.ts';
import { type CrashAccounts, ExactAccounts, RelaxedAccounts } from './crashes.ts';
import { moveOptions, timelineOptions, type FrontierOptions } from './options.ts';
import { Frontier, NO_TRAIL, type Trails } from './frontier.ts';
import type { Via } from './moves.ts';
import { orderOf } from './order.ts';
import { NO_CALL, Timeline } from './timeline.ts';

const INITIAL_TRAILS = 1 << 8;

/** Trails as a tree: for each the one before and the last move. */
class TrailTree implements Trails {
  #count = 1;
  #before = new Int32Array(INITIAL_TRAILS);
  #via = new Int32Array(INITIAL_TRAILS);

  get bytes(): number {
    return 2 * this.#via.byteLength;
  }

  extend(trail: number, via: Via): number {
    if (this.#count === this.#via.length) this.#grow();
    this.#before[this.#count] = trail;
    this.#via[this.#count] = via;
    return this.#count++;
  }

  /** The moves of a trail, the first first. */
  moves(trail: number): Via[] {
    const moves: Via[] = [];
    for (let at = trail; at !== NO_TRAIL; at = this.#before[at] ?? NO_TRAIL) moves.push(this.#via[at] ?? 0);
    return moves.reverse();
  }

  #grow(): void {
    const [before, via] = [this.#before, this.#via];
    this.#before = new Int32Array(2 * before.length);
    this.#via = new Int32Array(2 * via.length);
    this.#before.set(before);
    this.#via.set(via);
  }
}

/** The search. */
export class BreadthFirst implements Search {
  readonly name: string;
  readonly #calls: Calls;
  readonly #machine: StateMachine;
  readonly #options: FrontierOptions;
  readonly #timeline: Timeline;
  readonly #accounts: CrashAccounts;
  readonly #frontier: Frontier;
  readonly #trails = new TrailTree();
  /** A trail that leads to the present, or to where it ended. */
  #longest = NO_TRAIL;
  #decision: Decision | undefined;

  constructor(calls: Calls, machine: StateMachine, options: FrontierOptions) {
    this.name = options.relaxed ? 'stream (crashes relaxed)' : 'stream';
    this.#calls = calls;
    this.#machine = machine;
    this.#options = options;
    this.#timeline = new Timeline(calls, machine, timelineOptions(options));
    this.#accounts = options.relaxed ? new RelaxedAccounts() : new ExactAccounts();
    const moves = { ...moveOptions(options, machine), dominance: !options.without.has('dominance') };
    this.#frontier = new Frontier(machine, this.#timeline.open, this.#accounts, moves, this.#trails);
    this.#frontier.enter(this.#timeline.entered);
  }

  get configurations(): number {
    return this.#frontier.reached;
  }

  get position(): number {
    return this.#timeline.position;
  }

  get bytes(): number {
    return this.#frontier.bytes + this.#trails.bytes;
  }

  get failedAt(): number | undefined {
    // A relaxed search may get past returns that no order gets past.
    const knows = this.#decision === 'not-linearizable' && !this.#options.relaxed;
    return knows ? this.#timeline.response : undefined;
  }

  longest(): readonly number[] {
    const moves = this.#trails.moves(this.#longest);
    return orderOf(moves, this.#calls, this.#machine, timelineOptions(this.#options));
  }

  advance(paused: () => boolean): Decision | undefined {
    if (this.#decision !== undefined) return this.#decision;
    const isPaused = lookout(this.#machine, paused);
    const timeline = this.#timeline;
    while (timeline.response !== NO_CALL) {
      this.#longest = this.#frontier.trail;
      if (timeline.position >= timeline.ahead.barrier) return (this.#decision = 'not-linearizable');
      if (isPaused() || !this.#frontier.pass(timeline.slot, isPaused)) return undefined;
      if (this.#frontier.size === 0) return (this.#decision = 'not-linearizable');
      timeline.forward();
      this.#frontier.enter(timeline.entered);
    }
    return (this.#decision = this.#judge());
  }

  /** Every completed call has taken effect: is there an order that could afford its crashed calls? */
  #judge(): Decision {
    const affordable: number[] = [];
    this.#frontier.each(({ account }, trail) => {
      if (this.#accounts.isAffordable(account)) affordable.push(trail);
    });
    const [trail] = affordable;
    if (trail === undefined) return 'undecided';
    this.#longest = trail;
    return 'linearizable';
  }
}
