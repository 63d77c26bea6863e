/**
 * Snapshots of the Paxos logs: when one is due, how it is read back from disk, and how a replica that lacks what others have
 * compacted away gets one, piece by piece ("Paxos Made Live", section 5.5; "Paxos Made Moderately Complex", section 4.2).
 *
 * Whoever lacks something asks, and says with each question how much it has; so nobody keeps books about others, and a
 * question or a piece that is lost is asked for again. (In Raft the leader pushes: `../raft`.)
 */
import { isJsonObject, type Json } from '../../harness/json.ts';
import type { NodeId } from '../../harness/node/program.ts';
import { flag, natural, string } from './messages.ts';
import type { LogOptions } from './options.ts';
import { CorruptFileError } from './record.ts';

/** The state machine after the command in slot `index`. */
export type Snapshot = { readonly index: number; readonly state: string };

/** How much of which snapshot a replica has that asks for more: at first nothing, of none. */
export type SnapshotPart = { readonly snapshotIndex: number; readonly offset: number };

/** The checks of these fields in a message. */
export const PART_FIELDS = { snapshotIndex: natural, offset: natural };

/** A piece of a snapshot, for who asked for slots that are compacted away. */
export type SnapshotChunk = {
  readonly type: 'snapshot-chunk';
  readonly index: number;
  readonly offset: number;
  readonly text: string;
  readonly last: boolean;
};

/** The checks of its fields. */
export const CHUNK_FIELDS = { index: natural, offset: natural, text: string, last: flag };

/**
 * Up to which slot a log may be compacted, if a snapshot of what is applied is due: some slots before it stay, so that a replica
 * slightly behind needs no snapshot.
 */
export function compactionDue(
  applied: number,
  newest: Snapshot | null,
  { snapshotThreshold, snapshotTrailing }: Pick<LogOptions, 'snapshotThreshold' | 'snapshotTrailing'>,
): number | undefined {
  const isDue = applied - (newest?.index ?? 0) >= snapshotThreshold;
  return isDue ? Math.max(0, applied - snapshotTrailing) : undefined;
}

/** The snapshot in a file's only record, null when there is none. Throws a CorruptFileError for a record that is no snapshot. */
export function snapshotIn(file: string, record: Json): Snapshot | null {
  if (record === null) return null;
  const { index, state } = isJsonObject(record) ? record : {};
  if (typeof index !== 'number' || typeof state !== 'string') {
    throw new CorruptFileError(file, 'its record is no snapshot');
  }
  return { index, state };
}

/** What follows after what the asker has: from the beginning if that is of another snapshot. `size` is in characters. */
export function nextChunk(
  { index, state }: Snapshot,
  { snapshotIndex, offset }: SnapshotPart,
  size: number,
): SnapshotChunk {
  const start = index === snapshotIndex ? offset : 0;
  const end = start + size;
  return {
    type: 'snapshot-chunk',
    index,
    offset: start,
    text: state.slice(start, end),
    last: end >= state.length,
  };
}

/** A snapshot of which some pieces have come, from one peer at a time. */
export class IncomingSnapshot {
  #of: NodeId | null = null;
  #index = 0;
  #text = '';

  /** What there is of this peer's snapshot, to tell it. Pieces of another's are of no use: texts of equal states may differ in length. */
  partOf(peer: NodeId): SnapshotPart {
    if (this.#of !== peer) this.#begin(peer, 0);
    return { snapshotIndex: this.#index, offset: this.#text.length };
  }

  /** Adds a piece. Answers the snapshot when it is whole, and `misplaced` for a piece that has come before or too early. */
  add(from: NodeId, { index, offset, text, last }: SnapshotChunk): Snapshot | 'unfinished' | 'misplaced' {
    if (this.#of !== from || this.#index !== index) this.#begin(from, index);
    if (offset !== this.#text.length) return 'misplaced';
    this.#text += text;
    if (!last) return 'unfinished';
    const whole = { index, state: this.#text };
    this.#begin(null, 0);
    return whole;
  }

  #begin(of: NodeId | null, index: number): void {
    this.#of = of;
    this.#index = index;
    this.#text = '';
  }
}
