/**
 * A whole Multi-Paxos node: what clients may ask of it, and the one place where messages come in.
 */
import type { Json } from '../../harness/json.ts';
import { Refusal, type NodeContext, type NodeId } from '../../harness/node/program.ts';
import { DecisionLog } from '../replicated-log/decisions.ts';
import { ReadQueue } from '../replicated-log/read-queue.ts';
import { storeHandlers } from '../replicated-log/requests.ts';
import type { Command, Outcome, Query } from '../replicated-log/state-machine.ts';
import { Leader, type Client } from './leader.ts';
import { ReadLease } from './lease.ts';
import { isMessage, type Message } from './messages.ts';
import type { Storage } from './storage.ts';

/** A Multi-Paxos node. Broken variants extend it. */
export class PaxosNode extends Leader {
  /** Commands that have a slot and are not yet applied, by slot. */
  private readonly proposals = new Map<number, Client>();
  private readonly decisions = new DecisionLog(this.context);
  private readonly reads = new ReadQueue();
  protected readonly lease = new ReadLease(this.options.electionTimeoutMs[0]);

  /** Begins to take part. */
  start(): void {
    const { promised, log, applied, storage } = this;
    const { tornBytes } = storage;
    this.context.log.info('recovered', { promised, lastIndex: log.last, snapshotIndex: applied, tornBytes });
    this.context.network.receive((from, message) => this.receive(from, message));
    this.context.clients.serve(
      storeHandlers({
        propose: (command) => this.command(command),
        read: (query) => this.read(query),
      }),
    );
    this.startElectionTimer();
  }

  private receive(from: NodeId, message: Json): void {
    if (!isMessage(message) || !this.configuration.voters.includes(from)) {
      this.context.log.warn('message-dropped', { from });
      return;
    }
    this.dispatch(from, message);
  }

  private dispatch(from: NodeId, message: Message): void {
    switch (message.type) {
      case 'prepare':
        this.onPrepare(from, message);
        break;
      case 'promise':
        this.onPromise(from, message);
        break;
      case 'accept':
        this.onAccept(from, message);
        break;
      case 'accept-reply':
        this.onAcceptReply(from, message);
        break;
      case 'nack':
        this.onNack(from, message);
        break;
      case 'learn':
        this.onLearn(from, message);
        break;
      case 'chosen':
        this.onChosen(from, message);
        break;
      case 'snapshot-chunk':
        this.onSnapshotChunk(from, message);
        break;
    }
  }

  /** Proposes a command; the answer comes when it is chosen and applied. */
  private command(command: Command): Promise<Outcome> {
    this.requireLeadership();
    const cameAt = this.context.clock.monotonic();
    return new Promise((resolve, reject) => this.submit(command, { resolve, reject, cameAt }));
  }

  /**
   * Linearizable read without a slot: this node led when the read came, as a round to a majority proves, and it has
   * applied all that was chosen before - what earlier leaders may have chosen, which it proposed anew, included.
   */
  protected read(query: Query): Promise<Outcome> {
    this.requireLeadership();
    if (this.options.readLeases && this.holdsLease() && this.applied >= this.inherited) {
      return Promise.resolve(this.machine.read(query));
    }
    return new Promise((resolve, reject) => {
      const index = Math.max(this.applied, this.inherited);
      this.reads.add({ query, index, round: this.round + 1, resolve, reject });
      this.leaderAdvanced();
    });
  }

  /** PML 5.2: while it holds a lease no other node can have become leader. The clock is looked at for each read. */
  protected holdsLease(): boolean {
    return this.lease.holds(this.context.clock.monotonic());
  }

  private requireLeadership(): void {
    if (this.role !== 'leader') throw this.notLeader();
  }

  private notLeader(): Refusal {
    return new Refusal('not-leader', this.leader === null ? {} : { leader: this.leader });
  }

  protected override beginRound(): void {
    this.lease.roundBegan(this.round + 1, this.context.clock.monotonic());
    super.beginRound();
    this.decisions.tick();
  }

  protected override leaderAdvanced(): void {
    const confirmed = this.confirmedRound();
    this.lease.roundConfirmed(confirmed);
    if (this.reads.isEmpty) return;
    this.reads.answer(this.machine, confirmed, this.applied);
    if (confirmed === this.round && this.reads.needsRoundAfter(confirmed)) this.beginRound();
  }

  protected override proposed(slot: number, client: Client): void {
    this.proposals.set(slot, client);
  }

  protected override slotChosen(slot: number, delays: number): void {
    const client = this.proposals.get(slot);
    if (client !== undefined)
      this.decisions.add('classic', delays, this.context.clock.monotonic() - client.cameAt);
  }

  protected override turnedAway({ reject }: Client): void {
    reject(this.notLeader());
  }

  protected override slotApplied(slot: number, outcome: Outcome): void {
    this.proposals.get(slot)?.resolve(outcome);
    this.proposals.delete(slot);
  }

  protected override leadershipLost(): void {
    super.leadershipLost();
    this.lease.end();
    this.decisions.tell();
    for (const { reject } of this.proposals.values()) {
      reject(new Error('leadership was lost before the command was chosen; it may or may not be'));
    }
    this.proposals.clear();
    this.reads.rejectAll(this.notLeader());
  }
}

/** A class of Multi-Paxos nodes: the correct one, or a variant. */
export type PaxosNodeClass = new (context: NodeContext, storage: Storage) => PaxosNode;
