/**
 * All configurations that are possible at one moment: the frontier. It follows the calls as they come, so its memory is that of the open
 * calls and not of the history, and when it is empty, the return that emptied it ends the shortest prefix that has no order.
 *
 * Where nothing is open, a configuration is only a state, and most often there is just one: then a call costs little more
 * than the model's step.
 */
import type { StateMachine } from '../state-machine.ts';
import { StepTable, UNASKED } from '../step-table.ts';
import { Configuration, STRONGER, WEAKER } from './configuration.ts';
import type { CrashAccounts } from './crashes.ts';
import { Entries, NO_ENTRY } from './entries.ts';
import { NO_SLOT, PASSED_UNSEEN, type MoveOptions, Moves, type Via } from './moves.ts';
import { hasBit, type OpenCalls } from './open-calls.ts';

const NOT_BEGUN = -1;
/** Entries of `lists` after which it is emptied; its keys are never used again once their generation is over. */
const LISTS_BYTES_MAX = 1 << 20;

/** Writes down by which moves configurations came about; numbers of such trails stand in the entries' `parent`. */
export interface Trails {
  /** The trail that continues one by a move. */
  extend(trail: number, via: Via): number;
}

/** A trail of no moves, which is also every trail where none are kept. */
export const NO_TRAIL = 0;

/** Some configurations of one generation, of which none dominates another. */
class ConfigurationSet {
  readonly entries: Entries;
  /** By entry: it was dominated by a later one. */
  readonly dead: boolean[] = [];
  readonly #lists = new StepTable();
  readonly #dominance: boolean;
  #generation = 0;

  constructor(words: number, dominance: boolean) {
    this.entries = new Entries(words);
    this.#dominance = dominance;
  }

