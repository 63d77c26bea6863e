/**
 * k-atomicity for k = 2 (Golab, Hurwitz and Li, "On the k-atomicity-verification problem", ICDCS 2013): is
 * there an order of the operations that agrees with real time and in which every read gives one of the two
 * latest values written before it? So a read may be late by one version, and no more. 1-atomic is
 * linearizable. Keys are independent.
 *
 * How: limited backtracking, after the paper's algorithm LBT. Whether an order of the versions will do
 * depends on their zones alone (zones.ts): a version whose first return is before another's write comes
 * before it; and if a version is read after another, later in the order, had returned for the first time,
 * then that other must be its next one, since two later versions are one too many.
 *
 * The order is built from its end. The last version forces the one before it if that was still read after the
 * last had returned, and so on. Where nothing is forced an epoch ends, and what is left is a smaller history
 * that no longer knows what was taken off; any part of a 2-atomic history is 2-atomic, so an epoch that ended
 * well is never taken back. Only its first choice is free, among versions whose writes were concurrent; all
 * are tried side by side, with a number of steps that doubles, so that the time is O(c n) after sorting, with
 * c the number of concurrent writes.
 */
import { worst, type Validity } from '../../harness/history/checker.ts';
import type { Json } from '../../harness/json.ts';
import type { History } from '../../harness/history/operation.ts';
import type { OperationEvidence } from '../linearizable/index.ts';
import { show } from '../models/model.ts';
import { count, evidenceOf } from './client-calls.ts';
import { versionedKeys, type VersionedKey } from './versions.ts';
import { zoneEvidence, zonesOf, type Zone, type ZoneEvidence } from './zones.ts';

/** The verdict on one key. */
export interface KeyTwoAtomicity {
  /** Null where the history has no keys. */
  readonly key: Json;
  readonly valid: Validity;
  /** Why there is no verdict; null where there is one. */
  readonly why: string | null;
  /** Where invalid: versions that no order of writes reconciles, few of them. */
  readonly conflict: readonly ZoneEvidence[];
  /** Reads of values that nobody had written or begun to write. */
  readonly garbage: readonly OperationEvidence[];
}

/** Whether a history is 2-atomic. */
export interface TwoAtomicityResult {
  readonly valid: Validity;
  /** Why there is no verdict on some key; null where there is one on all. */
  readonly why: string | null;
  /** One sentence: what was checked and what came out. */
  readonly summary: string;
  readonly keys: readonly KeyTwoAtomicity[];
}

/**
 * The zones that are left, by one of their moments, latest first. A zone taken off can be put back, the last
 * one first.
 */
class Ranking {
  readonly #next: Int32Array;
  readonly #previous: Int32Array;

  constructor(moments: Float64Array) {
    const size = moments.length;
    this.#next = new Int32Array(size + 1);
    this.#previous = new Int32Array(size + 1);
    const momentOf = (zone: number): number => moments[zone] ?? 0;
    const later = (a: number, b: number): number =>
      momentOf(a) > momentOf(b) ? -1 : momentOf(a) < momentOf(b) ? 1 : 0;
    const order = Int32Array.from(moments.keys()).sort(later);
    for (let place = 0; place <= size; place++) {
      const [zone, following] = [place === 0 ? size : (order[place - 1] ?? 0), order[place] ?? size];
      this.#next[zone] = following;
      this.#previous[following] = zone;
    }
  }

