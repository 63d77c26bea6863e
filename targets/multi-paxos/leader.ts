/**
 * The distinguished proposer: phase 2, pipelined and in batches (PMS 3; PMMC 2 has the window). Commands that come
 * together are proposed together; a few batches may be on their way, and what comes meanwhile waits for the next.
 *
 * With each message goes how far all slots are chosen, and a round: when a majority has answered a round in the leader's
 * ballot, no later ballot had a majority when that round began.
 */
import type { NodeId } from '../../harness/node/program.ts';
import { REQUEST_DELAYS } from '../replicated-log/decisions.ts';
import { mayFollow } from '../replicated-log/pipeline.ts';
import type { Waiting } from '../replicated-log/requests.ts';
import type { Command } from '../replicated-log/state-machine.ts';
import { Candidate } from './candidate.ts';
import type { AcceptReply } from './messages.ts';

/**
 * A leader that no majority answers stops leading after so many of the longest election time-outs. Safety does not
 * rest on it, only availability: its clients are turned away sooner, and acceptors that hear it are free for others.
 */
const QUORUM_SILENCE = 3;

/** Whoever waits for the answer to a command. */
export interface Client extends Waiting {
  /** When the command reached this node, on the monotonic clock. */
  readonly cameAt: number;
}

/** Commands that are proposed together, in successive slots. */
interface Batch {
  readonly commands: readonly (Command | null)[];
  /** Message delays from their clients up to here. */
  readonly delays: number;
  /** Message delays up to the acceptances that have come. */
  acceptedAfter: number;
  /** Who has accepted them, durably. */
  readonly acceptedBy: Set<NodeId>;
  /** When they were last sent, on the monotonic clock. */
  sentAt: number;
}

/** What a leader knows of an acceptor. */
interface Peer {
  /** The latest round that it answered in this ballot. */
  round: number;
  heardAt: number;
}

/** What a message without commands says. */
const HEARTBEAT = { commands: [], delays: 0 };

/** Adds what leaders do. */
export abstract class Leader extends Candidate {
  /** Commands of clients that no slot was chosen for yet, and who waits for them. */
  private waiting: { readonly command: Command; readonly client: Client }[] = [];
  /** What is proposed and not yet known to be chosen, by its first slot, in the order of slots. */
  private batches = new Map<number, Batch>();
  private peers: ReadonlyMap<NodeId, Peer> = new Map();
  /** Acceptors that have promised a later ballot than this leader's. */
  private lost = new Set<NodeId>();
  private nextSlot = 1;
  private proposalPlanned = false;
  /** Commands wait until there are more. */
  private gathering = false;
  /** When the last batch was proposed, on the monotonic clock. */
  private proposedAt = 0;
  /** The last slot that may have been chosen before this node led. */
  protected inherited = 0;
  /** The last round of messages sent to all. Never reset, so that no answer counts for a later ballot. */
  protected round = 0;

  /** A command got its slot. */
  protected abstract proposed(slot: number, client: Client): void;

  /** This leader learned that its command is chosen in this slot, so many message delays from the client; it is applied next. */
  protected abstract slotChosen(slot: number, delays: number): void;

  /** A slot was chosen, or an acceptor answered. */
  protected abstract leaderAdvanced(): void;

  /** Whoever waits for a command that no slot was chosen for; it will have no effect. */
  protected abstract turnedAway(client: Client): void;

  protected override leadershipGained(open: ReadonlyMap<number, Command | null>): void {
    const now = this.context.clock.monotonic();
    this.peers = new Map(this.context.peers.map((peer) => [peer, { round: 0, heardAt: now }]));
    this.lost = new Set();
    this.batches = new Map();
    this.nextSlot = this.applied + 1;
    const commands = [...open.values()];
    for (let at = 0; at < commands.length; at += this.options.maxBatch) {
      this.propose(commands.slice(at, at + this.options.maxBatch), 0);
    }
    this.inherited = this.nextSlot - 1;
    this.beginRound();
    this.armHeartbeat(this.ballot);
  }

  protected override leadershipLost(): void {
    this.batches = new Map();
    for (const { client } of this.waiting) this.turnedAway(client);
    this.waiting = [];
  }

  /** Proposes a client's command as soon as there is room for it. */
  protected submit(command: Command, client: Client): void {
    this.waiting.push({ command, client });
    this.planProposal();
  }

  /** Proposes when this turn of the event loop is over, so that all that comes in it goes together. */
  private planProposal(): void {
    if (this.proposalPlanned) return;
    this.proposalPlanned = true;
    queueMicrotask(() => {
      this.proposalPlanned = false;
      while (this.role === 'leader' && this.mayPropose(this.context.clock.monotonic())) this.proposeWaiting();
      if (this.role === 'leader' && this.mayPropose(Infinity)) this.gather();
    });
  }

  /** Whether waiting commands may be proposed at this time. */
  private mayPropose(now: number): boolean {
    const pipeline = { inflight: this.batches.size, waiting: this.waiting.length, sentAt: this.proposedAt };
    return mayFollow(pipeline, this.options, now);
  }

  /** Lets commands gather for a while, and proposes them then. */
  private gather(): void {
    if (this.gathering) return;
    this.gathering = true;
    this.context.timers.after(this.options.gatherMs, () => {
      this.gathering = false;
      this.planProposal();
    });
  }

