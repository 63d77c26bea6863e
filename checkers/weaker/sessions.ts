/**
 * Session guarantees (Terry, Demers, Petersen, Spreitzer, Theimer and Welch, "Session guarantees for weakly
 * consistent replicated data", PDIS 1994), in the form that Viotti and Vukolić give them in "Consistency in
 * non-transactional distributed storage systems" (ACM Computing Surveys 49, 2016): there is a version order,
 * the same for everyone, and for each read a set of writes that it saw, of which it gives the latest, such
 * that, within a session and for one key,
 *
 *   read your writes      a read sees the writes that the session made before it;
 *   monotonic reads       a read sees what the session's earlier reads saw;
 *   monotonic writes      the session's writes are versions in the order in which it made them;
 *   writes follow reads   a write makes a later version than those that the session's earlier reads saw.
 *
 * A session is what one client process did; it ends when an operation crashes. Compare-and-set is a read and
 * then a write. Judged is what the answers alone prove, so this is the weakest reading: a guarantee is broken
 * only if no version order at all keeps it. Each guarantee makes some versions come before others, and there
 * is an order exactly if these constraints have no cycle. By themselves monotonic writes and writes follow
 * reads put writes in the order in which they began, so reads and writes alone never break them; what shows
 * is that they cannot hold together with another guarantee: a reader that sees one session's writes in the
 * wrong order breaks monotonic reads or monotonic writes. So the answer also has every smallest set of
 * guarantees that cannot hold together.
 *
 * Each key is judged by itself, as Terry's write order binds only writes that do not commute: that a session
 * that saw a write to one key must also see an earlier write to another one is not asked. Nor is real time,
 * except that no read gives a value whose write began after it returned.
 */
import { worst, type Validity } from '../../harness/history/checker.ts';
import type { Json } from '../../harness/json.ts';
import type { History } from '../../harness/history/operation.ts';
import type { OperationEvidence } from '../linearizable/index.ts';
import { show } from '../models/model.ts';
import { bySession, count, evidenceOf, type ClientCall } from './client-calls.ts';
import { ConstraintGraph, type Constraint } from './constraint-graph.ts';
import { versionedKeys, type Version, type VersionedKey } from './versions.ts';

const GUARANTEES = [
  'read your writes',
  'monotonic reads',
  'monotonic writes',
  'writes follow reads',
] as const;

/** What a session is promised. */
export type Guarantee = (typeof GUARANTEES)[number];

/** One version that must come before another. */
export interface VersionConstraint {
  readonly before: Json;
  readonly after: Json;
  /** Null: the value that the key had at first comes before all others. */
  readonly guarantee: Guarantee | null;
  /** The operations of one session from which it follows. */
  readonly operations: readonly OperationEvidence[];
}

/** Guarantees that cannot hold together on one key; any one of them less could. */
export interface SessionConflict {
  /** Null where the history has no keys. */
  readonly key: Json;
  readonly guarantees: readonly Guarantee[];
  /** What they make come before what, in a circle. */
  readonly cycle: readonly VersionConstraint[];
}

/** Which session guarantees a history keeps. */
export interface SessionResult {
  /** Whether all four hold together, and every value that was read had been written. */
  readonly valid: Validity;
  /** Why some key could not be judged; null where all could. */
  readonly why: string | null;
  /** One sentence: what was checked and what came out. */
  readonly summary: string;
  /** Each guarantee by itself. */
  readonly guarantees: Readonly<Record<Guarantee, Validity>>;
  readonly conflicts: readonly SessionConflict[];
  /** Reads of values that nobody had written or begun to write; the guarantees are judged without them. */
  readonly garbage: readonly OperationEvidence[];
}

/** Why one version comes before another. */
interface Reason {
  readonly guarantee: Guarantee | null;
  readonly operations: readonly ClientCall[];
}

/** What a call read and wrote, as numbers of versions. */
interface Access {
  readonly call: ClientCall;
  read?: number;
  written?: number;
}

/**
 * Walks over one session's accesses to one key and adds what each guarantee makes of them. What a version
 * must come after all of is gathered in chains of helping nodes, so that the number of constraints is linear.
 */
