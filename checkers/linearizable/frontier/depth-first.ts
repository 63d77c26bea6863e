/**
 * The frontier search, depth first: it follows one configuration along the timeline, branches only where a call returns that has not
 * taken effect, and goes back where nothing is left. Fast where an order exists, since it looks for one and not for all.
 *
 * A configuration is (position among the returns, mask of open calls that took effect, state), and the mask is as wide as
 * the peak of concurrency: that is what makes it cheaper than a search over sets of calls. One that is dominated by another at the same position
 * is not entered (configuration.ts).
 */
import type { Calls } from '../calls.ts';
import type { Decision, Search } from '../search.ts';
import { lookout } from '../lookout.ts';
import type { StateMachine } from '../state-machine.ts';
import { StepTable, UNASKED } from '../step-table.ts';
import { Configuration, STRONGER, WEAKER } from './configuration.ts';
import { ExactAccounts, RelaxedAccounts, type CrashAccounts } from './crashes.ts';
import { Entries, NO_ENTRY } from './entries.ts';
import { Moves, NO_SLOT, PASSED_UNSEEN, type Via } from './moves.ts';
import { hasBit } from './open-calls.ts';
import { moveOptions, timelineOptions, type FrontierOptions } from './options.ts';
import { orderOf } from './order.ts';
import { NO_CALL, Timeline } from './timeline.ts';

/** The search. */
export class DepthFirst implements Search {
  readonly name: string;
  readonly #calls: Calls;
  readonly #machine: StateMachine;
  readonly #options: FrontierOptions;
  readonly #timeline: Timeline;
  readonly #accounts: CrashAccounts;
  readonly #moves: Moves;
  readonly #configuration: Configuration;
  readonly #entries: Entries;
  /** The last entry of each (position, state). */
  readonly #lists = new StepTable();
  readonly #dominance: boolean;
  /** Entries on the way to here, and for each the number of the move that is next. */
  readonly #path: number[] = [];
  readonly #tried: number[] = [];
  /** The entry with the furthest position. */
  #furthest = NO_ENTRY;
  #furthestMoves = 0;
  #decision: Decision | undefined;
  #unaffordable = false;

  constructor(calls: Calls, machine: StateMachine, options: FrontierOptions) {
    this.name = options.relaxed ? 'frontier (crashes relaxed)' : 'frontier';
    this.#calls = calls;
    this.#machine = machine;
    this.#options = options;
    this.#dominance = !options.without.has('dominance');
    this.#timeline = new Timeline(calls, machine, timelineOptions(options));
    this.#moves = new Moves(this.#timeline.open, machine, moveOptions(options, machine));
    this.#accounts = options.relaxed ? new RelaxedAccounts() : new ExactAccounts();
    this.#configuration = new Configuration(machine, this.#timeline.open, this.#accounts);
    this.#entries = new Entries(this.#timeline.open.words);
    this.#configuration.enter(this.#timeline.entered);
    this.#enter(NO_ENTRY, PASSED_UNSEEN);
  }

  get configurations(): number {
    return this.#entries.count;
  }

  get position(): number {
    return this.#entries.position[this.#furthest] ?? 0;
  }

  get bytes(): number {
    return this.#entries.bytes + this.#lists.bytes;
  }

  get failedAt(): number | undefined {
    // A relaxed search may get past returns that no order gets past.
    if (this.#decision !== 'not-linearizable' || this.#options.relaxed) return undefined;
    this.#timeline.moveTo(this.#entries.position[this.#furthest] ?? 0);
    return this.#timeline.response;
  }

  longest(): readonly number[] {
    const vias: Via[] = [];
    const { parent, via } = this.#entries;
    for (let entry = this.#furthest; entry > 0; entry = parent[entry] ?? 0) vias.push(via[entry] ?? 0);
    return orderOf(vias.reverse(), this.#calls, this.#machine, timelineOptions(this.#options));
  }

  advance(paused: () => boolean): Decision | undefined {
    const isPaused = lookout(this.#machine, paused);
    while (this.#decision === undefined) {
      if (isPaused()) return undefined;
      const depth = this.#path.length - 1;
      const entry = this.#path[depth];
      if (entry === undefined) this.#decision = this.#unaffordable ? 'undecided' : 'not-linearizable';
      else this.#moveOn(entry, depth);
    }
    return this.#decision;
  }

  /** Makes the entry's next move, or leaves it when there is none. */
  #moveOn(entry: number, depth: number): void {
    const [entries, timeline, configuration, moves] = [
      this.#entries,
      this.#timeline,
      this.#configuration,
      this.#moves,
    ];
    timeline.moveTo(entries.position[entry] ?? 0);
    configuration.load(entries.words, entry * entries.stride);
    const last = entries.last[entry] ?? NO_SLOT;
    for (let move = this.#tried[depth] ?? 0; move < moves.count; move++) {
      const via = moves.make(move, configuration, timeline.slot, last);
      if (via === undefined) continue;
      this.#tried[depth] = move + 1;
      if (via === PASSED_UNSEEN) this.#pass();
      this.#enter(entry, via);
      return;
    }
    this.#path.pop();
    this.#tried.pop();
  }

  /** Passes all returns that need nothing more, and enters the configuration unless that is pointless. */
  #enter(parent: number, via: Via): void {
    const [timeline, configuration, entries] = [this.#timeline, this.#configuration, this.#entries];
    while (timeline.response !== NO_CALL && hasBit(configuration.used, timeline.slot)) this.#pass();
    const { position } = timeline;
    if (timeline.response === NO_CALL && !this.#accounts.isAffordable(configuration.account)) {
      this.#unaffordable = true;
      return;
    }
    configuration.normalize();
    if (!this.#admit(position)) return;
    const independent = via >= 0 && position === entries.position[parent] && !configuration.gained;
    const last = independent ? timeline.slotOf(via) : NO_SLOT;
    const entry = entries.add(configuration, { position, parent, via, last });
    entries.linkTo(entry, this.#lists);
    this.#noteFurthest(entry, position);
    if (position >= timeline.ahead.barrier) this.#decision = 'not-linearizable';
    if (timeline.response === NO_CALL) this.#decision = 'linearizable';
    this.#path.push(entry);
    this.#tried.push(0);
  }

  /** Further is what has passed more returns or, with as many, made more moves. */
  #noteFurthest(entry: number, position: number): void {
    const furthest = this.#furthest === NO_ENTRY ? -1 : this.position;
    const moves = this.#path.length;
    if (position < furthest || (position === furthest && moves <= this.#furthestMoves)) return;
    this.#furthest = entry;
    this.#furthestMoves = moves;
  }

  #pass(): void {
    this.#configuration.pass(this.#timeline.slot);
    this.#timeline.forward();
    this.#configuration.enter(this.#timeline.entered);
  }

  /** False if an entry at this position can do whatever the configuration can. Entries that can do less leave the list. */
  #admit(position: number): boolean {
    const [entries, configuration] = [this.#entries, this.#configuration];
    const head = this.#lists.get(position, configuration.state);
    if (head === UNASKED) return true;
    let before = NO_ENTRY;
    for (let entry = head; entry !== NO_ENTRY; entry = entries.next[entry] ?? NO_ENTRY) {
      const at = entry * entries.stride;
      if (!this.#dominance) {
        if (configuration.equals(entries.words, at)) return false;
        continue;
      }
      const comparison = configuration.compare(entries.words, at);
      if (comparison === WEAKER) return false;
      if (comparison !== STRONGER || before === NO_ENTRY) before = entry;
      else entries.next[before] = entries.next[entry] ?? NO_ENTRY;
    }
    return true;
  }
}
