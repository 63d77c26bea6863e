/**
 * The acceptor (section 3.1 of "Fast Paxos"). In a classic round it votes for what the coordinator proposes. In a fast round
 * the coordinator has said "any": it votes for what clients send, each entry in the next slot that is free, and so saves
 * the message from client to coordinator. It votes once in a round of a slot, and only in rounds not below its promise.
 *
 * Votes and promises are durable before anybody is told of them.
 */
import type { NodeContext, NodeId } from '../../harness/node/program.ts';
import type { Ballot } from '../replicated-log/ballots.ts';
import { ElectionTimer } from '../replicated-log/election-timer.ts';
import type { Entry } from './entry.ts';
import { Learner, votesIn, type OpenSlot } from './learner.ts';
import type { Accept, Chosen, Heartbeat, Prepare, Suggest } from './messages.ts';
import { isCollision, tally } from './quorums.ts';
import type { Storage } from './storage.ts';
import {
  CLASSIC_STEP,
  compareRounds,
  FAST_STEP,
  sameEntry,
  type Kind,
  type Round,
  type Vote,
} from './votes.ts';

/** Old votes that are told again in answer to one heartbeat. */
const RETOLD_MAX = 64;

/** A client's entry that is not applied yet, as this node knows it. */
export interface Pending {
  readonly entry: Entry;
  /** Message delays from the client up to here. */
  delays: number;
}

/** Leave to vote in the fast round of a ballot. */
interface Any {
  readonly ballot: Ballot;
  /** The first slot for which it holds. */
  readonly from: number;
}

/** Message delays from the entry's client until these votes had come; those for other entries are counted from other clients. */
export function delaysOf(entry: Entry, votes: readonly Vote[]): number {
  const own = votes.filter((vote) => sameEntry(vote.entry, entry));
  return Math.max(0, ...own.map(({ delays }) => delays));
}

/** Adds the acceptor. */
export abstract class Acceptor extends Learner {
  /** Entries that clients wait for, by id. */
  protected readonly pending = new Map<string, Pending>();
  /** Who coordinates the highest ballot that was heard of, as far as is known. */
  protected coordinator: NodeId | null = null;
  protected any: Any | null = null;
  /** Slots in which votes collided and this node recovered. */
  protected collisions = 0;
  protected readonly electionTimer: ElectionTimer;
  /** First votes in open slots, by slot and by the entry's id: not those that recover. A later ballot makes them void. */
  readonly #firstVotes = new Map<number, Vote>();
  readonly #voteFor = new Map<string, Vote>();
  /** No slot before this one is free. */
  #free = 0;
  /** Durable votes of this turn, to be told together. */
  #untold: Vote[] = [];

  constructor(context: NodeContext, storage: Storage) {
    super(context, storage);
    this.electionTimer = new ElectionTimer(context, this.options.electionTimeoutMs);
  }

  /** A ballot above all before was heard of: who coordinated is deposed. */
  protected ballotRaised(): void {
    this.any = null;
    this.coordinator = null;
    this.machine.report();
  }

  /** Takes part in nothing below this ballot any more. */
  protected promise(ballot: Ballot): void {
    if (ballot <= this.storage.promised) return;
    this.storage.promise(ballot);
    this.ballotRaised();
  }

