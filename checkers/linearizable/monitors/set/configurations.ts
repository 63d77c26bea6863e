/**
 * Finds the flips of an element (phases.ts) by a sweep over the returns of its calls. A configuration is the
 * element's value, the position of the flip that brought it there, and which of the open adds and removes were used for flips.
 *
 * Just before a call returns
 * - a configuration in which the call has not met its value must flip to it, with any open call that can do that;
 * - an unused add or remove can be used now or never: for a flip to its value, or, where the element has it already, for the second of
 *   two flips, away and back, if that satisfies an open call of the other value.
 * All other flips can be put off (phases.ts): that changes nothing for calls of the value flipped to, since those that return in
 * between met it in the phase before.
 * Flips use the call that returns first (heap.ts says why), crashed ones last; these are alike, so that counting them is enough.
 *
 * A configuration is dropped for another of the same value that flipped later (so fewer calls have yet to meet the other value)
 * and used no call that the first did not. So few are left, one or two most of the time. Where there are more than
 * MAX_CONFIGURATIONS some are dropped that might have been needed; then only a success counts.
 */
import { NEVER } from '../../calls.ts';
import { orderBy } from '../order.ts';
import type { ElementCalls } from './element.ts';

const MAX_CONFIGURATIONS = 32;
/** Additions and removals that can be open at a time without those that crashed: bits of two words. */
const MAX_OPEN = 64;
const WORD_BITS = 32;
/** Before all positions. */
const START = -1;

/** A flip, and the return just before which it happens. */
export interface Flip {
  readonly call: number;
  readonly at: number;
}

/** The flips, or by which position there are none; certainly so only if the sweep was exhaustive. */
export type Flips = { readonly flips: () => Flip[] } | { readonly at: number; readonly exhaustive: boolean };

/** The last flip and the ones before it. */
interface Chain {
  readonly flip: Flip;
  readonly before: Chain | undefined;
}

interface Configuration {
  readonly value: number;
  readonly since: number;
  /** Used calls by slot. */
  low: number;
  high: number;
  /** How many of the crashed removes and adds were used. */
  readonly crashed: readonly [number, number];
  readonly chain: Chain | undefined;
}

/** Calls of one value that are open. */
class Side {
  /** Adds or removes, by return. */
  readonly writes: number[] = [];
  readonly crashed: number[] = [];
  /** Calls that want the value, by invocation; those that have returned are taken off the end when it is looked at. */
  readonly #wanting: number[] = [];
  readonly #element: ElementCalls;

  constructor(element: ElementCalls) {
    this.#element = element;
  }

  admit(call: number): void {
    const { writes, required, returned } = this.#element;
    if (required[call] === 1) this.#wanting.push(call);
    if (writes[call] === 0) return;
    const deadline = returned[call] ?? NEVER;
    if (deadline === NEVER) {
      this.crashed.push(call);
      return;
    }
    let place = this.writes.length;
    while (place > 0 && (returned[this.writes[place - 1] ?? 0] ?? 0) > deadline) place--;
    this.writes.splice(place, 0, call);
  }

  /** Invocation of the last call that is still open after `position` and must meet the value. */
  lastWanting(position: number): number {
    const { invoked, returned } = this.#element;
    for (let call = this.#wanting.at(-1); call !== undefined; call = this.#wanting.at(-1)) {
      if ((returned[call] ?? NEVER) > position) return invoked[call] ?? START;
      this.#wanting.pop();
    }
    return START;
  }
}

class Sweep {
  readonly #element: ElementCalls;
  readonly #sides: readonly [Side, Side];
  readonly #slots: Int8Array;
  readonly #freeSlots: number[] = [];
  #slotsMade = 0;
  #frontier: Configuration[];
  #next: Configuration[] = [];
  #exhaustive = true;
  #overflow = false;

  constructor(element: ElementCalls) {
    this.#element = element;
    this.#sides = [new Side(element), new Side(element)];
    this.#slots = new Int8Array(element.values.length);
    const first = { value: element.first, since: START, low: 0, high: 0, crashed: [0, 0] as const };
    this.#frontier = [{ ...first, chain: undefined }];
  }

