/**
 * Registers whose reads tell which write they saw: for each key the versions that it had, each with its write
 * and its reads.
 *
 * That needs values that were written once. A value written twice and read makes the key `unknown`, with the
 * reason; one that nobody read does no harm. Reads that no write explains are set apart: their value was
 * never written, at most by a write that failed, or the write began only after the read had returned. No
 * consistency property allows them.
 */
import { canonical, type Json } from '../../harness/json.ts';
import type { History } from '../../harness/history/operation.ts';
import { pairOf, show } from '../models/model.ts';
import { byKey, clientCalls, type ClientCall } from './client-calls.ts';

/** A value that a key had, or may have had. */
export interface Version {
  readonly value: Json;
  /** Undefined for the value that the key had at first. */
  readonly write: ClientCall | undefined;
  /** Completed reads of it, in order of invocation. */
  readonly reads: readonly ClientCall[];
}

/** The versions of one key. */
export interface VersionedKey {
  /** Null where the history has no keys. */
  readonly key: Json;
  /** Why it is not known which write each read saw; null where it is known. */
  readonly why: string | null;
  /** All versions; the first one only if it was read. */
  readonly versions: readonly Version[];
  /** Reads that no write explains. */
  readonly garbage: readonly ClientCall[];
}

/** How to read a history as one of registers. */
export interface VersionOptions {
  /** What every key holds before it is written. Default null. */
  readonly init?: Json | undefined;
  /**
   * True: compare-and-set is a read of what it expected and a write of the next value. False: it makes its
   * key unknown.
   */
  readonly cas?: boolean;
}

/** A read or a write, or both. */
interface Access {
  readonly call: ClientCall;
  readonly reads?: Json;
  readonly writes?: Json;
}

const READS = new Set(['read', 'get']);
const WRITES = new Set(['write', 'put']);

/** What the call read and wrote; undefined if it is neither; nothing if it tells nothing. */
function accessOf(call: ClientCall, cas: boolean): Access | undefined {
  const { f, argument, result } = call;
  if (READS.has(f)) return result === undefined ? { call } : { call, reads: result };
  if (WRITES.has(f)) return { call, writes: argument };
  if (f !== 'cas' || !cas) return undefined;
  if (result === false) return { call };
  const [expected, next] = pairOf(call);
  return { call, reads: expected, writes: next };
}

/**
 * A crashed compare-and-set happened if its value was read, be it by another that happened; if not, nobody
 * knows, and it binds nothing.
 */
function withoutUnobserved(accesses: readonly Access[]): Access[] {
  const unsure = accesses.filter(
    ({ call, reads, writes }) => call.returned === undefined && reads !== undefined && writes !== undefined,
  );
  if (unsure.length === 0) return [...accesses];
  const writers = new Map(unsure.map((access) => [canonical(access.writes ?? null), access]));
  const left = new Set(unsure);
  const sure = accesses.filter((access) => !left.has(access));
  for (const { reads } of sure) {
    const writer = reads === undefined ? undefined : writers.get(canonical(reads));
    if (writer !== undefined && left.delete(writer)) sure.push(writer);
  }
  return sure.sort((a, b) => a.call.invoked - b.call.invoked);
}

/** Calls that concern one value. */
interface Group {
  readonly value: Json;
  readonly calls: ClientCall[];
}

function addTo(groups: Map<string, Group>, value: Json, call: ClientCall): void {
  const name = canonical(value);
  const known = groups.get(name);
  if (known === undefined) groups.set(name, { value, calls: [call] });
  else known.calls.push(call);
}

function versionsOf(key: Json, accesses: readonly Access[], init: Json): VersionedKey {
  const writers = new Map<string, Group>([[canonical(init), { value: init, calls: [] }]]);
  const readers = new Map<string, Group>();
  for (const { call, reads, writes } of accesses) {
    if (writes !== undefined) addTo(writers, writes, call);
    if (reads !== undefined) addTo(readers, reads, call);
  }
  const versions: Version[] = [];
  const garbage: ClientCall[][] = [];
  for (const [name, { value, calls }] of readers) {
    const writes = writers.get(name)?.calls;
    const [write, second] = writes ?? [];
    if (second !== undefined || (write !== undefined && name === canonical(init))) {
      return { key, why: twice(value, write, second), versions: [], garbage: [] };
    }
    const began = ({ returned }: ClientCall): boolean =>
      writes !== undefined && (write === undefined || (returned ?? Infinity) > write.invoked);
    garbage.push(calls.filter((call) => !began(call)));
    if (writes !== undefined) versions.push({ value, write, reads: calls.filter(began) });
  }
  for (const [name, { value, calls }] of writers) {
    if (readers.has(name)) continue;
    for (const write of calls) versions.push({ value, write, reads: [] });
  }
  return { key, why: null, versions, garbage: garbage.flat() };
}

function twice(value: Json, first: ClientCall | undefined, second: ClientCall | undefined): string {
  const where =
    second === undefined
      ? `at first and is written again at index ${first?.invoked ?? 0}`
      : `twice, at index ${first?.invoked ?? 0} and ${second.invoked}`;
  const what = second === undefined ? `holds ${show(value)}` : `is written ${show(value)}`;
  return `it ${what} ${where}, so a read of that value does not tell which write it saw`;
}

/** The versions of every key, in order of first use. */
export function versionedKeys(
  history: History,
  { init = null, cas = false }: VersionOptions = {},
): VersionedKey[] {
  return byKey(clientCalls(history)).map(({ key, calls }) => {
    const accesses: Access[] = [];
    for (const call of calls) {
      const access = accessOf(call, cas);
      if (access === undefined) {
        const why = `operation ${call.invoked} is a "${call.f}", which is neither a read nor a write`;
        return { key, why, versions: [], garbage: [] };
      }
      accesses.push(access);
    }
    return versionsOf(key, withoutUnobserved(accesses), init);
  });
}