class SessionWalk {
  readonly #graph: ConstraintGraph<Reason>;
  #lastRead: { readonly version: number; readonly call: ClientCall } | undefined;
  /** Comes after all that was read. */
  #allRead: number | undefined;
  readonly #ownWrites: { readonly version: number; readonly call: ClientCall }[] = [];
  /** Place of a version among the own writes. */
  readonly #ownPlaces = new Map<number, number>();
  /** Comes after all own writes up to that place. */
  readonly #allWritten: number[] = [];
  /** Places of own writes that were read, each with the last own write that was made before that. */
  readonly #readBack = new Map<number, number>();
  /** Places of own writes that were found to be older versions than one that was made before them. */
  readonly #overtaken = new Set<number>();
  #contradicted = false;

  constructor(graph: ConstraintGraph<Reason>) {
    this.#graph = graph;
  }

  step({ call, read, written }: Access): void {
    if (read !== undefined) this.#read(call, read);
    if (written !== undefined) this.#write(call, written);
  }

  #read(call: ClientCall, version: number): void {
    const place = this.#ownPlaces.get(version);
    this.#readYourWrites(call, version, place ?? this.#ownWrites.length);
    if (place !== undefined) this.#readBackOwn(call, version, place);
    if (this.#lastRead !== undefined && this.#lastRead.version !== version) {
      const reason: Reason = { guarantee: 'monotonic reads', operations: [this.#lastRead.call, call] };
      this.#graph.add(this.#lastRead.version, version, reason);
    }
    this.#lastRead = { version, call };
    this.#allRead = this.#gather(this.#allRead, version, {
      guarantee: 'writes follow reads',
      operations: [call],
    });
  }

  /** The own writes before that place come before the version that was read. */
  #readYourWrites(call: ClientCall, version: number, place: number): void {
    const earlier = this.#allWritten[place - 1];
    if (earlier !== undefined) {
      this.#graph.add(earlier, version, { guarantee: 'read your writes', operations: [call] });
    }
  }

  /**
   * So do the own writes after it that were made before the read. One by one, since they have no chain; but
   * once two own writes each must come before the other nothing more needs to be added, so that their number
   * stays linear as well.
   */
  #readBackOwn(call: ClientCall, version: number, place: number): void {
    this.#contradicted ||= this.#overtaken.has(place);
    const known = this.#readBack.get(place) ?? place;
    for (let later = known + 1; later < this.#ownWrites.length && !this.#contradicted; later++) {
      const own = this.#ownWrites[later];
      if (own === undefined) break;
      this.#graph.add(own.version, version, { guarantee: 'read your writes', operations: [own.call, call] });
      this.#overtaken.add(later);
      this.#contradicted = this.#readBack.has(later);
    }
    this.#readBack.set(place, this.#ownWrites.length - 1);
  }

  #write(call: ClientCall, version: number): void {
    if (this.#allRead !== undefined) {
      this.#graph.add(this.#allRead, version, { guarantee: 'writes follow reads', operations: [call] });
    }
    const previous = this.#ownWrites.at(-1);
    if (previous !== undefined) {
      const reason: Reason = { guarantee: 'monotonic writes', operations: [previous.call, call] };
      this.#graph.add(previous.version, version, reason);
    }
    const reason: Reason = { guarantee: 'read your writes', operations: [call] };
    this.#allWritten.push(this.#gather(this.#allWritten.at(-1), version, reason));
    this.#ownPlaces.set(version, this.#ownWrites.length);
    this.#ownWrites.push({ version, call });
  }

  /** A helping node after the version and after an earlier helping node. */
  #gather(earlier: number | undefined, version: number, reason: Reason): number {
    const node = this.#graph.addNode();
    this.#graph.add(version, node, reason);
    if (earlier !== undefined) this.#graph.add(earlier, node, { ...reason, operations: [] });
    return node;
  }
}

/** All constraints between the versions of a key. */
function constraintsOf(versions: readonly Version[]): ConstraintGraph<Reason> {
  const graph = new ConstraintGraph<Reason>(versions.length);
  const accesses = new Map<ClientCall, Access>();
  const accessOf = (call: ClientCall): Access => {
    const known = accesses.get(call) ?? { call };
    accesses.set(call, known);
    return known;
  };
  for (const [number, { write, reads }] of versions.entries()) {
    if (write !== undefined) accessOf(write).written = number;
    for (const read of reads) accessOf(read).read = number;
  }
  const first = versions.findIndex(({ write }) => write === undefined);
  for (let other = 0; first !== -1 && other < versions.length; other++) {
    if (other !== first) graph.add(first, other, { guarantee: null, operations: [] });
  }
  const calls = [...accesses.keys()].sort((a, b) => a.invoked - b.invoked);
  for (const session of bySession(calls)) {
    const walk = new SessionWalk(graph);
    for (const call of session) walk.step(accessOf(call));
  }
  return graph;
}

