/**
 * The follower's side of log replication: AppendEntries (section 3.5) and InstallSnapshot (chapter 5).
 * Every answer waits until what it says is on disk.
 */
import type { NodeId } from '../../harness/node/program.ts';
import { Election } from './election.ts';
import type { Entry } from './log.ts';
import type { AppendRequest, SnapshotChunk } from './messages.ts';
import type { Snapshot } from './storage.ts';

/** Adds what followers do with the entries of a leader. */
export abstract class Follower extends Election {
  /** A snapshot of which some chunks have come: whose it is, and its text so far. */
  private incoming: { readonly id: string; text: string } | null = null;

  /** Takes a leader's entries if they continue what this log has; else says where the logs part. */
  protected onAppendRequest(from: NodeId, request: AppendRequest): void {
    const { term, round, previousIndex, previousTerm, entries } = request;
    if (term < this.term) {
      this.reply(from, this.reject(request, this.log.lastIndex + 1, 0));
      return;
    }
    this.followLeader(from);
    const ours = this.log.termAt(previousIndex);
    if (previousIndex > this.log.lastIndex) {
      this.reply(from, this.reject(request, this.log.lastIndex + 1, 0));
    } else if (ours !== undefined && ours !== previousTerm) {
      this.reply(from, this.reject(request, this.log.firstIndexOfTermAt(previousIndex), ours));
    } else {
      // Entries before the base are in the snapshot, hence committed, hence the same as the leader's.
      const matchIndex = previousIndex + entries.length;
      this.acceptEntries(previousIndex + 1, entries);
      this.commitTo(Math.min(request.commitIndex, matchIndex));
      this.reply(from, { type: 'append-reply', term: this.term, matchIndex, round });
    }
  }

  private reject({ previousIndex, round }: AppendRequest, conflictIndex: number, conflictTerm: number) {
    const term = this.term;
    return { type: 'append-reject', term, previousIndex, conflictIndex, conflictTerm, round } as const;
  }

  /**
   * Writes what the log lacks, and only from the first entry that differs: a message that was overtaken by a
   * later one must not cut off what the later one brought (figure 3.1, AppendEntries, 3 and 4).
   */
  private acceptEntries(from: number, entries: readonly Entry[]): void {
    const differs = (entry: Entry, offset: number): boolean =>
      from + offset > this.log.baseIndex && this.log.termAt(from + offset) !== entry.term;
    const first = entries.findIndex(differs);
    if (first === -1) return;
    const start = from + first;
    if (start <= this.commitIndex) {
      // Raft excludes this; it is said aloud because it is the first visible sign that something broke Raft.
      this.context.log.error('committed-entry-overwritten', { index: start, commitIndex: this.commitIndex });
    }
    this.storage.saveEntries(start, entries.slice(first));
    this.context.failPoint('follower-appended');
  }

  /** Collects a snapshot, chunk by chunk, and installs it when it is whole. */
  protected onSnapshotChunk(from: NodeId, chunk: SnapshotChunk): void {
    if (chunk.term === this.term) this.followLeader(from);
    const { snapshotIndex, snapshotTerm, members } = chunk;
    if (chunk.term < this.term || snapshotIndex <= this.commitIndex) {
      // Too late to lead, or too late to help: the answer tells the leader which.
      this.reply(from, { type: 'append-reply', term: this.term, matchIndex: this.commitIndex, round: 0 });
      return;
    }
    const id = `${from}/${chunk.term}/${snapshotIndex}`;
    if (this.incoming?.id !== id) this.incoming = { id, text: '' };
    if (chunk.offset === this.incoming.text.length) {
      this.incoming.text += chunk.text;
      if (chunk.last) {
        this.install({ index: snapshotIndex, term: snapshotTerm, members, state: this.incoming.text });
        this.reply(from, { type: 'append-reply', term: this.term, matchIndex: snapshotIndex, round: 0 });
        return;
      }
    }
    const offset = this.incoming.text.length;
    this.reply(from, { type: 'snapshot-reply', term: this.term, snapshotIndex, offset });
  }

  private install(snapshot: Snapshot): void {
    this.incoming = null;
    this.storage.saveSnapshot(snapshot, this.options.snapshotTrailing);
    this.context.failPoint('snapshot-saved');
    this.restoreSnapshot();
    this.context.log.info('snapshot-installed', { index: snapshot.index, term: snapshot.term });
  }
}