  /** The first zone, or as many as there were if none is left. */
  get first(): number {
    return this.after(this.#next.length - 1);
  }

  /** The first zone that is not this one. */
  firstBeside(zone: number): number {
    return this.first === zone ? this.after(zone) : this.first;
  }

  /** The zone after this one, or as many as there were. */
  after(zone: number): number {
    return this.#next[zone] ?? 0;
  }

  remove(zone: number): void {
    const [previous, next] = [this.#previous[zone] ?? 0, this.#next[zone] ?? 0];
    this.#next[previous] = next;
    this.#previous[next] = previous;
  }

  restore(zone: number): void {
    this.#next[this.#previous[zone] ?? 0] = zone;
    this.#previous[this.#next[zone] ?? 0] = zone;
  }
}

/** What placing a zone last asks of the one before it, if it is not a certain zone. */
const ANY = -1;
const IMPOSSIBLE = -2;

/** The order of versions under construction, from its end. */
class Order {
  readonly #size: number;
  readonly #writeInvoked: Float64Array;
  readonly #firstReturn: Float64Array;
  readonly #lastRead: Float64Array;
  readonly #byWrite: Ranking;
  readonly #byReturn: Ranking;
  readonly #byRead: Ranking;
  #left: number;

  constructor(zones: readonly Zone[]) {
    this.#size = this.#left = zones.length;
    this.#writeInvoked = Float64Array.from(zones, ({ writeInvoked }) => writeInvoked);
    this.#firstReturn = Float64Array.from(zones, ({ firstReturn }) => firstReturn);
    this.#lastRead = Float64Array.from(zones, ({ lastRead }) => lastRead?.invoked ?? -Infinity);
    this.#byWrite = new Ranking(this.#writeInvoked);
    this.#byReturn = new Ranking(this.#firstReturn);
    this.#byRead = new Ranking(this.#lastRead);
  }

  get isComplete(): boolean {
    return this.#left === 0;
  }

  /** The zones that are left, in order of their numbers. */
  remaining(): number[] {
    const zones: number[] = [];
    for (let zone = this.#byReturn.first; zone < this.#size; zone = this.#byReturn.after(zone))
      zones.push(zone);
    return zones.sort((a, b) => a - b);
  }

  /** The zones that no other one that is left must follow. */
  candidates(): number[] {
    const found: number[] = [];
    for (let zone = this.#byReturn.first; zone < this.#size; zone = this.#byReturn.after(zone)) {
      if (this.#mayBeLast(zone)) found.push(zone);
      else if (zone !== this.#byWrite.first) break;
    }
    return found;
  }

  /** Takes one epoch off, beginning with any of these; false if all lead nowhere. */
  takeEpoch(candidates: readonly number[]): boolean {
    let hopeful = candidates;
    for (let steps = 1; hopeful.length > 0; steps *= 2) {
      const undecided: number[] = [];
      for (const candidate of hopeful) {
        const taken: number[] = [];
        const next = this.#follow(candidate, steps, taken);
        if (next === ANY) return true;
        for (const zone of taken.reverse()) this.#putBack(zone);
        if (next !== IMPOSSIBLE) undecided.push(candidate);
      }
      hopeful = undecided;
    }
    return false;
  }

  /** Takes off this zone and what it forces, so many at most; the answer is what comes next. */
  #follow(zone: number, steps: number, taken: number[]): number {
    let next = zone;
    while (next >= 0 && taken.length < steps) {
      const current = next;
      next = this.#before(current);
      if (next === IMPOSSIBLE) break;
      this.#takeOff(current);
      taken.push(current);
    }
    return next;
  }

  /** What must come right before the zone if it is the last of those that are left. */
  #before(zone: number): number {
    if (!this.#mayBeLast(zone)) return IMPOSSIBLE;
    const firstReturn = this.#firstReturn[zone] ?? 0;
    const lateRead = (other: number): boolean =>
      other < this.#size && (this.#lastRead[other] ?? 0) > firstReturn;
    const forced = this.#byRead.firstBeside(zone);
    if (!lateRead(forced)) return ANY;
    const following = this.#byRead.after(forced);
    const second = following === zone ? this.#byRead.after(zone) : following;
    return lateRead(second) ? IMPOSSIBLE : forced;
  }

  #mayBeLast(zone: number): boolean {
    const latest = this.#byWrite.firstBeside(zone);
    return latest >= this.#size || (this.#writeInvoked[latest] ?? 0) < (this.#firstReturn[zone] ?? 0);
  }

  #takeOff(zone: number): void {
    this.#left--;
    for (const ranking of [this.#byWrite, this.#byReturn, this.#byRead]) ranking.remove(zone);
  }

  #putBack(zone: number): void {
    this.#left++;
    for (const ranking of [this.#byWrite, this.#byReturn, this.#byRead]) ranking.restore(zone);
  }
}

/**
 * Nothing if the zones are 2-atomic; else those that are left when no order can be continued, in order of
 * first return.
 */
function stuckZones(zones: readonly Zone[]): readonly Zone[] {
  const order = new Order(zones);
  while (!order.isComplete) {
    if (!order.takeEpoch(order.candidates())) return order.remaining().flatMap((zone) => zones[zone] ?? []);
  }
  return [];
}

const isTwoAtomic = (zones: readonly Zone[]): boolean => stuckZones(zones).length === 0;

/** Up to so many versions, they are left out one at a time to see which are needed. */
const ONE_BY_ONE = 200;

/**
 * The least number, `most` at most, from which on the condition holds. It is asked of small numbers first,
 * which cost less.
 */
function least(most: number, holds: (number: number) => boolean): number {
  let [low, high] = [0, Math.min(most, 1)];
  while (high < most && !holds(high)) [low, high] = [high + 1, Math.min(most, 2 * high)];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

/**
 * Few of these zones that are not 2-atomic by themselves: any part of a 2-atomic history is 2-atomic, so
 * leaving out is safe.
 */
function core(stuck: readonly Zone[]): readonly Zone[] {
  const length = least(stuck.length, (kept) => !isTwoAtomic(stuck.slice(stuck.length - kept)));
  const end = stuck.slice(stuck.length - length);
  let needed = end.slice(
    0,
    least(length, (kept) => !isTwoAtomic(end.slice(0, kept))),
  );
  if (needed.length > ONE_BY_ONE) return needed;
  for (const zone of needed) {
    const without = needed.filter((other) => other !== zone);
    if (!isTwoAtomic(without)) needed = without;
  }
  return needed;
}

function checkKey({ key, why, versions, garbage }: VersionedKey): KeyTwoAtomicity {
  const found = { key, why, conflict: [], garbage: garbage.map(evidenceOf) };
  if (why !== null) return { ...found, valid: 'unknown' };
  if (garbage.length > 0) return { ...found, valid: false };
  const stuck = stuckZones(zonesOf(versions));
  if (stuck.length === 0) return { ...found, valid: true };
  return { ...found, valid: false, conflict: core(stuck).map(zoneEvidence) };
}

/**
 * Decides 2-atomicity: whether every read gives one of the two latest values. For reads and writes of single
 * keys; a value that was written twice and read makes its key unknown. `init` is what every key holds at
 * first, null unless given.
 *
 * @example
 * const { valid, summary } = checkTwoAtomicity(history);
 */
export function checkTwoAtomicity(
  history: History,
  { init }: { readonly init?: Json } = {},
): TwoAtomicityResult {
  const keys = versionedKeys(history, { init }).map(checkKey);
  const valid = worst(keys.map((key) => key.valid));
  const unknown = keys.find((key) => key.why !== null);
  const why = unknown === undefined ? null : `key ${show(unknown.key)}: ${unknown.why ?? ''}`;
  return { valid, why, summary: summaryOf(keys, valid), keys };
}

function summaryOf(keys: readonly KeyTwoAtomicity[], valid: Validity): string {
  if (valid === true)
    return `2-atomic: on ${count(keys.length, 'key')} no read was late by more than one version.`;
  const concerned = keys.filter((key) => key.valid === valid);
  const [first] = concerned;
  const where = `${concerned.length} of ${count(keys.length, 'key')}`;
  if (valid === 'unknown' || first === undefined)
    return `2-atomicity is not known for ${where}: ${first?.why ?? ''}.`;
  const [read] = first.garbage;
  const cause =
    read === undefined
      ? `no order of the writes of ${first.conflict.map(({ value }) => show(value)).join(', ')} explains the reads`
      : `${read.text} (index ${read.invoked}) has a value that nobody had begun to write`;
  const place = first.key === null ? '' : `on key ${show(first.key)} `;
  return `Not 2-atomic on ${where}: ${place}${cause}.`;
}