  /** Turns down what comes from a ballot below the promise; answers true if it did. */
  #rejects(from: NodeId, ballot: Ballot): boolean {
    const { promised } = this.storage;
    if (ballot >= promised) return false;
    this.send(from, { type: 'reject', ballot, promised });
    return true;
  }

  /** Phase 1b. */
  protected onPrepare(from: NodeId, { ballot }: Prepare): void {
    if (this.#rejects(from, ballot)) return;
    this.promise(ballot);
    this.electionTimer.reset();
    const { applied, storage } = this;
    const { votes } = storage;
    storage.whenDurable(() => this.send(from, { type: 'promise', ballot, applied, votes }));
  }

  protected onHeartbeat(from: NodeId, { ballot, fastFrom, applied }: Heartbeat): void {
    if (this.#rejects(from, ballot)) return;
    this.promise(ballot);
    this.electionTimer.reset();
    this.coordinator = from;
    this.send(from, { type: 'heard', ballot, applied: this.applied });
    this.heardOf(from, applied);
    if (fastFrom !== null && this.any?.ballot !== ballot) this.#allowAny({ ballot, from: fastFrom });
    const isOld = ({ slot }: Vote): boolean => this.now() - this.openAt(slot).since > this.options.resendMs;
    const votes = this.storage.votes.filter((vote) => !this.isChosen(vote.slot) && isOld(vote));
    if (votes.length > 0)
      this.storage.whenDurable(() => this.send(from, { type: 'voted', votes: votes.slice(0, RETOLD_MAX) }));
  }

  /** Phase 2a of a fast round: what waits already is voted for at once. */
  #allowAny(any: Any): void {
    this.any = any;
    this.#free = any.from;
    this.context.log.info('fast-round', { ballot: any.ballot, from: any.from });
    // In the same order everywhere, or votes would collide.
    const waiting = [...this.pending.values()].sort((a, b) => (a.entry.id < b.entry.id ? -1 : 1));
    for (const pending of waiting) this.voteFast(pending);
  }

  /** Phase 2b of a classic round, or of one that recovers. */
  protected onAccept(from: NodeId, { proposals }: Accept): void {
    for (const { slot, round, entry, delays } of proposals) {
      if (this.#rejects(from, round.ballot)) return;
      if (this.isChosen(slot)) {
        const chosen = this.storage.chosenAt(slot);
        // What is compacted away the coordinator gets with a snapshot, when it has heard how far this node is.
        if (chosen !== undefined) this.send(from, { type: 'decided', from: slot, entries: [chosen] });
        continue;
      }
      const own = this.storage.voteAt(slot);
      const order = own === undefined ? 1 : compareRounds(round, own.round);
      if (order === 0 && own !== undefined) this.#tell(own);
      if (order > 0) this.vote({ slot, round, entry, delays: delays + 2 });
    }
  }

  /** What this acceptor voted for in the classic round is chosen. Where it has not, it asks when it hears that it is behind. */
  protected onChosen({ ballot, slots }: Chosen): void {
    for (const slot of slots) {
      const vote = this.storage.voteAt(slot);
      if (vote?.round.ballot === ballot && vote.round.step === CLASSIC_STEP) this.choose(slot, vote.entry);
    }
  }

  /** Votes for the entry in the next free slot of the fast round, if there is one and it has not. */
  protected voteFast({ entry, delays }: Pending): void {
    const { any } = this;
    if (any === null || any.ballot !== this.storage.promised || this.#hasVoted(entry, any)) return;
    while (!this.#isFree(this.#free, any)) this.#free += 1;
    const round = { ballot: any.ballot, step: FAST_STEP, fast: true };
    this.vote({ slot: this.#free, round, entry, delays: delays + 1 });
  }

  #hasVoted({ id }: Entry, { ballot }: Any): boolean {
    return this.#voteFor.get(id)?.round.ballot === ballot;
  }

  /** One vote in a round, and none where it could have no effect. */
  #isFree(slot: number, { ballot, from }: Any): boolean {
    return slot >= from && !this.isChosen(slot) && this.storage.voteAt(slot)?.round.ballot !== ballot;
  }

  protected onSuggest({ vote }: Suggest): void {
    this.#voteAlike(vote);
  }

  /**
   * In a fast round any value will do, so it may well be the one that others have voted for. That brings a request that went
   * astray, and it keeps acceptors in step: who got "any" a little sooner and is a slot ahead would stay so for ever, with
   * votes that never meet the others'.
   */
  #voteAlike({ slot, round, entry, delays }: Vote): void {
    const { any } = this;
    if (any === null || any.ballot !== this.storage.promised || round.step !== FAST_STEP) return;
    if (any.ballot !== round.ballot || !this.#isFree(slot, any) || this.#hasVoted(entry, any)) return;
    this.vote({ slot, round, entry, delays: delays + 1 });
  }

  /** Phase 2b. */
  protected vote(vote: Vote): void {
    if (vote.round.ballot > this.storage.promised) this.ballotRaised();
    this.storage.vote(vote);
    if (vote.round.step <= FAST_STEP) {
      this.#firstVotes.set(vote.slot, vote);
      this.#voteFor.set(vote.entry.id, vote);
    }
    this.#tell(vote);
  }

  /** Tells learners once it is durable, along with what else became durable in the same turn. */
  #tell(vote: Vote): void {
    this.storage.whenDurable(() => {
      this.#untold.push(vote);
      if (this.#untold.length === 1) queueMicrotask(() => this.#tellNow());
    });
  }

  /**
   * All learners, but of votes in a classic round only its coordinator: nobody else waits for what is chosen there, it tells the others
   * ("Paxos Made Simple", section 2.3), and it knows what the votes are for.
   */
  #tellNow(): void {
    const { classic = [], others = [] } = Object.groupBy(this.#untold, ({ round }) =>
      round.step === CLASSIC_STEP ? 'classic' : 'others',
    );
    this.#untold = [];
    if (others.length > 0) this.sendToAll({ type: 'voted', votes: others });
    for (const [ballot, votes] of Map.groupBy(classic, ({ round }) => round.ballot)) {
      const slots = votes.map(({ slot }) => slot);
      this.send(this.ballots.proposerOf(ballot), { type: 'accepted', ballot, slots });
    }
  }

  /** An entry that lost its slot gets another. */
  protected override slotChosen(slot: number, entry: Entry, kind: Kind | undefined): void {
    const vote = this.#firstVotes.get(slot);
    if (vote !== undefined) {
      this.#firstVotes.delete(slot);
      if (this.#voteFor.get(vote.entry.id) === vote) this.#voteFor.delete(vote.entry.id);
      if (!sameEntry(vote.entry, entry)) this.#lose(vote, kind);
    }
    this.#catchUp(entry);
  }

  protected override slotsCovered(last: number): void {
    for (const [slot, { entry }] of this.#firstVotes) {
      if (slot > last) continue;
      this.#firstVotes.delete(slot);
      this.#voteFor.delete(entry.id);
    }
  }

  /** Its own message delays go on from its vote, and not from what other clients' commands have taken. */
  #lose({ entry, delays }: Vote, kind: Kind | undefined): void {
    const pending = this.pending.get(entry.id);
    if (pending === undefined) return;
    // Coordinated recovery takes a proposal and the votes for it, the other only these.
    const recovery = this.options.uncoordinated ? 1 : 2;
    pending.delays = Math.max(pending.delays, kind === 'recovered' ? delays + recovery : delays);
    this.voteFast(pending);
  }

  /** Whoever voted for this entry in a later slot is ahead by that slot, which now is of no use to anybody: gets it over with. */
  #catchUp(entry: Entry): void {
    if (this.any === null) return;
    for (const { votes } of this.open.values()) {
      for (const vote of votes.values()) if (vote.entry.id === entry.id) this.#voteAlike(vote);
    }
  }

  /** Follows others where it has not voted, and recovers from a collision if that is an acceptor's business. */
  protected override slotContested(open: OpenSlot, round: Round): void {
    const [most] = tally(votesIn(open, round));
    const [vote] = most?.votes ?? [];
    if (vote !== undefined) this.#voteAlike(vote);
    this.#recoverAlone(open, round);
  }

  /**
   * Uncoordinated recovery (section 3.2): the votes of the fast round that collided stand for promises to the next, which is fast as
   * well, and each acceptor picks by itself what a coordinator would. If they saw different votes they may collide again.
   */
  #recoverAlone(open: OpenSlot, round: Round): void {
    if (!this.options.uncoordinated || !round.fast || round.step !== FAST_STEP) return;
    const own = this.storage.voteAt(open.slot);
    if (own === undefined || compareRounds(own.round, round) !== 0 || round.ballot !== this.storage.promised)
      return;
    const votes = votesIn(open, round);
    if (!isCollision(votes, this.quorums)) return;
    this.collisions += 1;
    this.context.log.debug('collision', { slot: open.slot });
    const entry = this.valueToRecover(votes, votes.length);
    const delays = delaysOf(entry, votes) + 1;
    this.vote({ slot: open.slot, round: { ...round, step: round.step + 1 }, entry, delays });
  }
}
