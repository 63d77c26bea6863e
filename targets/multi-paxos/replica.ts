/**
 * What every Multi-Paxos node is, whatever its role: its promise, its accepted values, and the application of
 * chosen commands in the order of their slots.
 *
 * A node plays all roles of Paxos and is built in layers: Replica (state), Acceptor (promises and accepts), Learner (what was
 * chosen, and catching up), Candidate (phase 1, for all slots at once), Leader (phase 2), PaxosNode (clients).
 * Cited are Lamport, "The Part-Time Parliament" (1998, PTP) and "Paxos Made Simple" (2001, PMS), van Renesse and Altinbuken,
 * "Paxos Made Moderately Complex" (2015, PMMC), and Chandra, Griesemer, Redstone, "Paxos Made Live" (2007, PML).
 * Each layer adds the handlers of its messages; a broken variant overrides one method of any layer.
 */
import type { Json } from '../../harness/json.ts';
import type { NodeContext, NodeId, NodeStatus } from '../../harness/node/program.ts';
import { AuditedMachine } from '../replicated-log/audit.ts';
import { Ballots, type Ballot } from '../replicated-log/ballots.ts';
import { Configuration } from '../replicated-log/configuration.ts';
import { SessionStore } from '../replicated-log/sessions.ts';
import { compactionDue } from '../replicated-log/snapshots.ts';
import type { Command, Outcome } from '../replicated-log/state-machine.ts';
import type { SlotLog } from './log.ts';
import type { Message } from './messages.ts';
import { paxosOptions, type PaxosOptions } from './options.ts';
import type { Storage } from './storage.ts';

/** What a node is doing now. */
export type Role = 'follower' | 'candidate' | 'leader';

/** The state of a node, and what all roles do with it. */
export abstract class Replica {
  protected readonly context: NodeContext;
  protected readonly options: PaxosOptions;
  protected readonly storage: Storage;
  protected readonly log: SlotLog;
  protected readonly ballots: Ballots;
  protected readonly configuration: Configuration;
  protected readonly machine: AuditedMachine;

  /** Nothing is accepted in earlier ballots; durable. */
  protected promised: Ballot;
  protected role: Role = 'follower';
  /** Whom this node follows. */
  protected leader: NodeId | null = null;
  /** All slots up to this one are known to be chosen, and are applied. */
  protected applied = 0;

  constructor(context: NodeContext, storage: Storage) {
    const ids = [context.id, ...context.peers];
    this.context = context;
    this.options = paxosOptions(context.options);
    this.storage = storage;
    this.log = storage.log;
    this.ballots = new Ballots(ids);
    this.configuration = new Configuration(ids);
    this.machine = new AuditedMachine(new SessionStore(this.options.maxSessions), context);
    this.promised = storage.promised;
    this.restoreSnapshot();
  }

  /** Leadership ended: whoever waits for it must be told. */
  protected abstract leadershipLost(): void;

  /** The command in this slot was applied. */
  protected abstract slotApplied(slot: number, outcome: Outcome): void;

  /** Sends at once: only what rests on nothing that is not yet durable. */
  protected send(to: NodeId, message: Message): void {
    this.context.network.send(to, message);
  }

  protected broadcast(message: Message): void {
    for (const peer of this.context.peers) this.send(peer, message);
  }

  /** Sends once all that this node recorded before is durable: what an acceptor says, it must remember. */
  protected reply(to: NodeId, message: Message): void {
    this.storage.whenDurable(() => this.send(to, message));
  }

  /** Accepts nothing in earlier ballots from now on (PMS 2.2, P1a). */
  protected promise(ballot: Ballot): void {
    this.promised = ballot;
    this.machine.report();
    this.persistPromise();
    this.context.failPoint('promise-recorded');
  }

  /** PMS 2.5: an acceptor must remember its promise even if it fails and then restarts; replies wait for it. */
  protected persistPromise(): void {
    this.storage.savePromise(this.promised);
  }

  /** Follows this leader, or nobody known. */
  protected follow(leader: NodeId | null): void {
    const before = this.role;
    this.role = 'follower';
    this.leader = leader;
    if (before === 'follower') return;
    this.context.log.info('became-follower', { leader, before, promised: this.promised });
    if (before === 'leader') this.leadershipLost();
  }

  /** The next slot was chosen: applies it. Slots are applied in order and without gaps (PMS 3). */
  protected apply(command: Command | null): void {
    this.applied += 1;
    this.slotApplied(this.applied, this.machine.apply(this.applied, command));
    this.takeSnapshotIfDue();
  }

  /** Compacts the log when it has grown (PML 5.5, PMMC 4.2). Each node does so by itself, of what it has applied. */
  private takeSnapshotIfDue(): void {
    const { applied } = this;
    const base = compactionDue(applied, this.storage.snapshot, this.options);
    if (base === undefined) return;
    this.storage.saveSnapshot({ index: applied, state: this.machine.save() }, base);
    this.context.failPoint('snapshot-saved');
    this.context.log.info('snapshot-taken', { index: applied });
  }

  /** Becomes what the newest snapshot says. */
  protected restoreSnapshot(): void {
    if (this.storage.snapshot === null) return;
    this.machine.restore(this.storage.snapshot.state);
    this.applied = this.storage.snapshot.index;
  }

  /** What this node says of itself. */
  status(): NodeStatus & { readonly [field: string]: Json } {
    return {
      role: this.role,
      epoch: this.promised,
      ballot: this.ballots.text(this.promised),
      leader: this.leader,
      commitIndex: this.applied,
      applied: this.applied,
      lastIndex: this.log.last,
      snapshotIndex: this.storage.snapshot?.index ?? 0,
    };
  }
}
