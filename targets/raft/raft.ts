/**
 * A whole Raft node: what clients may ask of it (chapter 6), leadership transfer on request (section 3.10),
 * and the one place where messages come in.
 */
import type { Json } from '../../harness/json.ts';
import { Refusal, type NodeContext, type NodeId, type RequestHandler } from '../../harness/node/program.ts';
import { storeHandlers, type Waiting } from '../replicated-log/requests.ts';
import type { Command, Outcome } from '../replicated-log/state-machine.ts';
import { isMessage, type Message } from './messages.ts';
import { Reads } from './reads.ts';
import type { Storage } from './storage.ts';

/** Leadership on its way to a successor. */
interface Transfer extends Waiting {
  readonly to: NodeId;
  /** When to give up, on the monotonic clock. */
  readonly deadline: number;
  asked: boolean;
}

/** A Raft node. Broken variants extend it. */
export class RaftNode extends Reads {
  /** Commands in the log that are not yet applied, by index. */
  private readonly proposals = new Map<number, Waiting>();
  private transfer: Transfer | null = null;
  /** The last term in which a successor was asked to stand. */
  private lastTransfer = 0;

  /** Begins to take part. */
  start(): void {
    const { term, log, storage, applied } = this;
    this.context.log.info('recovered', {
      term,
      lastIndex: log.lastIndex,
      snapshotIndex: applied.index,
      tornBytes: storage.tornBytes,
    });
    this.context.network.receive((from, message) => this.receive(from, message));
    this.context.clients.serve(this.clientHandlers());
    this.startElectionTimer();
  }

  /** What clients may ask: of the store that the log is for, and of Raft itself. */
  protected clientHandlers(): Readonly<Record<string, RequestHandler>> {
    return {
      ...storeHandlers({
        propose: (command) => this.propose(command),
        read: (query) => this.read(query),
      }),
      transfer: ({ to }) => this.transferLeadership(to),
      members: (body) => this.changeMembers(body),
    };
  }

  private receive(from: NodeId, message: Json): void {
    if (!isMessage(message) || !this.context.peers.includes(from)) {
      this.context.log.warn('message-dropped', { from });
      return;
    }
    if (message.type === 'vote-request' && this.isDisruptive(message)) return;
    if (message.term > this.term && !isHypothetical(message)) this.becomeFollower(message.term, null);
    this.dispatch(from, message);
  }

  private dispatch(from: NodeId, message: Message): void {
    switch (message.type) {
      case 'vote-request':
        this.onVoteRequest(from, message);
        break;
      case 'vote-reply':
        this.onVoteReply(from, message);
        break;
      case 'append-request':
        this.onAppendRequest(from, message);
        break;
      case 'append-reply':
        this.onAppendReply(from, message);
        break;
      case 'append-reject':
        this.onAppendReject(from, message);
        break;
      case 'snapshot-chunk':
        this.onSnapshotChunk(from, message);
        break;
      case 'snapshot-reply':
        this.onSnapshotReply(from, message);
        break;
      case 'timeout-now':
        this.onTimeoutNow(message);
        break;
    }
  }

  /** Puts a command in the log; the answer comes when it is committed and applied (section 6.3). */
  protected propose(command: Command): Promise<Outcome> {
    this.requireLeadership();
    if (this.transfer !== null)
      throw new Refusal('leadership is being handed over', { leader: this.transfer.to });
    const index = this.append({ command });
    return new Promise((resolve, reject) => this.proposals.set(index, { resolve, reject }));
  }

  protected override requireLeadership(): void {
    if (this.role !== 'leader') throw this.notLeader();
  }

  protected override notLeader(): Refusal {
    return new Refusal('not-leader', this.leader === null ? {} : { leader: this.leader });
  }

  protected override entryApplied(index: number, outcome: Outcome): void {
    this.proposals.get(index)?.resolve(outcome);
    this.proposals.delete(index);
  }

  protected override leaderAdvanced(): void {
    super.leaderAdvanced();
    this.askSuccessor();
  }

  protected override leadershipLost(): void {
    super.leadershipLost();
    for (const { reject } of this.proposals.values()) {
      reject(new Error('leadership was lost before the command was committed; it may or may not be'));
    }
    this.proposals.clear();
    if (this.transfer?.asked === true) this.transfer.resolve({ ok: true, value: this.transfer.to });
    else this.transfer?.reject(new Error('leadership was lost before the successor was asked'));
    this.transfer = null;
  }

  /**
   * Hands leadership over (section 3.10): takes no more commands, brings the successor's log up to date, and
   * tells it to stand at once. Done when this server no longer leads; given up after the longest election time-out.
   */
  private transferLeadership(to: Json | undefined): Promise<Outcome> {
    this.requireLeadership();
    const others = this.log.members.voters.filter((voter) => voter !== this.context.id);
    const successor = others.find((peer) => peer === to);
    if (successor === undefined) throw new Refusal(`"to" must be one of ${others.join(', ')}`);
    if (this.transfer !== null) throw new Refusal(`leadership is on its way to ${this.transfer.to}`);
    const deadline = this.context.clock.monotonic() + this.options.electionTimeoutMs[1];
    return new Promise((resolve, reject) => {
      this.transfer = { to: successor, deadline, asked: false, resolve, reject };
      this.askSuccessor();
    });
  }

  private askSuccessor(): void {
    if (this.transfer === null || this.transfer.asked) return;
    const { to } = this.transfer;
    if (this.progress.get(to)?.match !== this.log.lastIndex) return;
    this.transfer.asked = true;
    this.lastTransfer = this.term;
    this.context.log.info('transfer', { to, term: this.term });
    this.send(to, { type: 'timeout-now', term: this.term });
  }

  protected override get gaveUpLease(): boolean {
    return this.lastTransfer === this.term;
  }

  protected override leaderTicked(): void {
    super.leaderTicked();
    if (this.transfer === null || this.context.clock.monotonic() < this.transfer.deadline) return;
    this.transfer.reject(new Error(`${this.transfer.to} did not take over in time`));
    this.transfer = null;
  }
}

/** A pre-vote's term is that of an election which may never be; nobody enters it on hearing of it (section 9.6). */
function isHypothetical(message: Message): boolean {
  return (
    (message.type === 'vote-request' && message.preVote) ||
    (message.type === 'vote-reply' && message.preVote && message.granted)
  );
}

/** A class of Raft nodes: the correct one, or a variant. */
export type RaftNodeClass = new (context: NodeContext, storage: Storage) => RaftNode;