  clear(): void {
    this.entries.clear();
    this.dead.length = 0;
    this.#generation++;
    if (this.#lists.bytes > LISTS_BYTES_MAX) this.#lists.clear();
  }

  /** Adds the configuration unless another can do whatever it can. */
  add(configuration: Configuration, trail: number, via: Via, last: number): void {
    const { entries } = this;
    const head = this.#lists.get(this.#generation, configuration.state);
    for (
      let entry = head === UNASKED ? NO_ENTRY : head;
      entry !== NO_ENTRY;
      entry = entries.next[entry] ?? NO_ENTRY
    ) {
      if (this.dead[entry] === true) continue;
      const at = entry * entries.stride;
      if (!this.#dominance) {
        if (configuration.equals(entries.words, at)) return;
        continue;
      }
      const comparison = configuration.compare(entries.words, at);
      if (comparison === WEAKER) return;
      if (comparison === STRONGER) this.dead[entry] = true;
    }
    entries.add(configuration, { position: this.#generation, parent: trail, via, last });
    this.dead.push(false);
    entries.linkTo(entries.count - 1, this.#lists);
  }

  /** Adds one configuration to no others. */
  addOnly(configuration: Configuration, trail: number): void {
    this.entries.add(configuration, {
      position: this.#generation,
      parent: trail,
      via: PASSED_UNSEEN,
      last: NO_SLOT,
    });
    this.dead.push(false);
  }
}

/** A configuration, kept for another frontier. */
export interface KeptConfiguration {
  readonly state: number;
  readonly account: number;
  readonly used: ArrayLike<number>;
  readonly hidden: ArrayLike<number>;
}

/** The frontier. The caller opens calls and tells of returns. */
export class Frontier {
  /** Configurations reached for the returns that are passed. */
  #passed = 1;
  /** Configurations expanded for the return that is being passed, or NOT_BEGUN. */
  #expanded = NOT_BEGUN;
  readonly #machine: StateMachine;
  readonly #open: OpenCalls;
  readonly #moves: Moves;
  readonly #trails: Trails | undefined;
  readonly #configuration: Configuration;
  #now: ConfigurationSet;
  #next: ConfigurationSet;
  readonly #seen: ConfigurationSet;

  constructor(
    machine: StateMachine,
    open: OpenCalls,
    accounts: CrashAccounts,
    options: MoveOptions & { readonly dominance: boolean },
    trails?: Trails,
  ) {
    this.#machine = machine;
    this.#open = open;
    this.#moves = new Moves(open, machine, options);
    this.#trails = trails;
    this.#configuration = new Configuration(machine, open, accounts);
    const set = (): ConfigurationSet => new ConfigurationSet(open.words, options.dominance);
    [this.#now, this.#next, this.#seen] = [set(), set(), set()];
    this.#now.addOnly(this.#configuration, NO_TRAIL);
  }

  /** Configurations reached so far, over all moments. */
  get reached(): number {
    return this.#passed + (this.#expanded === NOT_BEGUN ? 0 : this.#seen.entries.count);
  }

  /** Number of configurations now; none if no order is left. */
  get size(): number {
    return this.#now.entries.count;
  }

  /** The trail of one of the configurations. */
  get trail(): number {
    return this.#now.entries.parent[0] ?? NO_TRAIL;
  }

  /** Number of configurations that passing a return has come to so far, while it is at it. */
  get pending(): number {
    return this.#seen.entries.count + this.#next.entries.count;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#now.entries.bytes + this.#next.entries.bytes + this.#seen.entries.bytes;
  }

  /** Calls have been opened in these slots. */
  enter(slots: readonly number[]): void {
    if (slots.length === 0) return;
    const { entries } = this.#now;
    for (let entry = 0; entry < entries.count; entry++) {
      this.#configuration.load(entries.words, entry * entries.stride);
      this.#configuration.enter(slots);
      this.#configuration.store(entries.words, entry * entries.stride);
    }
  }

  /**
   * The call in this slot, which is still open, returns: what is left is where it has taken effect. False if `paused` said so
   * before that was done; then the next call, for the same return, goes on.
   */
  pass(slot: number, paused: () => boolean): boolean {
    if (this.#expanded === NOT_BEGUN) {
      if (this.#passAlone(slot)) return true;
      this.#next.clear();
      this.#seen.clear();
      this.#sort(slot);
      this.#expanded = 0;
    }
    const { entries, dead } = this.#seen;
    for (; this.#expanded < entries.count; this.#expanded++) {
      if (paused()) return false;
      if (dead[this.#expanded] !== true) this.#expand(this.#expanded, slot);
    }
    this.#expanded = NOT_BEGUN;
    this.#passed += entries.count;
    [this.#now, this.#next] = [this.#next, this.#now];
    this.#dropDead();
    return true;
  }

  /** Is at these configurations from here on, instead of where it was; masks may be shorter than those of now. */
  resume(configurations: readonly KeptConfiguration[]): void {
    this.#now.clear();
    const configuration = this.#configuration;
    for (const { state, account, used, hidden } of configurations) {
      configuration.state = state;
      configuration.account = account;
      configuration.used.fill(0);
      configuration.used.set(used);
      configuration.hidden.fill(0);
      configuration.hidden.set(hidden);
      this.#now.add(configuration, NO_TRAIL, PASSED_UNSEEN, NO_SLOT);
    }
    this.#dropDead();
  }

  /** The configurations of now. */
  keep(): KeptConfiguration[] {
    const kept: KeptConfiguration[] = [];
    this.each(({ state, account, used, hidden }) => {
      kept.push({ state, account, used: used.slice(), hidden: hidden.slice() });
    });
    return kept;
  }

  /** Calls `visit` with each configuration and its trail. */
  each(visit: (configuration: Configuration, trail: number) => void): void {
    const { entries } = this.#now;
    for (let entry = 0; entry < entries.count; entry++) {
      this.#configuration.load(entries.words, entry * entries.stride);
      visit(this.#configuration, entries.parent[entry] ?? NO_TRAIL);
    }
  }

  /** The common case: one configuration, in which nothing but this call is open, or in which it has taken effect. */
  #passAlone(slot: number): boolean {
    const { entries } = this.#now;
    if (entries.count !== 1) return false;
    const configuration = this.#configuration;
    configuration.load(entries.words, 0);
    let trail = entries.parent[0] ?? NO_TRAIL;
    if (!hasBit(configuration.used, slot)) {
      const alone = this.#open.count === 1 && this.#open.crashKinds === 0 && !this.#machine.hasChoices;
      if (!alone || this.#open.isPure(slot) || hasBit(configuration.hidden, slot)) return false;
      this.#passed++;
      if (!configuration.allows(slot)) {
        this.#now.clear();
        return true;
      }
      configuration.place(slot);
      trail = this.#extend(trail, this.#open.callAt[slot] ?? 0);
    }
    configuration.pass(slot);
    configuration.store(entries.words, 0);
    entries.parent[0] = trail;
    return true;
  }

  /** Sorts the configurations of now into those in which the call has taken effect and those that must move. */
  #sort(slot: number): void {
    const { entries } = this.#now;
    for (let entry = 0; entry < entries.count; entry++) {
      this.#configuration.load(entries.words, entry * entries.stride);
      this.#file(slot, entries.parent[entry] ?? NO_TRAIL, NO_SLOT);
    }
  }

  /** Makes every move of a configuration. */
  #expand(entry: number, slot: number): void {
    const { entries } = this.#seen;
    const [trail, last] = [entries.parent[entry] ?? NO_TRAIL, entries.last[entry] ?? NO_SLOT];
    this.#configuration.load(entries.words, entry * entries.stride);
    // Move 0, to pass unseen, is made where configurations are filed.
    for (let move = 1; move < this.#moves.count; move++) {
      const via = this.#moves.make(move, this.#configuration, slot, last);
      if (via === undefined) continue;
      const moved = this.#configuration.gained ? NO_SLOT : this.#moves.slotOf(move);
      this.#file(slot, this.#extend(trail, via), moved);
      // What it led to can do whatever it can.
      if (this.#seen.dead[entry] === true) return;
      this.#configuration.load(entries.words, entry * entries.stride);
    }
  }

  #file(slot: number, trail: number, last: number): void {
    const configuration = this.#configuration;
    const used = hasBit(configuration.used, slot);
    configuration.normalize();
    if (!used) this.#seen.add(configuration, trail, PASSED_UNSEEN, last);
    if (!used && !hasBit(configuration.hidden, slot)) return;
    configuration.pass(slot);
    this.#next.add(configuration, used ? trail : this.#extend(trail, PASSED_UNSEEN), PASSED_UNSEEN, NO_SLOT);
  }

  #extend(trail: number, via: Via): number {
    return this.#trails === undefined ? NO_TRAIL : this.#trails.extend(trail, via);
  }

  #dropDead(): void {
    const { entries, dead } = this.#now;
    if (!dead.includes(true)) return;
    let kept = 0;
    for (let entry = 0; entry < entries.count; entry++) {
      if (dead[entry] === true) continue;
      entries.words.copyWithin(kept * entries.stride, entry * entries.stride, (entry + 1) * entries.stride);
      entries.parent[kept++] = entries.parent[entry] ?? NO_TRAIL;
    }
    entries.count = kept;
    dead.length = kept;
    dead.fill(false);
  }
}
