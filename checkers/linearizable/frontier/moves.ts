/**
 * What may come next in a configuration at a position: the moves, numbered, so that a search can take them one after another
 * and remember by one number how far it has come.
 *
 * The most promising come first: to pass the return unseen; then open calls, in rounds by what the future tells (look-ahead.ts) and in
 * a round by their returns; crashed calls last.
 * Two reductions are about moves. *Symmetry*: of equal open calls only the first to return moves. *Commuting*: two calls whose order does not
 * matter move in the order of their returns only, provided that no pure call took effect between them.
 */
import type { StateMachine } from '../state-machine.ts';
import type { Configuration } from './configuration.ts';
import { hasBit, type OpenCalls } from './open-calls.ts';

/** What a move was: a call's number; PASSED_UNSEEN; or the complement of a crash class's index, less one. */
export type Via = number;
/** The call that returns next passed unseen: it was overwritten directly. */
export const PASSED_UNSEEN = -1;

/** The move that uses a crashed call of the class with this index. */
export function viaCrash(index: number): Via {
  return -2 - index;
}

/** The index of the class of crashed calls that a move used. Only for such moves. */
export function crashOf(via: Via): number {
  return -2 - via;
}

/** Which reductions are on. */
export interface MoveOptions {
  readonly symmetry: boolean;
  readonly commuting: boolean;
}

/** No slot: the next move does not depend on the last. */
export const NO_SLOT = -1;

/** The moves among some open calls, up to the next return. */
export class Moves {
  readonly #open: OpenCalls;
  readonly #machine: StateMachine;
  readonly #options: MoveOptions;

  constructor(open: OpenCalls, machine: StateMachine, options: MoveOptions) {
    this.#open = open;
    this.#machine = machine;
    this.#options = options;
  }

  /** Number of moves, some of which will turn out to be none. */
  get count(): number {
    const { crashKinds, words } = this.#open;
    return 1 + this.#tries + crashKinds + (this.#machine.hasChoices ? 32 * words : 0);
  }

  /** Moves that are for open calls: each call in each round, in one of which it is its turn. */
  get #tries(): number {
    return this.#open.rounds * this.#open.count;
  }

  /** The slot of the call that a move is for, or NO_SLOT. */
  slotOf(move: number): number {
    return move > 0 && move <= this.#tries
      ? (this.#open.byReturn[(move - 1) % this.#open.count] ?? NO_SLOT)
      : NO_SLOT;
  }

  /**
   * Makes the move with this number; the answer says what it was, or is undefined, and the configuration unchanged, if it is
   * none. `slot`: of the call that returns next. `last`: the slot of the call whose move came directly before, for the same
   * return, and let no other call take effect; or NO_SLOT.
   */
  make(move: number, configuration: Configuration, slot: number, last: number): Via | undefined {
    const open = this.#open;
    if (move === 0) return hasBit(configuration.hidden, slot) ? PASSED_UNSEEN : undefined;
    const index = move - 1 - this.#tries;
    if (index < 0) return this.#placeInRound(move - 1, configuration, slot, last);
    if (index < open.crashKinds) return configuration.placeCrashed(index) ? viaCrash(index) : undefined;
    return this.#placeChoosing(index - open.crashKinds, configuration);
  }

  #placeInRound(at: number, configuration: Configuration, returning: number, last: number): Via | undefined {
    const open = this.#open;
    const place = at % open.count;
    const slot = open.byReturn[place] ?? 0;
    if (hasBit(configuration.used, slot)) return undefined;
    if (open.roundOf(slot, returning) !== (at - place) / open.count) return undefined;
    return this.#placeOpen(place, slot, configuration, last);
  }

  #placeOpen(place: number, slot: number, configuration: Configuration, last: number): Via | undefined {
    const open = this.#open;
    if (!configuration.allows(slot)) return undefined;
    if (this.#options.symmetry && open.hasTwinBefore(place, configuration.used)) return undefined;
    if (last !== NO_SLOT && this.#shouldPrecede(slot, last)) return undefined;
    configuration.place(slot);
    return open.callAt[slot] ?? 0;
  }

  /** Whether the call in the slot should have moved before the last one, since their order does not matter. */
  #shouldPrecede(slot: number, last: number): boolean {
    const open = this.#open;
    if (!this.#options.commuting || hasBit(open.blind, slot)) return false;
    if (!open.returnsBefore(slot, last)) return false;
    return this.#machine.commute(open.classAt[slot] ?? 0, open.classAt[last] ?? 0);
  }

  /** A pure call that rules out some of several possible states. */
  #placeChoosing(slot: number, configuration: Configuration): Via | undefined {
    const open = this.#open;
    if (!open.isPure(slot) || hasBit(configuration.used, slot) || !configuration.allows(slot))
      return undefined;
    configuration.place(slot);
    return open.callAt[slot] ?? 0;
  }
}
