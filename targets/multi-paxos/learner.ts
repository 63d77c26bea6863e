/**
 * The learner: which slots are chosen, as their leader says, and how a node that lacks some gets them.
 *
 * A leader tells with each message how far all slots are chosen. What an acceptor accepted in that leader's ballot is what was
 * chosen there, as a ballot has one value in a slot. Whatever else it lacks it asks for: from the values that a peer has
 * in its log, or, where these are compacted away, from that peer's snapshot, piece by piece (PML 5.5).
 */
import type { NodeId } from '../../harness/node/program.ts';
import { Acceptor } from './acceptor.ts';
import type { Accept, Chosen, Learn, SnapshotChunk } from './messages.ts';

/** Adds what learners do. */
export abstract class Learner extends Acceptor {
  /** A snapshot of which some pieces have come: whose it is, and its text so far. */
  private incoming: { readonly of: NodeId; readonly index: number; text: string } | null = null;

  protected override acceptedFrom(leader: NodeId, { ballot, chosen, commands }: Accept): void {
    while (this.applied < chosen) {
      const next = this.log.at(this.applied + 1);
      if (next?.ballot !== ballot) break;
      this.apply(next.command);
    }
    // What is missing may still be on its way; with heartbeats nothing is.
    if (this.applied < chosen && commands.length === 0) this.askFor(leader);
  }

  /** Asks a peer for the chosen slots, or the pieces of its snapshot, that this node lacks. Asked again with each heartbeat. */
  protected askFor(peer: NodeId): void {
    if (this.incoming?.of !== peer) this.incoming = null;
    const { index = 0, text = '' } = this.incoming ?? {};
    this.send(peer, {
      type: 'learn',
      from: this.applied + 1,
      snapshotIndex: index,
      offset: text.length,
    });
  }

  /** Tells a peer what it lacks, as far as this node knows. */
  protected onLearn(from: NodeId, { from: slot, snapshotIndex, offset }: Learn): void {
    if (slot > this.applied) return;
    const { snapshot } = this.storage;
    if (slot > this.log.base || snapshot === null) {
      const last = Math.min(this.applied, slot + this.options.maxBatch - 1);
      this.send(from, {
        type: 'chosen',
        from: slot,
        entries: this.log.run(slot, last),
        chosen: this.applied,
      });
      return;
    }
    const start = snapshot.index === snapshotIndex ? offset : 0;
    const end = start + this.options.snapshotChunk;
    const text = snapshot.state.slice(start, end);
    const last = end >= snapshot.state.length;
    this.send(from, { type: 'snapshot-chunk', index: snapshot.index, offset: start, text, last });
  }

  /** Takes over what was chosen. A leader learns from nobody: what it lacked it had proposed anew. */
  protected onChosen(from: NodeId, { from: slot, entries, chosen }: Chosen): void {
    if (this.role === 'leader') return;
    const missing = entries.slice(Math.max(0, this.applied + 1 - slot));
    if (slot > this.applied + 1 || missing.length === 0) return;
    this.storage.saveEntries(this.applied + 1, missing);
    for (const { command } of missing) this.apply(command);
    if (this.applied < chosen) this.askFor(from);
  }

  /** Collects a snapshot, piece by piece, and becomes what it says when it is whole. */
  protected onSnapshotChunk(from: NodeId, { index, offset, text, last }: SnapshotChunk): void {
    if (this.role === 'leader' || index <= this.applied) return;
    if (this.incoming?.of !== from || this.incoming.index !== index)
      this.incoming = { of: from, index, text: '' };
    // One that was sent twice is dropped: it would be asked for what follows twice, and so on.
    if (offset !== this.incoming.text.length) return;
    this.incoming.text += text;
    if (last) this.install(index, this.incoming.text);
    else this.askFor(from);
  }

  private install(index: number, state: string): void {
    this.incoming = null;
    // Of the slots that it covers this node may have accepted other values than were chosen.
    this.storage.saveSnapshot({ index, state }, index);
    this.context.failPoint('snapshot-saved');
    this.restoreSnapshot();
    this.context.log.info('snapshot-installed', { index });
  }
}
