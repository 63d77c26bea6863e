/**
 * Election of the distinguished proposer: phase 1, once for all slots that are not known to be chosen (PMS 3, "a newly chosen
 * leader executes phase 1 for infinitely many instances").
 *
 * A candidate promises its own ballot last, when the others' promises and its own make a majority. So a candidate whom nobody
 * hears goes on accepting what the leader of an earlier ballot sends it. It leads only once its own promise is
 * durable, and never takes a ballot up to its promise again; so no ballot ever has two proposals for a slot.
 */
import type { NodeId } from '../../harness/node/program.ts';
import { NO_BALLOT, type Ballot } from '../replicated-log/ballots.ts';
import { ElectionTimer } from '../replicated-log/election-timer.ts';
import type { Command } from '../replicated-log/state-machine.ts';
import { Learner } from './learner.ts';
import type { Nack, Promise as PromiseMessage, Report } from './messages.ts';

/** What acceptors reported, in the order in which their promises came; the own ones last. */
export type Reports = ReadonlyMap<NodeId, readonly Report[]>;

/** Adds elections. */
export abstract class Candidate extends Learner {
  /** The ballot in which this node stands or leads. */
  protected ballot: Ballot = NO_BALLOT;
  /** The latest ballot that this node has heard of. */
  private latest: Ballot = NO_BALLOT;
  private reports = new Map<NodeId, readonly Report[]>();
  private readonly timer = new ElectionTimer(this.context, this.options.electionTimeoutMs);

  /** This node won its ballot. In these slots its commands must be proposed, in all of them up to the last; a gap has null. */
  protected abstract leadershipGained(open: ReadonlyMap<number, Command | null>): void;

  /** An acceptor has promised a later ballot than that in which this node leads. */
  protected abstract deposedBy(acceptor: NodeId): void;

  /** Begins to watch for the leader's silence. */
  protected startElectionTimer(): void {
    this.timer.start(() => {
      if (this.role !== 'leader') this.stand();
    });
  }

  protected override postponeElection(): void {
    this.timer.reset();
  }

  /** Phase 1a: asks for promises, in a ballot later than all that it knows. */
  protected stand(): void {
    this.follow(null);
    this.role = 'candidate';
    this.ballot = this.ballots.next(Math.max(this.promised, this.latest), this.context.id);
    this.latest = this.ballot;
    this.reports = new Map();
    this.timer.reset();
    this.context.log.info('became-candidate', { ballot: this.ballots.text(this.ballot) });
    this.broadcast({ type: 'prepare', ballot: this.ballot, from: this.applied + 1 });
    this.promiseMyselfIfDue();
  }

  protected onPromise(from: NodeId, { ballot, base, accepted }: PromiseMessage): void {
    if (this.role !== 'candidate' || ballot !== this.ballot) return;
    if (base > this.applied) {
      // That acceptor no longer knows what it accepted; whoever leads must first be where it is.
      this.follow(null);
      this.askFor(from);
      return;
    }
    this.reports.set(from, accepted);
    this.promiseMyselfIfDue();
  }

  private promiseMyselfIfDue(): void {
    const { ballot } = this;
    const { id } = this.context;
    if (this.promised >= ballot || !this.configuration.hasQuorum(new Set([id, ...this.reports.keys()])))
      return;
    this.promise(ballot);
    this.storage.whenDurable(() => {
      if (this.role !== 'candidate' || this.promised !== ballot || this.ballot !== ballot) return;
      this.reports.set(id, this.acceptedFromSlot(this.applied + 1));
      this.lead();
    });
  }

  private lead(): void {
    this.role = 'leader';
    this.leader = this.context.id;
    this.context.log.info('became-leader', { term: this.ballot, ballot: this.ballots.text(this.ballot) });
    this.context.failPoint('became-leader');
    this.leadershipGained(this.openSlots(this.reports));
  }

  /**
   * PMS 2.2, P2c, in every slot: the command that was accepted in the latest ballot, if any was; else it is free, and
   * gets a no-op where a later slot is not (PMS 3).
   */
  protected openSlots(reports: Reports): ReadonlyMap<number, Command | null> {
    const bySlot = Map.groupBy([...reports.values()].flat(), ([slot]) => slot);
    const last = Math.max(this.applied, ...bySlot.keys());
    const open = new Map<number, Command | null>();
    for (let slot = this.applied + 1; slot <= last; slot++) {
      open.set(slot, this.valueFor(bySlot.get(slot) ?? []));
    }
    return open;
  }

  /** What to propose in a slot of which this was reported. */
  private valueFor(reports: readonly Report[]): Command | null {
    const [first, ...others] = reports;
    if (first === undefined) return null;
    return others.reduce((latest, report) => (report[1] > latest[1] ? report : latest), first)[2];
  }

  protected onNack(from: NodeId, { ballot, promised }: Nack): void {
    this.latest = Math.max(this.latest, promised);
    if (this.role === 'leader' && ballot === this.ballot && promised > ballot) this.deposedBy(from);
  }
}
