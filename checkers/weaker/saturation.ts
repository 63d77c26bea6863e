/**
 * What must come before what in every sequentially consistent order of a register's operations, as far as it
 * follows in polynomial time. Where every value was written once, each read tells the write that it saw, and
 * two rules hold for each key:
 *
 *   if a write w comes before a read of another write w', then w comes before w';
 *   if w' comes before a write w, then every read of w' comes before w.
 *
 * Starting from the sessions' own orders and from writes before their reads, they are applied until nothing
 * new follows. A cycle proves that there is no order. No cycle proves nothing, as the question is NP-complete
 * (Gibbons and Korach 1997); but the search need not try what it rules out.
 *
 * A call knows of each session how many of its first calls come before it (a vector clock), so that a rule
 * looks at one write in each session, the latest one, and the others follow from the session's own order.
 */
import { canonical, type Json } from '../../harness/json.ts';
import { ILLEGAL } from '../linearizable/state-machine.ts';
import { casRegister } from '../models/cas-register.ts';
import { kv } from '../models/kv.ts';
import { pairOf, type Model } from '../models/model.ts';
import { register } from '../models/register.ts';
import type { ClientCall } from './client-calls.ts';
import { ConstraintGraph, type Constraint } from './constraint-graph.ts';
import { isCompleted, sessionCount, type SequentialProblem } from './sequential-problem.ts';

/** Why one call must come before another. */
export type OrderReason = 'session order' | 'reads from' | 'version order';

/** The same, with the read from which the order of two writes follows. */
interface Reason {
  readonly why: OrderReason;
  readonly read?: number;
}

const SESSION_ORDER: Reason = { why: 'session order' };
const READS_FROM: Reason = { why: 'reads from' };
const VERSION_ORDER: Reason = { why: 'version order' };

/** What follows from the values that were read. */
export interface Saturation {
  /** A circle of calls each of which must come before the next; undefined if none was found. */
  readonly cycle: readonly Constraint<Reason>[] | undefined;
  /** A read of a value that nobody wrote. */
  readonly garbage: number | undefined;
  /** For each call, at `call * sessions + session`, how many of the session's first calls come before it. */
  readonly before: Int32Array;
  readonly readsFrom: ReadsFrom;
}

/** Which call saw which. */
export interface ReadsFrom {
  /** For each call the write that it saw: its place, INITIAL, or NOTHING if it is no read or that is not certain. */
  readonly source: Int32Array;
  /** For each call 1 if it writes, to an object of which it is certain who read what. */
  readonly writes: Uint8Array;
}

/** What a read saw that saw no write. */
export const INITIAL = -1;
/** What a call saw that is no read. */
export const NOTHING = -2;

/** More entries of vector clocks (a quarter of a gigabyte) are not worth what they save. */
const CLOCKS_MAX = 2 ** 26;

const CALLS_BETWEEN_LOOKS = 1024;

/** Models whose reads and writes are a register's. */
const REGISTERS: readonly Model[] = [register, casRegister, kv];

interface Access {
  readonly reads: Json | undefined;
  readonly writes: Json | undefined;
}

/** What the call reads and writes; undefined if that is not all there is to it. */
function accessOf(call: ClientCall): Access | undefined {
  const { f, argument, result } = call;
  if (f === 'read' || f === 'get') return { reads: result, writes: undefined };
  if (f === 'write' || f === 'put') return { reads: undefined, writes: argument };
  if (f !== 'cas') return undefined;
  if (result === false) return { reads: undefined, writes: undefined };
  const [expected, next] = pairOf(call);
  return { reads: expected, writes: next };
}

const nameOf = (object: number | undefined, value: Json): string => `${object ?? 0} ${canonical(value)}`;

/** Writes by object and value, what was seen, and the objects of which it is not certain who read whose write. */
interface Values {
  readonly writers: ReadonlyMap<string, number>;
  readonly seen: ReadonlySet<string>;
  readonly unclear: Set<number>;
}

