/**
 * A configuration: at some position of the timeline, which open calls have taken effect, in which state that left the object, and
 * which crashed calls it took. Here is what a search may do with one, and every reduction that is about a single
 * configuration or a pair of them:
 *
 * - *eager*: a pure call that is allowed takes effect at once. It changes nothing, so it cannot be too early.
 * - *hiding*: when a blind call takes effect, every other open blind call may have done so just before it, unseen (unless it was certainly
 *   seen: look-ahead.ts); and a call that would
 *   change nothing now may take effect now, unseen. It is then hidden: at its return it needs no effect of its own. (Derived here; proved by
 *   exchange: to put it there changes no state that anything else meets.)
 * - *dominance*: of two configurations with one state, one can do whatever the other can if it has used fewer calls that change
 *   the state, has satisfied more pure ones, and everything that the other has used or hidden it has used or hidden too. Calls that
 *   leave a value that is written once count as no cost: where they are used and the state is another, they have served all who needed them.
 */
import { ILLEGAL, type StateMachine } from '../state-machine.ts';
import { NONE_USED, NOT_LEFT, type CrashAccounts } from './crashes.ts';
import { clearBit, hasBit, setBit, type OpenCalls } from './open-calls.ts';

/** Words of a stored configuration before its masks: state, account of crashed calls. */
const HEADER = 2;

/** Words that a configuration takes when it is stored, with masks of so many words. */
export function storedWords(words: number): number {
  return HEADER + 2 * words;
}

export const INCOMPARABLE = 0;
export const WEAKER = 1;
export const STRONGER = 2;

/** How one configuration compares to another. */
export type Comparison = typeof INCOMPARABLE | typeof WEAKER | typeof STRONGER;

/** One configuration, which changes as a search works with it. */
export class Configuration {
  state: number;
  /** Account of used crashed calls. */
  account = NONE_USED;
  /** Masks of open calls that took effect, and of blind ones that may have done so unseen. */
  used: Int32Array;
  hidden: Int32Array;
  /** Whether other calls took effect, or may have, because of the state that the last one led to. */
  gained = false;
  /** Called with the slot of each pure call that takes effect by itself; for those who write down orders. */
  onEager: ((slot: number) => void) | undefined;
  /** The same for each call that is hidden because it changes nothing. */
  onIdle: ((slot: number) => void) | undefined;
  readonly #machine: StateMachine;
  readonly #open: OpenCalls;
  readonly #accounts: CrashAccounts;

  constructor(machine: StateMachine, open: OpenCalls, accounts: CrashAccounts) {
    this.#machine = machine;
    this.#open = open;
    this.#accounts = accounts;
    this.state = machine.initial;
    this.used = new Int32Array(open.words);
    this.hidden = new Int32Array(open.words);
  }

  /** Becomes the configuration that is stored there. */
  load(words: Int32Array, at: number): void {
    const { used, hidden } = this;
    this.state = words[at] ?? 0;
    this.account = words[at + 1] ?? 0;
    for (let word = 0; word < used.length; word++) {
      used[word] = words[at + HEADER + word] ?? 0;
      hidden[word] = words[at + HEADER + used.length + word] ?? 0;
    }
  }

  /** Stores itself there. */
  store(words: Int32Array, at: number): void {
    const { used, hidden } = this;
    words[at] = this.state;
    words[at + 1] = this.account;
    for (let word = 0; word < used.length; word++) {
      words[at + HEADER + word] = used[word] ?? 0;
      words[at + HEADER + used.length + word] = hidden[word] ?? 0;
    }
  }

  /** Whether the call in that slot may take effect. */
  allows(slot: number): boolean {
    return this.#open.step(this.state, this.#open.classAt[slot] ?? 0) !== ILLEGAL;
  }