  run(): Flips {
    const { invoked, returned, writes, required } = this.#element;
    let arrived = 0;
    for (const due of orderBy(returned)) {
      const deadline = returned[due] ?? NEVER;
      if (deadline === NEVER) break;
      for (; arrived < invoked.length && (invoked[arrived] ?? 0) < deadline; arrived++) this.#admit(arrived);
      if (this.#overflow) return { at: deadline, exhaustive: false };
      if (writes[due] === 0 && required[due] === 0) continue;
      this.#next = [];
      for (const configuration of this.#frontier) this.#expand(configuration, due, deadline);
      if (writes[due] === 1) this.#close(due);
      if (writes[due] === 1 || this.#next.length > this.#frontier.length) this.#prune(deadline);
      else this.#frontier = this.#next;
      if (this.#frontier.length === 0) return { at: deadline, exhaustive: this.#exhaustive };
    }
    return { flips: () => listed(this.#frontier[0]?.chain) };
  }

  #side(value: number): Side {
    return this.#sides[value === 1 ? 1 : 0];
  }

  #admit(call: number): void {
    const { writes, returned, values } = this.#element;
    this.#side(values[call] ?? 0).admit(call);
    if (writes[call] === 0 || returned[call] === NEVER) return;
    const slot = this.#freeSlots.pop() ?? this.#slotsMade++;
    if (slot < MAX_OPEN) this.#slots[call] = slot;
    else this.#overflow = true;
  }

  /** What a configuration can become just before `due` returns. */
  #expand(configuration: Configuration, due: number, deadline: number): void {
    const { values, writes, required, invoked } = this.#element;
    const value = values[due] ?? 0;
    const other = 1 - value;
    const isAway = configuration.value !== value;
    const isUnmet = isAway && required[due] === 1 && configuration.since < (invoked[due] ?? 0);
    if (!isUnmet) this.#next.push(configuration);
    if (!isUnmet && (writes[due] === 0 || this.#isUsed(configuration, due))) return;
    if (isAway) {
      this.#add(this.#flip(configuration, value, deadline));
    } else if (this.#side(other).lastWanting(deadline) > configuration.since) {
      const away = this.#flip(configuration, other, deadline);
      if (away !== undefined) this.#add(this.#flip(away, value, deadline));
    }
  }

  #add(configuration: Configuration | undefined): void {
    if (configuration !== undefined) this.#next.push(configuration);
  }

  #isUsed({ low, high }: Configuration, call: number): boolean {
    const slot = this.#slots[call] ?? 0;
    return (((slot < WORD_BITS ? low : high) >>> (slot % WORD_BITS)) & 1) === 1;
  }

  /** The configuration after a flip to the value, if a call is open that can make it. */
  #flip(from: Configuration, value: number, at: number): Configuration | undefined {
    const side = this.#side(value);
    const call = side.writes.find((open) => !this.#isUsed(from, open));
    if (call !== undefined) {
      const slot = this.#slots[call] ?? 0;
      const bit = 1 << (slot % WORD_BITS);
      const chain = { flip: { call, at }, before: from.chain };
      const [low, high] = slot < WORD_BITS ? [from.low | bit, from.high] : [from.low, from.high | bit];
      return { value, since: at, low, high, crashed: from.crashed, chain };
    }
    const [outs, ins] = from.crashed;
    const crashed = side.crashed[value === 1 ? ins : outs];
    if (crashed === undefined) return undefined;
    const chain = { flip: { call: crashed, at }, before: from.chain };
    const used = value === 1 ? ([outs, ins + 1] as const) : ([outs + 1, ins] as const);
    return { value, since: at, low: from.low, high: from.high, crashed: used, chain };
  }

  /** An add or a remove has returned: what used it and what did not are alike from now on. */
  #close(call: number): void {
    const { writes } = this.#side(this.#element.values[call] ?? 0);
    writes.splice(writes.indexOf(call), 1);
    const slot = this.#slots[call] ?? 0;
    this.#freeSlots.push(slot);
    const keep = ~(1 << (slot % WORD_BITS));
    for (const configuration of this.#next) {
      if (slot < WORD_BITS) configuration.low &= keep;
      else configuration.high &= keep;
    }
  }

  /** Keeps those that no other makes superfluous. */
  #prune(deadline: number): void {
    if (this.#next.length < 2) {
      this.#frontier = this.#next;
      return;
    }
    const wanting = this.#sides.map((side) => side.lastWanting(deadline));
    const covers = (a: Configuration, b: Configuration): boolean =>
      a.value === b.value &&
      (a.since >= b.since || a.since > (wanting[1 - a.value] ?? START)) &&
      (a.low & ~b.low) === 0 &&
      (a.high & ~b.high) === 0 &&
      a.crashed[0] <= b.crashed[0] &&
      a.crashed[1] <= b.crashed[1];
    const kept: Configuration[] = [];
    for (const candidate of this.#next) {
      if (kept.some((other) => covers(other, candidate))) continue;
      let count = 0;
      for (const other of kept) if (!covers(candidate, other)) kept[count++] = other;
      kept.length = count;
      kept.push(candidate);
    }
    if (kept.length > MAX_CONFIGURATIONS) {
      kept.length = MAX_CONFIGURATIONS;
      this.#exhaustive = false;
    }
    this.#frontier = kept;
  }
}

function listed(chain: Chain | undefined): Flip[] {
  const flips: Flip[] = [];
  for (let link = chain; link !== undefined; link = link.before) flips.push(link.flip);
  return flips.reverse();
}

/** Looks for flips. */
export function findFlips(element: ElementCalls): Flips {
  return new Sweep(element).run();
}
