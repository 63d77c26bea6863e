/**
 * The replicated log in memory (section 3.5): entries numbered from 1, of which a prefix may have been
 * compacted away (chapter 5). Of that prefix only the index and term of its last entry, the base, are kept:
 * enough for the consistency check of AppendEntries. It knows no roles and no disk.
 */
import type { Command } from '../replicated-log/state-machine.ts';
import type { Members } from './members.ts';

/** One entry. Its index is its place in the log. */
export type Entry = {
  /** The term of the leader that made it. */
  readonly term: number;
  /** What to apply; null for the no-op with which a leader begins its term, and where the members change. */
  readonly command: Command | null;
  /** Present where they do: who belongs to the cluster from this entry on (chapter 4). */
  readonly members?: Members;
};

/** An entry that changes the members. */
interface MembershipEntry {
  readonly index: number;
  readonly members: Members;
}

/** Entries from the base on. */
export class RaftLog {
  #baseIndex = 0;
  #baseTerm = 0;
  #entries: Entry[] = [];
  /** The members before the first of `#changes`: those that the base, or the start of the cluster, set. */
  #baseMembers: MembershipEntry;
  /** Entries that change the members, in order. */
  #changes: MembershipEntry[] = [];

  /** @param members the cluster's first */
  constructor(members: Members) {
    this.#baseMembers = { index: 0, members };
  }

  /**
   * The members by the latest entry that sets them, committed or not: "a server always uses the latest configuration in its log"
   * (section 4.1). When such an entry is overwritten those before it hold again.
   */
  get members(): Members {
    return (this.#changes.at(-1) ?? this.#baseMembers).members;
  }

  /** Index of that entry; 0 while the cluster's first members hold. */
  get membersIndex(): number {
    return (this.#changes.at(-1) ?? this.#baseMembers).index;
  }

  /** The members as of the entry at this index. */
  membersAt(index: number): Members {
    return (this.#changes.findLast((change) => change.index <= index) ?? this.#baseMembers).members;
  }

  /** Index of the last entry that was compacted away; 0 when none was. */
  get baseIndex(): number {
    return this.#baseIndex;
  }

  /** Term of the entry at the base. */
  get baseTerm(): number {
    return this.#baseTerm;
  }

  /** Index of the last entry; 0 in an empty log. */
  get lastIndex(): number {
    return this.#baseIndex + this.#entries.length;
  }

  /** Term of the last entry; 0 in an empty log. */
  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.#baseTerm;
  }

  /** Term of the entry there, also at the base; undefined where the log has none or no longer has it. */
  termAt(index: number): number | undefined {
    return index === this.#baseIndex ? this.#baseTerm : this.#entries[index - this.#baseIndex - 1]?.term;
  }

  /** The entry there; throws a RangeError where there is none. */
  entryAt(index: number): Entry {
    const entry = this.#entries[index - this.#baseIndex - 1];
    if (entry === undefined) {
      throw new RangeError(`no entry ${index} in a log of ${this.#baseIndex + 1}..${this.lastIndex}`);
    }
    return entry;
  }

  /** Up to `limit` entries from this index on, which must be above the base. */
  slice(from: number, limit = Infinity): readonly Entry[] {
    const start = from - this.#baseIndex - 1;
    return this.#entries.slice(start, start + limit);
  }

  /** Puts entries at this index, in place of whatever was there and after it. */
  write(from: number, entries: readonly Entry[]): void {
    if (from <= this.#baseIndex || from > this.lastIndex + 1) {
      throw new RangeError(
        `cannot write entry ${from} in a log of ${this.#baseIndex + 1}..${this.lastIndex}`,
      );
    }
    this.#entries.length = from - this.#baseIndex - 1;
    if ((this.#changes.at(-1)?.index ?? 0) >= from)
      this.#changes = this.#changes.filter(({ index }) => index < from);
    for (const entry of entries) {
      this.#entries.push(entry);
      if (entry.members !== undefined) this.#changes.push({ index: this.lastIndex, members: entry.members });
    }
  }

  /** Index of the first entry still here of the same term as the one at this index. */
  firstIndexOfTermAt(index: number): number {
    let first = index;
    while (first - 1 > this.#baseIndex && this.termAt(first - 1) === this.termAt(index)) first -= 1;
    return first;
  }

  /** Index of the last entry of this term, the base included; undefined when there is none. */
  lastIndexOfTerm(term: number): number | undefined {
    for (let index = this.lastIndex; index >= this.#baseIndex; index--) {
      if (this.termAt(index) === term) return index;
    }
    return undefined;
  }

  /** Drops the entries up to and including this index, which the log must hold. */
  compact(index: number): void {
    if (index <= this.#baseIndex) return;
    const { term } = this.entryAt(index);
    this.#baseMembers = this.#changes.findLast((change) => change.index <= index) ?? this.#baseMembers;
    this.#changes = this.#changes.filter((change) => change.index > index);
    this.#entries = this.#entries.slice(index - this.#baseIndex);
    this.#baseIndex = index;
    this.#baseTerm = term;
  }

  /** Drops everything: the log begins anew after an entry that a snapshot stands for, as of which these are the members. */
  reset(index: number, term: number, members: Members): void {
    this.#entries = [];
    this.#changes = [];
    this.#baseMembers = { index, members };
    this.#baseIndex = index;
    this.#baseTerm = term;
  }
}