  /** The call in that slot, which may, takes effect. */
  place(slot: number): void {
    this.state = this.#machine.step(this.state, this.#open.classAt[slot] ?? 0);
    this.gained = false;
    setBit(this.used, slot);
    clearBit(this.hidden, slot);
    if (hasBit(this.#open.blind, slot)) this.#hideOthers();
    this.#settle();
  }

  /** A crashed call of the class with this index takes effect; false, and nothing changed, if none can or it would change nothing. */
  placeCrashed(index: number): boolean {
    const invoked = this.#open.crashed[index] ?? 0;
    if (invoked === 0) return false;
    const operationClass = this.#open.crashClasses[index] ?? 0;
    const next = this.#open.step(this.state, operationClass);
    if (next === ILLEGAL || next === this.state) return false;
    const account = this.#accounts.use(this.account, index, invoked);
    if (account === NOT_LEFT) return false;
    this.account = account;
    this.state = next;
    if (this.#open.hides(operationClass)) this.#hideOthers();
    this.#settle();
    return true;
  }

  /** Takes the state for one that can do the same from here on. */
  normalize(): void {
    this.state = this.#open.normal(this.state);
  }

  /** These calls have been invoked: pure ones take effect if they are allowed, and others are hidden if they change nothing. */
  enter(slots: readonly number[]): void {
    for (const slot of slots) {
      if (this.#open.isPure(slot)) this.#placeIfPure(slot);
      else this.#hideIfIdle(slot);
    }
  }

  /** The call in that slot, which has taken effect or is hidden, has returned. */
  pass(slot: number): void {
    clearBit(this.used, slot);
    clearBit(this.hidden, slot);
  }

  /** Whether the stored configuration is this one. */
  equals(words: Int32Array, at: number): boolean {
    const { used, hidden } = this;
    if (words[at] !== this.state || words[at + 1] !== this.account) return false;
    for (let word = 0; word < used.length; word++) {
      if (words[at + HEADER + word] !== used[word]) return false;
      if (words[at + HEADER + used.length + word] !== hidden[word]) return false;
    }
    return true;
  }

  /**
   * Which of this one and the stored one, of the same state, can do whatever the other can: WEAKER if the stored one can (and also
   * if both can), STRONGER if only this one, INCOMPARABLE if neither.
   */
  compare(words: Int32Array, at: number): Comparison {
    const { used, hidden } = this;
    let [weaker, stronger] = [true, true];
    for (let word = 0; word < used.length; word++) {
      const [theirUsed, theirHidden] = [
        words[at + HEADER + word] ?? 0,
        words[at + HEADER + used.length + word] ?? 0,
      ];
      const [ownUsed, ownHidden] = [used[word] ?? 0, hidden[word] ?? 0];
      if (theirUsed === ownUsed && theirHidden === ownHidden) continue;
      weaker &&= this.#covers(word, theirUsed, theirHidden, ownUsed, ownHidden);
      stronger &&= this.#covers(word, ownUsed, ownHidden, theirUsed, theirHidden);
      if (!weaker && !stronger) return INCOMPARABLE;
    }
    const account = words[at + 1] ?? 0;
    if (weaker && this.#accounts.dominates(account, this.account)) return WEAKER;
    return stronger && this.#accounts.dominates(this.account, account) ? STRONGER : INCOMPARABLE;
  }

  /** Whether masks `a` can do whatever masks `b` can: see above. */
  #covers(word: number, aUsed: number, aHidden: number, bUsed: number, bHidden: number): boolean {
    const [pure, once] = [this.#open.pure[word] ?? 0, this.#open.once[word] ?? 0];
    if ((aUsed & ~bUsed & ~pure & ~once) !== 0) return false;
    if ((bUsed & ~aUsed & pure) !== 0) return false;
    return ((bUsed | bHidden) & ~(aUsed | aHidden) & ~pure) === 0;
  }

  #hideOthers(): void {
    const { used, hidden } = this;
    for (let word = 0; word < used.length; word++) {
      hidden[word] = (hidden[word] ?? 0) | ((this.#open.hideable[word] ?? 0) & ~(used[word] ?? 0));
    }
  }

  /** What follows from a new state. */
  #settle(): void {
    const open = this.#open;
    for (let word = 0; word < this.used.length; word++) {
      let waiting = (open.pure[word] ?? 0) & ~(this.used[word] ?? 0);
      while (waiting !== 0) {
        const bit = 31 - Math.clz32(waiting);
        waiting &= ~(1 << bit);
        this.#placeIfPure(32 * word + bit);
      }
    }
    for (let place = 0; place < open.count; place++) this.#hideIfIdle(open.byReturn[place] ?? 0);
  }

  /** Whoever changes nothing now may take effect now. */
  #hideIfIdle(slot: number): void {
    if (!this.#open.isHiding || hasBit(this.used, slot) || hasBit(this.hidden, slot)) return;
    if (this.#open.step(this.state, this.#open.classAt[slot] ?? 0) !== this.state) return;
    setBit(this.hidden, slot);
    this.gained = true;
    this.onIdle?.(slot);
  }

  /** With several possible states a pure call may still rule some out; such a one is no eager matter. */
  #placeIfPure(slot: number): void {
    if (this.#machine.step(this.state, this.#open.classAt[slot] ?? 0) !== this.state) return;
    setBit(this.used, slot);
    this.gained = true;
    this.onEager?.(slot);
  }
}