/** The sets of guarantees, the small ones first. */
const SUBSETS: readonly (readonly Guarantee[])[] = Array.from({ length: 2 ** GUARANTEES.length }, (_, bits) =>
  GUARANTEES.filter((_guarantee, place) => (bits >> place) % 2 === 1),
).sort((a, b) => a.length - b.length);

function conflictsOf({ key, versions }: VersionedKey): SessionConflict[] {
  const graph = constraintsOf(versions);
  if (graph.cycle() === undefined) return [];
  const conflicts: SessionConflict[] = [];
  for (const guarantees of SUBSETS) {
    const known = conflicts.some((smaller) => smaller.guarantees.every((one) => guarantees.includes(one)));
    if (known) continue;
    const counts = ({ guarantee }: Reason): boolean => guarantee === null || guarantees.includes(guarantee);
    const cycle = graph.cycle({ counts });
    if (cycle !== undefined) conflicts.push({ key, guarantees, cycle: withoutHelpers(cycle, versions) });
  }
  return conflicts;
}

/** The cycle as versions: ways through helping nodes become one constraint. */
function withoutHelpers(
  cycle: readonly Constraint<Reason>[],
  versions: readonly Version[],
): VersionConstraint[] {
  const begin = cycle.findIndex(({ before }) => before < versions.length);
  const told: VersionConstraint[] = [];
  let from: number | undefined;
  let operations: ClientCall[] = [];
  for (const { before, after, reason } of [...cycle.slice(begin), ...cycle.slice(0, begin)]) {
    from ??= before;
    operations.push(...reason.operations);
    if (after >= versions.length) continue;
    told.push({
      before: versions[from]?.value ?? null,
      after: versions[after]?.value ?? null,
      guarantee: reason.guarantee,
      operations: operations.map(evidenceOf),
    });
    from = undefined;
    operations = [];
  }
  return told;
}

/**
 * Judges the session guarantees. For reads, writes and compare-and-set of single keys; a value that was
 * written twice and read makes its key unknown. `init` is what every key holds at first, null unless given.
 *
 * @example
 * const { guarantees, conflicts } = checkSessions(history);
 */
export function checkSessions(history: History, { init }: { readonly init?: Json } = {}): SessionResult {
  const keys = versionedKeys(history, { init, cas: true });
  const unknown = keys.find(({ why }) => why !== null);
  const conflicts = keys.filter(({ why }) => why === null).flatMap(conflictsOf);
  const garbage = keys.flatMap((key) => key.garbage.map(evidenceOf));
  const known: Validity = unknown === undefined ? true : 'unknown';
  const verdictOn = (guarantee: Guarantee): Validity =>
    conflicts.some(({ guarantees: [one, another] }) => one === guarantee && another === undefined)
      ? false
      : known;
  const valid = worst([known, conflicts.length === 0 && garbage.length === 0]);
  const result = {
    valid,
    why: unknown === undefined ? null : `key ${show(unknown.key)}: ${unknown.why ?? ''}`,
    guarantees: {
      'read your writes': verdictOn('read your writes'),
      'monotonic reads': verdictOn('monotonic reads'),
      'monotonic writes': verdictOn('monotonic writes'),
      'writes follow reads': verdictOn('writes follow reads'),
    },
    conflicts,
    garbage,
  };
  return { ...result, summary: summaryOf(result, keys.length) };
}

function summaryOf({ valid, why, conflicts, garbage }: Omit<SessionResult, 'summary'>, keys: number): string {
  if (valid === true) return `All four session guarantees hold together on ${count(keys, 'key')}.`;
  if (valid === 'unknown') return `The session guarantees could not be judged everywhere: ${why ?? ''}.`;
  const [conflict] = conflicts;
  const [read] = garbage;
  const parts: string[] = [];
  if (read !== undefined) {
    parts.push(`${read.text} (index ${read.invoked}) gave a value that nobody had begun to write`);
  }
  if (conflict !== undefined) {
    const circle = conflict.cycle.map(({ before }) => show(before)).join(' before ');
    const end = show(conflict.cycle[0]?.before);
    const kept = conflict.guarantees.length === 1 ? 'is broken' : 'cannot hold together';
    parts.push(
      `${conflict.guarantees.join(' and ')} ${kept} on key ${show(conflict.key)}, as ${circle} before ${end} would follow`,
    );
  }
  return `Session guarantees: ${parts.join('; ')}.`;
}
