/**
 * The acceptor: what it promises and what it accepts (PMS 2.2). Every answer waits until what it says is on disk.
 *
 * An acceptor may leave any message unanswered, and this one does not answer candidates while it hears from a leader. So a
 * node that was cut off does not depose a leader that works when it comes back; and with `readLeases` this silence is
 * the lease.
 */
import type { NodeId } from '../../harness/node/program.ts';
import type { Ballot } from '../replicated-log/ballots.ts';
import type { Accept, Prepare, Report } from './messages.ts';
import { Replica } from './replica.ts';

/** Adds what acceptors do. */
export abstract class Acceptor extends Replica {
  /** When the leader was last heard from, on the monotonic clock. */
  private heardFromLeader = -Infinity;
  private readonly startedAt = this.context.clock.monotonic();

  /** A ballot was promised, or its leader heard: no reason to stand for election now. */
  protected abstract postponeElection(): void;

  /** The leader's message was accepted: learns what it says was chosen. */
  protected abstract acceptedFrom(leader: NodeId, accept: Accept): void;

  /** Phase 1b. */
  protected onPrepare(from: NodeId, { ballot, from: slot }: Prepare): void {
    if (ballot < this.promised) {
      this.reply(from, { type: 'nack', ballot, promised: this.promised });
      return;
    }
    if (this.isBound(from)) return;
    if (ballot > this.promised) {
      this.follow(null);
      this.promise(ballot);
      this.postponeElection();
    }
    this.reply(from, { type: 'promise', ballot, base: this.log.base, accepted: this.acceptedFromSlot(slot) });
  }

  /** What this acceptor accepted in this slot and after it. */
  protected acceptedFromSlot(slot: number): Report[] {
    return [...this.log.from(slot)].map(([at, { ballot, command }]) => [at, ballot, command]);
  }

  /** True while this node leads, or hears from a leader that is another than this candidate. */
  private isBound(candidate: NodeId): boolean {
    if (this.role === 'leader') return true;
    const now = this.context.clock.monotonic();
    const [shortest] = this.options.electionTimeoutMs;
    // Whom it followed before a restart it does not know; but there may be a leader that counts on its silence.
    if (this.options.readLeases && now - this.startedAt < shortest) return true;
    return this.leader !== null && this.leader !== candidate && now - this.heardFromLeader < shortest;
  }

  /** Phase 2b, for all slots of the message. */
  protected onAccept(from: NodeId, accept: Accept): void {
    const { ballot, commands, from: first, round, delays } = accept;
    if (ballot < this.promised) {
      this.reply(from, { type: 'nack', ballot, promised: this.promised });
      return;
    }
    if (ballot > this.promised) this.promise(ballot);
    if (this.role !== 'follower' || this.leader !== from) this.follow(from);
    this.heardFromLeader = this.context.clock.monotonic();
    this.postponeElection();
    this.accept(first, ballot, commands);
    this.acceptedFrom(from, accept);
    const count = commands.length;
    this.reply(from, { type: 'accept-reply', ballot, from: first, count, round, delays: delays + 1 });
  }

  /** Accepts what is new of it. A slot that is known to be chosen stays as it is: in every later ballot it holds the same. */
  private accept(from: number, ballot: Ballot, commands: Accept['commands']): void {
    const isNew = (slot: number): boolean => slot > this.applied && this.log.at(slot)?.ballot !== ballot;
    const first = commands.findIndex((_command, offset) => isNew(from + offset));
    if (first === -1) return;
    const entries = commands.slice(first).map((command) => ({ ballot, command }));
    this.storage.saveEntries(from + first, entries);
    this.context.failPoint('acceptor-accepted');
  }
}
