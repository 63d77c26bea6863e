/**
 * What every Raft server is, whatever its role: the state of figure 3.1, the rule that a higher term is
 * always adopted, and the application of committed entries.
 *
 * A Raft node is built in layers, one for each chapter of Ongaro's dissertation ("Consensus: Bridging Theory
 * and Practice", 2014), and section numbers in this folder are its: Replica (chapter 3, state), Election
 * (elections, transfer), Follower (log replication, receiving), Leader (log replication, sending), RaftNode
 * (clients). Each adds the handlers of its messages; a broken variant overrides one method of any layer.
 */
import type { Json } from '../../harness/json.ts';
import type { NodeContext, NodeId, NodeStatus } from '../../harness/node/program.ts';
import { AuditedMachine } from '../replicated-log/audit.ts';
import { SessionStore } from '../replicated-log/sessions.ts';
import type { Command, Outcome, StateMachine } from '../replicated-log/state-machine.ts';
import type { RaftLog } from './log.ts';
import { Electorate } from './members.ts';
import type { Message } from './messages.ts';
import { raftOptions, type RaftOptions } from './options.ts';
import type { Storage } from './storage.ts';

/** What a server is doing now. A pre-candidate asks whether an election could succeed (section 9.6). */
export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/** The state of a server, and what all roles do with it. */
export abstract class Replica {
  protected readonly context: NodeContext;
  protected readonly options: RaftOptions;
  protected readonly storage: Storage;
  protected readonly log: RaftLog;
  protected readonly machine: AuditedMachine;

  /** Latest term seen; durable. */
  protected term: number;
  /** Who got this server's vote in that term; durable. */
  protected vote: NodeId | null;
  protected role: Role = 'follower';
  /** Who leads this term, as far as this server knows. */
  protected leader: NodeId | null = null;
  /** Highest entry known to be committed. */
  protected commitIndex = 0;
  /** The last entry applied to the state machine, and its term. */
  protected applied: { readonly index: number; readonly term: number } = { index: 0, term: 0 };
  #electorate: Electorate;

  constructor(context: NodeContext, storage: Storage) {
    this.context = context;
    this.options = raftOptions(context.options);
    this.storage = storage;
    this.log = storage.log;
    this.#electorate = new Electorate(this.log.members);
    this.machine = new AuditedMachine(this.createMachine(), context);
    ({ term: this.term, vote: this.vote } = storage.hardState);
    if (storage.snapshot !== null) this.restoreSnapshot();
  }

  /** What the log is for: the store, unless a service of another kind is built on it. Asked when the replica is made, of `options` alone. */
  protected createMachine(): StateMachine {
    return new SessionStore(this.options.maxSessions);
  }

  /** Who votes and is sent the log, by the latest entry that says so. */
  protected get electorate(): Electorate {
    const { members } = this.log;
    if (this.#electorate.members !== members) this.#electorate = new Electorate(members);
    return this.#electorate;
  }

  /** Leadership ended: whoever waits for it must be told. */
  protected abstract leadershipLost(): void;

  /** An entry of the log was applied. */
  protected abstract entryApplied(index: number, outcome: Outcome): void;

  /** Sends at once: only what rests on nothing that is not yet durable. */
  protected send(to: NodeId, message: Message): void {
    this.context.network.send(to, message);
  }

  /** Sends once all that this server recorded before is durable: votes, terms and entries are promises. */
  protected reply(to: NodeId, message: Message): void {
    this.storage.whenDurable(() => this.send(to, message));
  }

  /** Enters a later term, in which this server has not voted. */
  protected enterTerm(term: number, vote: NodeId | null): void {
    this.term = term;
    this.vote = vote;
    this.leader = null;
    this.machine.report();
    this.persistHardState();
  }

  /** Puts term and vote on disk; replies wait for it. Section 3.8: "each server persists its current term and vote". */
  protected persistHardState(): void {
    this.storage.saveHardState({ term: this.term, vote: this.vote });
  }

  /** Follows, in this term or a later one. */
  protected becomeFollower(term: number, leader: NodeId | null): void {
    const before = this.role;
    this.role = 'follower';
    if (term > this.term) this.enterTerm(term, null);
    this.leader = leader;
    if (before === 'follower') return;
    this.context.log.info('became-follower', { term, leader, before });
    if (before === 'leader') this.leadershipLost();
  }

  /** Entries up to this one are committed: applies them, in order. */
  protected commitTo(index: number): void {
    this.commitIndex = Math.max(this.commitIndex, index);
    while (this.applied.index < this.commitIndex) {
      const next = this.applied.index + 1;
      const { term, command } = this.log.entryAt(next);
      const outcome = this.applyCommand(next, command);
      this.applied = { index: next, term };
      this.entryApplied(next, outcome);
    }
    this.takeSnapshotIfDue();
  }

  /** Applies one committed command, or a no-op; retries of one already applied have no further effect (section 6.3). */
  protected applyCommand(index: number, command: Command | null): Outcome {
    return this.machine.apply(index, command);
  }

  /** Compacts the log when it has grown (chapter 5). Each server does so by itself, of what it has applied. */
  private takeSnapshotIfDue(): void {
    const { index, term } = this.applied;
    if (index - (this.storage.snapshot?.index ?? 0) < this.options.snapshotThreshold) return;
    const members = this.log.membersAt(index);
    this.storage.saveSnapshot(
      { index, term, members, state: this.machine.save() },
      this.options.snapshotTrailing,
    );
    this.context.log.info('snapshot-taken', { index, term });
  }

  /** Becomes what the newest snapshot says, which is committed by nature. */
  protected restoreSnapshot(): void {
    if (this.storage.snapshot === null) return;
    const { index, term, state } = this.storage.snapshot;
    this.machine.restore(state);
    this.applied = { index, term };
    this.commitIndex = index;
  }

  /** What this server says of itself. */
  status(): NodeStatus & { readonly [field: string]: Json } {
    return {
      role: this.role,
      epoch: this.term,
      leader: this.leader,
      commitIndex: this.commitIndex,
      applied: this.applied.index,
      lastIndex: this.log.lastIndex,
      lastTerm: this.log.lastTerm,
      snapshotIndex: this.storage.snapshot?.index ?? 0,
      ...this.log.members,
      membersIndex: this.log.membersIndex,
    };
  }
}
