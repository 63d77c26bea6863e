/**
 * Δ-atomicity (Golab, Li and Shah, "Analyzing consistency properties for fun and profit", PODC 2011, section
 * 4): a history of a register is Δ-atomic if it is atomic, that is linearizable, once every read is taken to
 * have begun Δ earlier than it did. So each read may give a value that was overwritten up to Δ before it
 * began. Measured is the smallest such Δ; it is 0 exactly if the history is linearizable. Keys are
 * independent, so the history's Δ is the largest of its keys.
 *
 * How: two zones conflict if each would have to come before the other, and a history is atomic exactly if no
 * two do. Beginning reads earlier moves a zone's last start back, as far as to the start of its write; so
 * each two zones have a smallest Δ that lets one of them come first (the paper's χ), and the largest of these
 * is the answer. All pairs would be quadratic, so the answer is enclosed by halving: whether a conflict is
 * left at a given Δ takes one sweep, and each conflict that is found lifts the lower bound to its own χ,
 * which makes the answer exact. O(n log n) for each of some tens of sweeps.
 *
 * Moments are compared as the history orders them at Δ = 0. At a greater Δ the moments of reads are times,
 * and two that are equal are concurrent, as in the paper. A violation between two moments of the same
 * nanosecond counts as 1 ns.
 */
import { worst, type Validity } from '../../harness/history/checker.ts';
import type { Json } from '../../harness/json.ts';
import type { History } from '../../harness/history/operation.ts';
import type { OperationEvidence } from '../linearizable/index.ts';
import { show } from '../models/model.ts';
import { count, evidenceOf } from './client-calls.ts';
import { versionedKeys, type VersionedKey } from './versions.ts';
import { zoneEvidence, zonesOf, type Zone, type ZoneEvidence } from './zones.ts';

/** How stale the reads of one key were. */
export interface KeyStaleness {
  /** Null where the history has no keys. */
  readonly key: Json;
  /** True where Δ is 0. */
  readonly valid: Validity;
  /** Why Δ is not known; null where it is known. */
  readonly why: string | null;
  /** Nanoseconds; null where it is not known, or where no Δ is enough. */
  readonly deltaNs: number | null;
  /** The two versions that need this Δ; null where it is 0, unknown or not enough. */
  readonly conflict: readonly [ZoneEvidence, ZoneEvidence] | null;
  /** Reads of values that nobody had written or begun to write: for these no Δ is enough. */
  readonly garbage: readonly OperationEvidence[];
}

/** How stale the reads of a history were. */
export interface StalenessResult {
  /** True exactly if Δ is 0 for every key, which means linearizable. */
  readonly valid: Validity;
  /** Why Δ is not known for some key; null where it is known for all. */
  readonly why: string | null;
  /** The largest known Δ of a key, in nanoseconds; null where no Δ is enough for some key. */
  readonly deltaNs: number | null;
  /** One sentence: what was measured and what came out. */
  readonly summary: string;
  readonly keys: readonly KeyStaleness[];
}

/** Two zones that conflict, by place in the order of first return. */
type Conflict = readonly [Zone, Zone];

/** Whether some operation of `a` begins after some operation of `b` returned, reads begun that much earlier. */
function startsAfter(a: Zone, b: Zone, deltaNs: number): boolean {
  if (a.writeInvoked > b.firstReturn) return true;
  if (a.lastRead === undefined) return false;
  return deltaNs === 0
    ? a.lastRead.invoked > b.firstReturn
    : a.lastRead.invokedAt - deltaNs > b.firstReturnAt;
}

/** The smallest Δ at which `a` may come before `b`. */
function deltaToPrecede(a: Zone, b: Zone): number {
  if (a.writeInvoked > b.firstReturn) return Infinity;
  if (!startsAfter(a, b, 0) || a.lastRead === undefined) return 0;
  return Math.max(1, a.lastRead.invokedAt - b.firstReturnAt);
}

/** The smallest Δ at which the two do not conflict: the paper's χ. */
function deltaOf([a, b]: Conflict): number {
  return Math.min(deltaToPrecede(a, b), deltaToPrecede(b, a));
}

