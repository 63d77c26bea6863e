/**
 * The learner: which slots are chosen, as their leader says, and how a node that lacks some gets them.
 *
 * A leader tells with each message how far all slots are chosen. What an acceptor accepted in that leader's ballot is what was
 * chosen there, as a ballot has one value in a slot. Whatever else it lacks it asks for: from the values that a peer has
 * in its log, or, where these are compacted away, from that peer's snapshot, piece by piece (PML 5.5, PMMC 4.2).
 */
import type { NodeId } from '../../harness/node/program.ts';
import {
  IncomingSnapshot,
  nextChunk,
  type Snapshot,
  type SnapshotChunk,
} from '../replicated-log/snapshots.ts';
import { Acceptor } from './acceptor.ts';
import type { Accept, Chosen, Learn } from './messages.ts';

/** Adds what learners do. */
export abstract class Learner extends Acceptor {
  private readonly incoming = new IncomingSnapshot();

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
    this.send(peer, { type: 'learn', from: this.applied + 1, ...this.incoming.partOf(peer) });
  }

  /** Tells a peer what it lacks, as far as this node knows. */
  protected onLearn(from: NodeId, { from: slot, ...part }: Learn): void {
    if (slot > this.applied) return;
    const { snapshot } = this.storage;
    if (slot > this.log.base || snapshot === null) {
      const last = Math.min(this.applied, slot + this.options.maxBatch - 1);
      const entries = this.log.run(slot, last);
      this.send(from, { type: 'chosen', from: slot, entries, chosen: this.applied });
      return;
    }
    this.send(from, nextChunk(snapshot, part, this.options.snapshotChunk));
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
  protected onSnapshotChunk(from: NodeId, chunk: SnapshotChunk): void {
    if (this.role === 'leader' || chunk.index <= this.applied) return;
    const whole = this.incoming.add(from, chunk);
    // A piece that was sent twice is dropped: what follows would be asked for twice, and so on.
    if (whole === 'misplaced') return;
    if (whole === 'unfinished') this.askFor(from);
    else this.install(whole);
  }

  private install(snapshot: Snapshot): void {
    // Of the slots that it covers this node may have accepted other values than were chosen.
    this.storage.saveSnapshot(snapshot, snapshot.index);
    this.context.failPoint('snapshot-saved');
    this.restoreSnapshot();
    this.context.log.info('snapshot-installed', { index: snapshot.index });
  }
}
