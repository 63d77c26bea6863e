/**
 * From the moves of a search to the order of calls that they stand for. A search writes down only its own moves; what
 * followed from them - pure calls that took effect by themselves, writes that were hidden behind others - is found
 * by making the moves again.
 */
import type { Calls } from '../calls.ts';
import type { StateMachine } from '../state-machine.ts';
import { Configuration } from './configuration.ts';
import { RelaxedAccounts } from './crashes.ts';
import { crashOf, PASSED_UNSEEN, type Via } from './moves.ts';
import { hasBit } from './open-calls.ts';
import { NO_CALL, Timeline, type TimelineOptions } from './timeline.ts';

/** An order that grows at its end and in its middle. */
class GrowingOrder {
  /** For each place, the call; and the next and previous places. Place 0 stands before the first and after the last. */
  readonly #calls: number[] = [NO_CALL];
  readonly #next: number[] = [0];
  readonly #previous: number[] = [0];

  /** Adds the call directly before this place, or at the end before place 0; the answer is its own place. */
  insert(call: number, before: number): number {
    const previous = this.#previous[before] ?? 0;
    const place = this.#calls.push(call) - 1;
    this.#next[place] = before;
    this.#previous[place] = previous;
    this.#next[previous] = place;
    this.#previous[before] = place;
    return place;
  }

  /** The last place; 0 while there is none. */
  get last(): number {
    return this.#previous[0] ?? 0;
  }

  /** Adds the call directly after this place, or at the beginning after place 0. */
  insertAfter(call: number, place: number): void {
    this.insert(call, this.#next[place] ?? 0);
  }

  calls(): number[] {
    const calls: number[] = [];
    for (let place = this.#next[0] ?? 0; place !== 0; place = this.#next[place] ?? 0) {
      calls.push(this.#calls[place] ?? NO_CALL);
    }
    return calls;
  }
}

const END = 0;

/** Makes moves again and writes down the order. */
class Replay {
  readonly #timeline: Timeline;
  readonly #configuration: Configuration;
  readonly #order = new GrowingOrder();
  /** For each slot that is hidden, the place of the call that overwrote it first; or of the call after which it changed nothing. */
  readonly #hiddenBehind = new Map<number, number>();
  readonly #idleAfter = new Map<number, number>();
  /** Crashed calls by the index of their class, the first to be invoked first; and how many of each are used. */
  readonly #crashed: readonly (readonly number[])[];
  readonly #used: number[] = [];

  constructor(calls: Calls, machine: StateMachine, options: TimelineOptions) {
    this.#timeline = new Timeline(calls, machine, options);
    this.#configuration = new Configuration(machine, this.#timeline.open, new RelaxedAccounts());
    this.#crashed = this.#crashedCalls(calls);
    this.#configuration.onEager = (slot) =>
      void this.#order.insert(this.#timeline.open.callAt[slot] ?? 0, END);
    this.#configuration.onIdle = (slot) => void this.#idleAfter.set(slot, this.#order.last);
    this.#configuration.enter(this.#timeline.entered);
    this.#passAll();
  }

  /** Makes a move; false if it needs one more crashed call than there are, as a relaxed search may. */
  make(via: Via): boolean {
    const [timeline, configuration] = [this.#timeline, this.#configuration];
    if (via < PASSED_UNSEEN && !this.#hasCrashed(crashOf(via))) return false;
    if (via === PASSED_UNSEEN) {
      this.#placeHidden(timeline.response, timeline.slot);
      this.#pass();
    } else {
      const place = this.#order.insert(via >= 0 ? via : this.#nextCrashed(crashOf(via)), END);
      const hidden = configuration.hidden.slice();
      if (via >= 0) configuration.place(timeline.slotOf(via));
      else configuration.placeCrashed(crashOf(via));
      this.#noteHidden(hidden, place);
    }
    this.#passAll();
    return true;
  }

  calls(): number[] {
    return this.#order.calls();
  }

  #placeHidden(call: number, slot: number): void {
    const idle = this.#idleAfter.get(slot);
    if (idle !== undefined) this.#order.insertAfter(call, idle);
    else this.#order.insert(call, this.#hiddenBehind.get(slot) ?? END);
  }

  /** What is hidden now and was not before is hidden behind the call at this place. */
  #noteHidden(before: Int32Array, place: number): void {
    for (const slot of this.#timeline.open.byReturn.subarray(0, this.#timeline.open.count)) {
      if (!hasBit(before, slot) && hasBit(this.#configuration.hidden, slot))
        this.#hiddenBehind.set(slot, place);
    }
  }

  #passAll(): void {
    const [timeline, configuration] = [this.#timeline, this.#configuration];
    while (timeline.response !== NO_CALL && hasBit(configuration.used, timeline.slot)) this.#pass();
  }

  #pass(): void {
    this.#idleAfter.delete(this.#timeline.slot);
    this.#hiddenBehind.delete(this.#timeline.slot);
    this.#configuration.pass(this.#timeline.slot);
    this.#timeline.forward();
    this.#configuration.enter(this.#timeline.entered);
  }

  #hasCrashed(index: number): boolean {
    return (this.#used[index] ?? 0) < (this.#timeline.open.crashed[index] ?? 0);
  }

  #nextCrashed(index: number): number {
    const used = this.#used[index] ?? 0;
    this.#used[index] = used + 1;
    return this.#crashed[index]?.[used] ?? NO_CALL;
  }

  #crashedCalls(calls: Calls): number[][] {
    const byIndex: number[][] = [];
    for (let call = 0; call < calls.length; call++) {
      if (calls.hasCrashed(call)) (byIndex[this.#timeline.slotOf(call)] ??= []).push(call);
    }
    return byIndex;
  }
}

/** The order of calls that these moves from the beginning stand for, as far as they are possible. */
export function orderOf(
  vias: readonly Via[],
  calls: Calls,
  machine: StateMachine,
  options: TimelineOptions,
): readonly number[] {
  const replay = new Replay(calls, machine, options);
  vias.every((via) => replay.make(via));
  return replay.calls();
}