function valuesOf(problem: SequentialProblem, accesses: readonly (Access | undefined)[]): Values {
  const writers = new Map<string, number>();
  const twice = new Set<string>();
  const seen = new Set<string>();
  const unclear = new Set<number>();
  for (const [call, access] of accesses.entries()) {
    const object = problem.object[call] ?? 0;
    if (access === undefined) unclear.add(object);
    if (access?.reads !== undefined && isCompleted(problem, call)) seen.add(nameOf(object, access.reads));
    if (access?.writes === undefined) continue;
    const name = nameOf(object, access.writes);
    if (writers.has(name)) twice.add(name);
    writers.set(name, call);
  }
  for (const [call, access] of accesses.entries()) {
    const object = problem.object[call] ?? 0;
    if (access?.reads === undefined) continue;
    const name = nameOf(object, access.reads);
    if (twice.has(name) || (writers.has(name) && isFirstValue(problem, call, access.reads)))
      unclear.add(object);
  }
  return { writers, seen, unclear };
}

/** Whether the call's object has that value at first. */
function isFirstValue({ calls, object, machines }: SequentialProblem, call: number, value: Json): boolean {
  const machine = machines[object[call] ?? 0];
  const key = calls[call]?.key;
  const read = { f: 'read', argument: null, result: value, ...(key === undefined ? {} : { key }) };
  return machine !== undefined && machine.step(machine.initial, machine.classOf(read)) !== ILLEGAL;
}

/** Who read whose write, as far as it is certain. `garbage`: a read of what nobody wrote. */
function readsFrom(problem: SequentialProblem): {
  readonly known: ReadsFrom;
  readonly garbage: number | undefined;
} {
  const { calls, object } = problem;
  const accesses = calls.map(accessOf);
  const { writers, seen, unclear } = valuesOf(problem, accesses);
  const known = { source: new Int32Array(calls.length).fill(NOTHING), writes: new Uint8Array(calls.length) };
  let garbage: number | undefined;
  for (const [call, access] of accesses.entries()) {
    if (access === undefined || unclear.has(object[call] ?? 0)) continue;
    const { reads, writes } = access;
    if (writes !== undefined) known.writes[call] = 1;
    const wasSeen = writes !== undefined && seen.has(nameOf(object[call], writes));
    if (reads === undefined || !(isCompleted(problem, call) || wasSeen)) continue;
    const writer = writers.get(nameOf(object[call], reads));
    if (writer === undefined && !isFirstValue(problem, call, reads)) garbage ??= call;
    known.source[call] = writer ?? INITIAL;
  }
  return { known, garbage };
}

/** Applies the two rules until nothing new follows. */
class Saturator {
  readonly #problem: SequentialProblem;
  readonly #known: ReadsFrom;
  readonly #sessions: number;
  readonly #graph: ConstraintGraph<Reason>;
  /** For each object the places of its writes, by session and ascending. */
  readonly #writes: readonly Map<number, number[]>[];
  /** For each write, and for each object's first value, the last read of it in each session. */
  readonly #lastReads = new Map<number, Map<number, number>>();
  /** For each call 1 if all that comes after it knows what it knows, and both rules were applied to that. */
  readonly #settled: Uint8Array;
  readonly before: Int32Array;