  private proposeWaiting(): void {
    const taken = this.waiting.splice(0, this.options.maxBatch);
    taken.forEach(({ client }, offset) => this.proposed(this.nextSlot + offset, client));
    this.propose(
      taken.map(({ command }) => command),
      REQUEST_DELAYS,
    );
  }

  /** Phase 2a. The own acceptor is asked at the same time as the others, and counts when its disk is done. */
  private propose(commands: readonly (Command | null)[], delays: number): void {
    const { ballot, nextSlot: from } = this;
    this.nextSlot += commands.length;
    this.proposedAt = this.context.clock.monotonic();
    const acceptedBy = new Set<NodeId>();
    const batch: Batch = { commands, delays, acceptedAfter: delays, acceptedBy, sentAt: this.proposedAt };
    this.batches.set(from, batch);
    const entries = commands.map((command) => ({ ballot, command }));
    this.storage.saveEntries(from, entries);
    this.context.failPoint('leader-proposed');
    this.storage.whenDurable(() => {
      this.context.failPoint('leader-synced');
      if (this.role === 'leader' && this.ballot === ballot) this.accepted(this.context.id, from, delays);
    });
    for (const peer of this.context.peers) this.sendAccept(peer, from, batch);
  }

  private sendAccept(
    to: NodeId,
    from: number,
    { commands, delays }: Pick<Batch, 'commands' | 'delays'>,
  ): void {
    const { ballot, round, applied: chosen } = this;
    this.send(to, { type: 'accept', ballot, from, commands, chosen, round, delays: delays + 1 });
  }

  protected onAcceptReply(from: NodeId, { ballot, from: slot, count, round, delays }: AcceptReply): void {
    const peer = this.peers.get(from);
    if (this.role !== 'leader' || ballot !== this.ballot || peer === undefined) return;
    peer.round = Math.max(peer.round, round);
    peer.heardAt = this.context.clock.monotonic();
    if (count > 0) this.accepted(from, slot, delays);
    else this.leaderAdvanced();
  }

  /** An acceptor has the batch that begins there. What a majority has is chosen (PMS 2.2), and applied if all before it is. */
  private accepted(by: NodeId, from: number, delays: number): void {
    const batch = this.batches.get(from);
    if (batch !== undefined) {
      batch.acceptedBy.add(by);
      batch.acceptedAfter = Math.max(batch.acceptedAfter, delays);
    }
    for (const [first, { commands, acceptedBy, acceptedAfter }] of this.batches) {
      if (!this.configuration.hasQuorum(acceptedBy) || !this.mayApply(first)) continue;
      this.batches.delete(first);
      for (const command of commands) {
        this.slotChosen(this.applied + 1, acceptedAfter);
        this.apply(command);
      }
      this.context.failPoint('leader-chose');
    }
    if (this.waiting.length > 0) this.planProposal();
    this.leaderAdvanced();
  }

  /** PMS 3: commands are executed in the order of slots, so one that is chosen waits for those before it. */
  protected mayApply(slot: number): boolean {
    return slot === this.applied + 1;
  }

  /** A message to everyone: a heartbeat, and the question whether this node still leads. */
  protected beginRound(): void {
    this.round += 1;
    for (const peer of this.context.peers) this.sendAccept(peer, this.nextSlot, HEARTBEAT);
    this.leaderAdvanced();
  }

  /** The last round that a majority answered. */
  protected confirmedRound(): number {
    const { id } = this.context;
    return this.configuration.reachedByQuorum((voter) =>
      voter === id ? this.round : (this.peers.get(voter)?.round ?? 0),
    );
  }

  private armHeartbeat(ballot: number): void {
    this.context.timers.after(this.options.heartbeatMs, () => {
      if (this.role !== 'leader' || this.ballot !== ballot) return;
      this.tick();
      this.armHeartbeat(ballot);
    });
  }

  private tick(): void {
    const now = this.context.clock.monotonic();
    if (!this.hearsQuorum(now)) {
      this.context.log.warn('quorum-lost', { ballot: this.ballots.text(this.ballot) });
      this.follow(null);
      return;
    }
    if (this.lost.size > 0) {
      // A candidate that failed has taken acceptors with it; they come back in a ballot later than its own.
      this.stand();
      return;
    }
    for (const [from, batch] of this.batches) this.sendAgain(from, batch, now);
    this.beginRound();
  }

  /** Whether a majority answered not too long ago. */
  protected hearsQuorum(now: number): boolean {
    const since = now - QUORUM_SILENCE * this.options.electionTimeoutMs[1];
    const heard = [...this.peers].filter(([, { heardAt }]) => heardAt >= since).map(([peer]) => peer);
    return this.configuration.hasQuorum(new Set([this.context.id, ...heard]));
  }

  private sendAgain(from: number, batch: Batch, now: number): void {
    if (now - batch.sentAt < this.options.heartbeatMs) return;
    batch.sentAt = now;
    for (const peer of this.context.peers) {
      if (!batch.acceptedBy.has(peer)) this.sendAccept(peer, from, batch);
    }
  }

  /** Leads on without the few that have promised a later ballot, and gives way if they leave no majority. */
  protected override deposedBy(acceptor: NodeId): void {
    this.lost.add(acceptor);
    const others = this.configuration.voters.filter((voter) => !this.lost.has(voter));
    if (!this.configuration.hasQuorum(new Set(others))) this.follow(null);
  }
}
