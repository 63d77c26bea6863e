/**
 * The calls that are open at one moment: invoked, and not yet returned. Each completed call has a slot while it is open, so that a
 * set of open calls is a mask as wide as the peak of concurrency, however long the history is. Crashed calls are
 * open for ever; they are counted by class, since equal ones need not be told apart.
 */
import { ILLEGAL, type StateMachine } from '../state-machine.ts';
import { type LookAhead, ROUNDS } from './look-ahead.ts';

const BITS = 32;

/** Which kinds of calls are told apart. */
export interface OpenCallsOptions {
  /** False: pure operations are placed like all others. */
  readonly eager: boolean;
  /** False: blind operations are placed like all others. */
  readonly hiding: boolean;
}

/** The open calls. Slots are numbered from 0; the caller hands them out. */
export class OpenCalls {
  /** Returns that are passed, where that is known in advance. */
  position = 0;
  /** Words of a mask. */
  words = 0;
  /**
   * Masks of the slots that hold a pure call; a blind one; a blind one that may be hidden; one that leaves a value that is written
   * once (look-ahead.ts).
   */
  pure = new Int32Array(0);
  blind = new Int32Array(0);
  hideable = new Int32Array(0);
  once = new Int32Array(0);
  /** What each slot holds. */
  classAt = new Int32Array(0);
  callAt = new Int32Array(0);
  /** Slots of calls that are not pure, the first to return first. */
  byReturn = new Int32Array(0);
  count = 0;
  /** Distinct classes of crashed calls that are open, in the order of their first invocations, and how many of each. */
  crashKinds = 0;
  readonly crashClasses: number[] = [];
  readonly crashed: number[] = [];
  readonly #machine: StateMachine;
  readonly #options: OpenCallsOptions;
  readonly #ahead: LookAhead | undefined;
  #returnAt = new Int32Array(0);
  /** How many calls of each class `byReturn` holds. */
  #ofClass = new Int32Array(64);

  /** With a look ahead where the whole history is known. */
  constructor(machine: StateMachine, options: OpenCallsOptions, ahead?: LookAhead) {
    this.#machine = machine;
    this.#options = options;
    this.#ahead = ahead;
  }