/** Two zones that conflict at this Δ, if any do. Zones are in order of first return. */
function findConflict(zones: readonly Zone[], deltaNs: number): Conflict | undefined {
  // A zone starts after the first so many others, in order of first return.
  const reach = zones.map((zone) => {
    let [low, high] = [0, zones.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = zones[middle];
      if (other !== undefined && startsAfter(zone, other, deltaNs)) low = middle + 1;
      else high = middle;
    }
    return low;
  });
  // Of the zones up to each place the one that reaches farthest.
  const farthest: number[] = [];
  for (const [place, own] of reach.entries()) {
    const before = Math.min(place, own) - 1;
    const rival = farthest[before] ?? -1;
    const [a, b] = [zones[rival], zones[place]];
    if (a !== undefined && b !== undefined && (reach[rival] ?? 0) > place) return [a, b];
    const best = farthest[place - 1];
    farthest.push(best !== undefined && (reach[best] ?? 0) >= own ? best : place);
  }
  return undefined;
}

/** The smallest Δ at which no two zones conflict, with two that conflict below it. */
function smallestDelta(zones: readonly Zone[]): {
  readonly deltaNs: number;
  readonly conflict: Conflict | undefined;
} {
  let conflict = findConflict(zones, 0);
  if (conflict === undefined) return { deltaNs: 0, conflict };
  let low = deltaOf(conflict);
  let high = zones.reduce((latest, { lastRead }) => Math.max(latest, lastRead?.invokedAt ?? 0), low);
  for (;;) {
    const left = findConflict(zones, low);
    if (left === undefined) return { deltaNs: low, conflict };
    conflict = left;
    low = deltaOf(left);
    const middle = Math.floor(low + (high - low) / 2);
    if (middle <= low) continue;
    const beyond = findConflict(zones, middle);
    if (beyond === undefined) {
      high = middle;
    } else {
      conflict = beyond;
      low = deltaOf(beyond);
    }
  }
}

function measureKey({ key, why, versions, garbage }: VersionedKey): KeyStaleness {
  const nothing = { key, why, deltaNs: null, conflict: null, garbage: garbage.map(evidenceOf) };
  if (why !== null) return { ...nothing, valid: 'unknown' };
  if (garbage.length > 0) return { ...nothing, valid: false };
  const { deltaNs, conflict } = smallestDelta(zonesOf(versions));
  return {
    ...nothing,
    valid: deltaNs === 0,
    deltaNs,
    conflict: conflict === undefined ? null : [zoneEvidence(conflict[0]), zoneEvidence(conflict[1])],
  };
}

/**
 * Measures Δ-atomicity: by how much reads were stale at worst. For reads and writes of single keys; a value
 * that was written twice and read makes its key unknown. `init` is what every key holds at first, null unless
 * given.
 *
 * @example
 * const { deltaNs, summary } = measureStaleness(history);
 */
export function measureStaleness(history: History, { init }: { readonly init?: Json } = {}): StalenessResult {
  const keys = versionedKeys(history, { init }).map(measureKey);
  const valid = worst(keys.map((key) => key.valid));
  const unknown = keys.find((key) => key.why !== null);
  const why = unknown === undefined ? null : `key ${show(unknown.key)}: ${unknown.why ?? ''}`;
  const hopeless = keys.some(({ garbage }) => garbage.length > 0);
  const deltaNs = hopeless ? null : keys.reduce((largest, key) => Math.max(largest, key.deltaNs ?? 0), 0);
  return { valid, why, deltaNs, summary: summaryOf(keys, valid, deltaNs), keys };
}

function summaryOf(keys: readonly KeyStaleness[], valid: Validity, deltaNs: number | null): string {
  if (valid === true)
    return `No read was stale: Δ = 0 on ${count(keys.length, 'key')}, which is linearizable.`;
  const unknown = keys.filter((key) => key.why !== null).length;
  const rest = unknown === 0 ? '' : ` (not known for ${count(unknown, 'key')})`;
  if (deltaNs === null) {
    const reads = keys.reduce((sum, { garbage }) => sum + garbage.length, 0);
    return `No Δ is enough: ${count(reads, 'read')} gave a value that nobody had begun to write${rest}.`;
  }
  const stale = keys.find((key) => key.deltaNs === deltaNs && deltaNs > 0);
  if (stale === undefined) {
    const first = keys.find((key) => key.why !== null)?.why ?? '';
    return `How stale reads were is not known for ${count(unknown, 'key')}: ${first}.`;
  }
  const most = stale.key === null ? '' : `, most of all those of key ${show(stale.key)}`;
  return `Reads were stale by up to ${inUnits(deltaNs)} (Δ-atomicity)${most}${rest}.`;
}

function inUnits(ns: number): string {
  if (ns >= 1e9) return `${+(ns / 1e9).toPrecision(4)} s`;
  if (ns >= 1e6) return `${+(ns / 1e6).toPrecision(4)} ms`;
  return ns >= 1e3 ? `${+(ns / 1e3).toPrecision(4)} µs` : `${ns} ns`;
}