  constructor(problem: SequentialProblem, known: ReadsFrom) {
    const { calls, machines } = problem;
    this.#problem = problem;
    this.#known = known;
    this.#sessions = sessionCount(problem);
    this.#graph = new ConstraintGraph(calls.length);
    this.#writes = machines.map(() => new Map<number, number[]>());
    this.#settled = new Uint8Array(calls.length);
    this.before = new Int32Array(calls.length * this.#sessions);
    for (let call = 0; call < calls.length; call++) this.#enter(call);
    for (const [source, reads] of this.#lastReads) {
      if (source < 0) this.#enterFirstValue(-1 - source, reads);
    }
  }

  /** A cycle, if it comes to one before nothing new follows or time is up. */
  run(remainingMs: () => number): readonly Constraint<Reason>[] | undefined {
    while (remainingMs() > 0) {
      const order = this.#graph.order();
      if (order.length < this.#problem.calls.length)
        return this.#graph.cycle({ free: ({ why }) => why === 'session order' });
      if (order.every((call) => this.#settled[call] === 1)) return undefined;
      for (const [place, call] of order.entries()) {
        if (this.#settled[call] === 0) this.#settle(call);
        if (place % CALLS_BETWEEN_LOOKS === 0 && remainingMs() < 0) return undefined;
      }
    }
    return undefined;
  }

  #settle(call: number): void {
    while (this.#settled[call] === 0) {
      this.#settled[call] = 1;
      this.#apply(call);
    }
    for (const { after } of this.#graph.outgoing(call)) this.#inherit(after, call);
  }

  #enter(call: number): void {
    const { starts, session, object } = this.#problem;
    const own = session[call] ?? 0;
    this.before[call * this.#sessions + own] = call - (starts[own] ?? 0);
    if (starts[own] !== call) this.#graph.add(call - 1, call, SESSION_ORDER);
    if (this.#known.writes[call] === 1) {
      const writes = this.#writes[object[call] ?? 0];
      const earlier = writes?.get(own);
      if (earlier === undefined) writes?.set(own, [call]);
      else earlier.push(call);
    }
    const source = this.#known.source[call] ?? NOTHING;
    if (source === NOTHING) return;
    if (source !== INITIAL) this.#graph.add(source, call, READS_FROM);
    const version = source === INITIAL ? -1 - (object[call] ?? 0) : source;
    const reads = this.#lastReads.get(version) ?? new Map<number, number>();
    this.#lastReads.set(version, reads);
    reads.set(own, call);
  }

  /** Reads of an object's first value come before all writes to it. */
  #enterFirstValue(object: number, reads: ReadonlyMap<number, number>): void {
    for (const writes of this.#writes[object]?.values() ?? []) {
      const [first] = writes;
      if (first === undefined || !this.#happened(first)) continue;
      for (const read of reads.values()) {
        if (first !== read) this.#graph.add(read, first, VERSION_ORDER);
      }
    }
  }

  /** Crashed writes that nobody saw may be left out of an order. */
  #happened(write: number): boolean {
    return isCompleted(this.#problem, write) || this.#lastReads.has(write);
  }

  /** What comes before the earlier call, and that call itself, come before the call. */
  #inherit(call: number, earlier: number): void {
    const { session, starts } = this.#problem;
    const [to, from] = [call * this.#sessions, earlier * this.#sessions];
    const own = session[earlier] ?? 0;
    let news = this.#raise(to + own, earlier - (starts[own] ?? 0) + 1);
    for (let place = 0; place < this.#sessions; place++) {
      if (this.#raise(to + place, this.before[from + place] ?? 0)) news = true;
    }
    if (news) this.#settled[call] = 0;
  }

  #raise(place: number, value: number): boolean {
    if (value <= (this.before[place] ?? 0)) return false;
    this.before[place] = value;
    return true;
  }

  /** Both rules for one call. */
  #apply(call: number): void {
    const source = this.#known.source[call] ?? NOTHING;
    const writes = this.#known.writes[call] === 1 && this.#happened(call);
    if (source < 0 && !writes) return;
    for (const [session, places] of this.#writes[this.#problem.object[call] ?? 0] ?? []) {
      const write = this.#lastBefore(call, session, places);
      if (write === undefined) continue;
      if (source >= 0 && write !== source) this.#require(write, source, { why: 'version order', read: call });
      const reads = writes ? this.#lastReads.get(write) : undefined;
      for (const read of reads?.values() ?? []) this.#require(read, call, VERSION_ORDER);
    }
  }

  /** The last of these calls of a session that comes before the call. */
  #lastBefore(call: number, session: number, places: readonly number[]): number | undefined {
    const known = this.before[call * this.#sessions + session] ?? 0;
    const end = (this.#problem.starts[session] ?? 0) + known;
    let [low, high] = [0, places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((places[middle] ?? 0) < end) low = middle + 1;
      else high = middle;
    }
    return places[low - 1];
  }

  #require(earlier: number, call: number, reason: Reason): void {
    const own = this.#problem.session[earlier] ?? 0;
    const place = earlier - (this.#problem.starts[own] ?? 0);
    if (earlier === call || (this.before[call * this.#sessions + own] ?? 0) > place) return;
    this.#graph.add(earlier, call, reason);
    this.#inherit(call, earlier);
  }
}

/**
 * What follows from the values that were read; undefined if this is no register. Keys whose reads do not tell
 * which write they saw are left out.
 */
export function saturate(problem: SequentialProblem, remainingMs: () => number): Saturation | undefined {
  if (!REGISTERS.includes(problem.model)) return undefined;
  if (problem.calls.length * sessionCount(problem) > CLOCKS_MAX) return undefined;
  const { known, garbage } = readsFrom(problem);
  const saturator = new Saturator(problem, known);
  const cycle = garbage === undefined ? saturator.run(remainingMs) : undefined;
  return { cycle, garbage, before: saturator.before, readsFrom: known };
}