  /** The state after an operation of that class, or ILLEGAL, also where the future rules it out. */
  step(state: number, operationClass: number): number {
    const next = this.#machine.step(state, operationClass);
    if (next === ILLEGAL || this.#ahead === undefined) return next;
    return this.#ahead.admits(state, operationClass, this.position) ? next : ILLEGAL;
  }

  /** Makes room for so many slots. */
  reserve(slots: number): void {
    if (slots <= this.classAt.length) return;
    this.words = Math.max(1, Math.ceil(slots / BITS));
    const room = this.words * BITS;
    this.pure = grown(this.pure, this.words);
    this.blind = grown(this.blind, this.words);
    this.hideable = grown(this.hideable, this.words);
    this.once = grown(this.once, this.words);
    this.classAt = grown(this.classAt, room);
    this.callAt = grown(this.callAt, room);
    this.byReturn = grown(this.byReturn, room);
    this.#returnAt = grown(this.#returnAt, room);
  }

  /** Whether the call in that slot is pure (and pure calls are told apart). */
  isPure(slot: number): boolean {
    return hasBit(this.pure, slot);
  }

  /** The state, or one that can do the same from here on. */
  normal(state: number): number {
    return this.#ahead === undefined ? state : this.#ahead.normal(state, this.position);
  }

  /** Number of rounds in which open calls are tried. */
  get rounds(): number {
    return this.#ahead?.isOn === true ? ROUNDS : 1;
  }

  /** The round in which to try the call in one slot, when that in another returns next. */
  roundOf(slot: number, returning: number): number {
    if (this.#ahead === undefined) return 0;
    return this.#ahead.roundOf(this.classAt[slot] ?? 0, this.classAt[returning] ?? 0, this.position);
  }

  /** Whether calls may be hidden at all. */
  get isHiding(): boolean {
    return this.#options.hiding;
  }

  /** Whether calls of that class hide others: see configuration.ts. */
  hides(operationClass: number): boolean {
    return this.#options.hiding && this.#machine.isBlind(operationClass);
  }

  /** A call is open from here on. `returned`: anything that grows with the moment of its return. */
  add(slot: number, call: number, operationClass: number, returned: number): void {
    this.classAt[slot] = operationClass;
    this.callAt[slot] = call;
    this.#returnAt[slot] = returned;
    if (this.#options.eager && this.#machine.isPure(operationClass)) {
      setBit(this.pure, slot);
      return;
    }
    if (this.hides(operationClass)) {
      setBit(this.blind, slot);
      if (this.#ahead?.isHideable(operationClass) !== false) setBit(this.hideable, slot);
    }
    if (this.#ahead?.isOnce(operationClass) === true) setBit(this.once, slot);
    if (operationClass >= this.#ofClass.length) this.#ofClass = grown(this.#ofClass, 2 * operationClass);
    this.#ofClass[operationClass] = (this.#ofClass[operationClass] ?? 0) + 1;
    let place = this.count++;
    for (; place > 0 && (this.#returnAt[this.byReturn[place - 1] ?? 0] ?? 0) > returned; place--) {
      this.byReturn[place] = this.byReturn[place - 1] ?? 0;
    }
    this.byReturn[place] = slot;
  }

  /** The call in that slot is open no more. */
  remove(slot: number): void {
    if (hasBit(this.pure, slot)) {
      clearBit(this.pure, slot);
      return;
    }
    clearBit(this.blind, slot);
    clearBit(this.hideable, slot);
    clearBit(this.once, slot);
    const operationClass = this.classAt[slot] ?? 0;
    this.#ofClass[operationClass] = (this.#ofClass[operationClass] ?? 0) - 1;
    let place = 0;
    while (this.byReturn[place] !== slot) place++;
    this.count--;
    this.byReturn.copyWithin(place, place + 1, this.count + 1);
  }

  /** Whether a call of the same class, among those that `used` lacks, returns before the one at this place of `byReturn`. */
  hasTwinBefore(place: number, used: Int32Array): boolean {
    const operationClass = this.classAt[this.byReturn[place] ?? 0] ?? 0;
    if ((this.#ofClass[operationClass] ?? 0) < 2) return false;
    for (let earlier = 0; earlier < place; earlier++) {
      const slot = this.byReturn[earlier] ?? 0;
      if (this.classAt[slot] === operationClass && !hasBit(used, slot)) return true;
    }
    return false;
  }

  /** Whether the call in one slot returns before the one in another. */
  returnsBefore(slot: number, other: number): boolean {
    return (this.#returnAt[slot] ?? 0) < (this.#returnAt[other] ?? 0);
  }

  /** One more crashed call is open. `index`: of its class, in the order of first invocations. */
  addCrashed(index: number, operationClass: number): void {
    const count = this.crashed[index] ?? 0;
    if (count === 0) this.crashKinds++;
    this.crashClasses[index] = operationClass;
    this.crashed[index] = count + 1;
  }

  /** One crashed call less, as on the way back. */
  removeCrashed(index: number): void {
    const count = (this.crashed[index] ?? 0) - 1;
    if (count === 0) this.crashKinds--;
    this.crashed[index] = count;
  }
}

/** Whether the mask has that slot. */
export function hasBit(mask: Int32Array, slot: number): boolean {
  return ((mask[slot >>> 5] ?? 0) & (1 << (slot & 31))) !== 0;
}

/** Puts the slot into the mask. */
export function setBit(mask: Int32Array, slot: number): void {
  mask[slot >>> 5] = (mask[slot >>> 5] ?? 0) | (1 << (slot & 31));
}

/** Takes the slot out of the mask. */
export function clearBit(mask: Int32Array, slot: number): void {
  mask[slot >>> 5] = (mask[slot >>> 5] ?? 0) & ~(1 << (slot & 31));
}

function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(length, array.length));
  larger.set(array);
  return larger;
}
