/**
 * The coordinator (section 3.1 of "Fast Paxos"): elected by time-outs, it does phase 1 for all slots at once (section 2.4.2), has
 * decided what it found begun, and then lets the acceptors go by themselves in a fast round ("any") while there are enough of them
 * for a fast quorum (section 3.4.1). It watches the votes and recovers slots in which no value can get one.
 *
 * Coordinated recovery (section 3.2) takes two message delays: the votes that it has of round i stand for promises to round i + 1, which
 * is classic, so phase 2 can begin at once. Where it has too few votes for that it suggests the value to those who did
 * not vote; and if all that does not help it begins a new ballot with a phase 1 of its own.
 */
import type { NodeId } from '../../harness/node/program.ts';
import { NO_BALLOT, type Ballot } from '../replicated-log/ballots.ts';
import { mayFollow } from '../replicated-log/pipeline.ts';
import { Acceptor, delaysOf } from './acceptor.ts';
import type { Entry } from './entry.ts';
import { votesIn, type OpenSlot } from './learner.ts';
import type { Accepted, Heard, PromiseReply, Reject } from './messages.ts';
import { highestRound, isCollision, tally } from './quorums.ts';
import { CLASSIC_STEP, FAST_STEP, FOUND_STEP, type Kind, type Round, type Vote } from './votes.ts';

/** Slots that are not chosen after so many recovery times need a new ballot. */
const STUCK_FACTOR = 5;
/** An acceptor that has not answered for so many heartbeats is not counted on for a fast quorum. */
const SILENT_HEARTBEATS = 4;
/** Collisions are counted over so many slots: enough for the share to be no chance, few enough to be over soon where it is high. */
const COUNTED_SLOTS = 64;
/** From the proposal to the votes for it. */
const PHASE_DELAYS = 2;
/** Proposals in one message. */
const RESENT_MAX = 128;

/** What this node is doing as a coordinator, if it is one or would be. */
interface Candidacy {
  readonly ballot: Ballot;
  /** Phase 1: what each acceptor reported. */
  readonly promises: Map<NodeId, PromiseReply>;
  /** Phase 1 is over. */
  leads: boolean;
  /** The next slot of this ballot that is given to a command in a classic round. */
  next: number;
  /** The first slot of the fast round, once it has begun; classic rounds end before it. */
  fastFrom: number | null;
  /** Since when a fast quorum has been heard without a break, on the monotonic clock. */
  quorumSince: number | null;
}

/** A client's entry that has no slot yet. */
type Unassigned = Pick<Vote, 'entry' | 'delays'>;

/** A proposal that is not chosen yet. */
interface Proposal {
  readonly vote: Vote;
  sentAt: number;
}

/** Adds the coordinator. */
export abstract class Coordinator extends Acceptor {
  protected candidacy: Candidacy | null = null;
  /** The latest phase 2a of each slot. */
  readonly #proposals = new Map<number, Proposal>();
  /** What waits for a slot in a classic round, by the entry's id. */
  readonly #unassigned = new Map<string, Unassigned>();
  /** Slots of the classic round that the others have not been told to be chosen. */
  #unannounced: number[] = [];
  #assignmentPlanned = false;
  /** Entries wait until there are more. */
  #gathering = false;
  /** When slots were last assigned, on the monotonic clock. */
  #assignedAt = 0;
  /** When each acceptor was last heard, on the monotonic clock. */
  readonly #heardAt = new Map<NodeId, number>();
  /** Collisions and slots are counted from here on. */
  #counted = { collisions: 0, applied: 0 };
  /** No fast round before this time on the monotonic clock: the last one was all collisions. */
  #restUntil = -Infinity;
  /** The highest ballot that was heard of. */
  #highest: Ballot = NO_BALLOT;

  /** True while this node coordinates and gives commands their slots itself. */
  protected get assigns(): boolean {
    return this.candidacy?.leads === true && this.candidacy.fastFrom === null;
  }

  /** Stands for coordinator. A candidate that was not turned down, only not heard, asks again with the same ballot. */
  protected stand(): void {
    if (this.candidacy === null) this.#beginBallot();
  }

  /** Phase 1a. The own promise is the stable record that this ballot was used, so all wait for it. */
  #beginBallot(): void {
    const ballot = this.ballots.next(Math.max(this.#highest, this.storage.promised), this.context.id);
    this.promise(ballot);
    this.candidacy = {
      ballot,
      promises: new Map(),
      leads: false,
      next: 0,
      fastFrom: null,
      quorumSince: null,
    };
    this.storage.whenDurable(() => this.sendToAll({ type: 'prepare', ballot }));
  }

  protected override ballotRaised(): void {
    super.ballotRaised();
    if (this.candidacy?.leads === true)
      this.context.log.info('deposed', { term: this.ballots.text(this.candidacy.ballot) });
    this.candidacy = null;
    this.#proposals.clear();
    this.#unassigned.clear();
  }

  protected onReject({ ballot, promised }: Reject): void {
    this.#highest = Math.max(this.#highest, promised);
    if (this.candidacy?.ballot !== ballot) return;
    this.ballotRaised();
    this.electionTimer.reset();
  }

  protected onPromise(from: NodeId, reply: PromiseReply): void {
    const { candidacy } = this;
    this.heardOf(from, reply.applied);
    if (candidacy?.ballot !== reply.ballot || candidacy.leads) return;
    candidacy.promises.set(from, reply);
    if (candidacy.promises.size >= this.quorums.classic) this.#lead(candidacy);
  }

  /** Phase 1 is over: proposes what may have been chosen, in every slot that anybody voted in, and no-ops in the gaps. */
  #lead(candidacy: Candidacy): void {
    const replies = [...candidacy.promises.values()];
    const base = Math.max(this.applied, ...replies.map(({ applied }) => applied));
    const votes = replies.flatMap((reply) => reply.votes.filter(({ slot }) => slot > base));
    const last = Math.max(base, ...votes.map(({ slot }) => slot));
    const bySlot = Map.groupBy(votes, ({ slot }) => slot);
    candidacy.leads = true;
    candidacy.next = last + 1;
    this.coordinator = this.context.id;
    this.context.log.info('became-leader', { term: this.ballots.text(candidacy.ballot), base, last });
    const round = { ballot: candidacy.ballot, step: FOUND_STEP, fast: false };
    for (let slot = base + 1; slot <= last; slot++) {
      const reported = bySlot.get(slot) ?? [];
      const entry = this.valueToRecover(reported, replies.length);
      // With its promise an acceptor's vote has come as far as it would have come to a learner.
      this.#propose([{ slot, round, entry, delays: delaysOf(entry, reported) }]);
    }
    this.#heartbeat(candidacy);
    for (const { entry, delays } of this.pending.values()) this.assign(entry, delays);
  }

  /** Phase 2a of a classic round, for a client's command: with others that come at the same time, or while some are on their way. */
  protected assign(entry: Entry, delays: number): void {
    if (!this.assigns || this.#isProposed(entry)) return;
    this.#unassigned.set(entry.id, { entry, delays });
    this.#planAssignment();
  }

  #planAssignment(): void {
    if (this.#assignmentPlanned || this.#unassigned.size === 0) return;
    this.#assignmentPlanned = true;
    queueMicrotask(() => {
      this.#assignmentPlanned = false;
      // In a fast round acceptors vote for all that waits.
      if (!this.assigns) this.#unassigned.clear();
      while (this.#mayAssign(this.now())) this.#assignSome();
      if (this.#mayAssign(Infinity)) this.#gather();
    });
  }

  #mayAssign(now: number): boolean {
    const inflight = this.#proposals.size === 0 ? 0 : 1;
    const pipeline = { inflight, waiting: this.#unassigned.size, sentAt: this.#assignedAt };
    return mayFollow(pipeline, { ...this.options, maxInflight: Infinity }, now);
  }

  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    this.context.timers.after(this.options.gatherMs, () => {
      this.#gathering = false;
      this.#planAssignment();
    });
  }

  #assignSome(): void {
    const { candidacy } = this;
    if (candidacy === null) return;
    this.#assignedAt = this.now();
    const round = { ballot: candidacy.ballot, step: CLASSIC_STEP, fast: false };
    const some = [...this.#unassigned.values()].slice(0, this.options.maxBatch);
    for (const { entry } of some) this.#unassigned.delete(entry.id);
    this.#propose(some.map((own, offset) => ({ ...own, slot: candidacy.next + offset, round })));
    candidacy.next += some.length;
  }

  #isProposed({ id }: Entry): boolean {
    return [...this.#proposals.values()].some(({ vote }) => vote.entry.id === id);
  }

  #propose(proposals: readonly Vote[]): void {
    for (const vote of proposals) this.#proposals.set(vote.slot, { vote, sentAt: this.now() });
    this.sendToAll({ type: 'accept', proposals });
  }

  /** Phase 2b of a classic round: for what was proposed in these slots, and this node knows what that was. */
  protected onAccepted(from: NodeId, { ballot, slots }: Accepted): void {
    if (this.candidacy?.ballot !== ballot) return;
    for (const slot of slots) {
      const vote = this.#proposals.get(slot)?.vote;
      if (vote?.round.step === CLASSIC_STEP)
        this.count(from, { ...vote, delays: vote.delays + PHASE_DELAYS });
    }
  }

  protected override slotChosen(slot: number, entry: Entry, kind: Kind | undefined): void {
    const round = this.#proposals.get(slot)?.vote.round;
    if (round?.step === CLASSIC_STEP) this.#announce(slot, round.ballot);
    this.#proposals.delete(slot);
    super.slotChosen(slot, entry, kind);
    this.#planAssignment();
  }

  /** Tells the other nodes what is chosen in a classic round, of which the votes come here alone; all of one turn together. */
  #announce(slot: number, ballot: Ballot): void {
    this.#unannounced.push(slot);
    if (this.#unannounced.length > 1) return;
    queueMicrotask(() => {
      const slots = this.#unannounced;
      this.#unannounced = [];
      for (const peer of this.context.peers) this.send(peer, { type: 'chosen', ballot, slots });
    });
  }

  protected override slotsCovered(last: number): void {
    super.slotsCovered(last);
    for (const slot of this.#proposals.keys()) if (slot <= last) this.#proposals.delete(slot);
  }

  /** Recovers from a collision as soon as it is certain. In uncoordinated recovery the first try is the acceptors'. */
  protected override slotContested(open: OpenSlot, round: Round): void {
    super.slotContested(open, round);
    const isTheirs = this.options.uncoordinated && round.step === FAST_STEP;
    if (!isTheirs && this.#mayRecover(round) && isCollision(votesIn(open, round), this.quorums))
      this.#recover(open, round);
  }

  /** Only rounds of the own ballot are followed by one of its own without another between them. */
  #mayRecover({ ballot, fast }: Round): boolean {
    return fast && this.candidacy?.leads === true && this.candidacy.ballot === ballot;
  }

  /** Coordinated recovery, with the votes that there are. Once for each round: its outcome might differ the next time. */
  #recover(open: OpenSlot, round: Round): void {
    const step = round.step + 1;
    if ((this.#proposals.get(open.slot)?.vote.round.step ?? 0) >= step) return;
    const votes = votesIn(open, round);
    const entry = this.valueToRecover(votes, votes.length);
    this.collisions += 1;
    this.context.log.debug('collision', {
      slot: open.slot,
      votes: tally(votes).map((own) => own.votes.length),
    });
    const delays = delaysOf(entry, votes);
    this.#propose([{ slot: open.slot, round: { ballot: round.ballot, step, fast: false }, entry, delays }]);
  }

  protected onHeard(from: NodeId, { applied }: Heard): void {
    this.#heardAt.set(from, this.now());
    this.heardOf(from, applied);
  }

  /** A heartbeat's time has passed. */
  protected tick(): void {
    const { candidacy } = this;
    if (candidacy === null) return;
    if (!candidacy.leads) {
      const unheard = this.nodes.filter((node) => !candidacy.promises.has(node));
      for (const node of unheard)
        this.storage.whenDurable(() => this.send(node, { type: 'prepare', ballot: candidacy.ballot }));
      return;
    }
    if (this.#mustLeaveFastRound(candidacy) || this.#isStuck(candidacy)) {
      this.#beginBallot();
      return;
    }
    this.#heartbeat(candidacy);
    this.#resend();
    for (const open of this.open.values()) if (this.#isOverdue(open, 1)) this.#help(open);
  }

  #heartbeat(candidacy: Candidacy): void {
    const { ballot, fastFrom } = candidacy;
    this.sendToAll({ type: 'heartbeat', ballot, fastFrom, applied: this.applied });
  }

  /** Looks who is there. With a fast quorum for long enough the fast round begins, where classic ones have proposed nothing. */
  #mustLeaveFastRound(candidacy: Candidacy): boolean {
    const since = this.now() - SILENT_HEARTBEATS * this.options.heartbeatMs;
    const heard = this.nodes.filter((node) => (this.#heardAt.get(node) ?? -Infinity) >= since);
    if (heard.length < this.quorums.fast) {
      candidacy.quorumSince = null;
      return candidacy.fastFrom !== null;
    }
    candidacy.quorumSince ??= this.now();
    if (candidacy.fastFrom !== null) return this.#collidesTooOften();
    const isSteady = this.now() - candidacy.quorumSince >= this.options.fastAfterMs;
    if (this.options.fastRounds && isSteady && this.now() >= this.#restUntil) {
      candidacy.fastFrom = candidacy.next;
      this.#countAnew();
    }
    return false;
  }

  /**
   * Where requests overtake one another all the time, those that lost one slot collide in the next, and so on: classic rounds
   * are faster then (section 3.4.3). After a rest it may be otherwise.
   */
  #collidesTooOften(): boolean {
    const slots = this.applied - this.#counted.applied;
    if (slots < COUNTED_SLOTS) return false;
    const tooOften = this.collisions - this.#counted.collisions > this.options.collisionsMax * slots;
    if (tooOften) this.#restUntil = this.now() + this.options.restMs;
    this.#countAnew();
    return tooOften;
  }

  #countAnew(): void {
    this.#counted = { collisions: this.collisions, applied: this.applied };
  }

  #isOverdue({ since }: OpenSlot, factor: number): boolean {
    return this.now() - since > factor * this.options.recoveryMs;
  }

  /** A slot of the fast round that resists all help. Those of classic rounds only need acceptors. */
  #isStuck({ fastFrom }: Candidacy): boolean {
    if (fastFrom === null) return false;
    const first = this.open.get(this.applied + 1);
    return first !== undefined && first.slot >= fastFrom && this.#isOverdue(first, STUCK_FACTOR);
  }

  #resend(): void {
    const due = [...this.#proposals.values()].filter(
      ({ sentAt }) => this.now() - sentAt > this.options.resendMs,
    );
    const proposals = due.slice(0, RESENT_MAX);
    for (const proposal of proposals) proposal.sentAt = this.now();
    if (proposals.length > 0)
      this.sendToAll({ type: 'accept', proposals: proposals.map(({ vote }) => vote) });
  }

  /** A slot of the fast round that takes too long: with enough votes it is recovered, else others are asked to vote alike. */
  #help(open: OpenSlot): void {
    const votes = highestRound([...open.votes.values()]);
    const round = votes[0]?.round;
    const most = tally(votes)[0];
    if (round === undefined || most === undefined || !this.#mayRecover(round)) return;
    if (votes.length >= this.quorums.classic && !(this.options.uncoordinated && round.step === FAST_STEP)) {
      this.#recover(open, round);
      return;
    }
    const [vote] = most.votes;
    if (vote === undefined || round.step !== FAST_STEP) return;
    for (const node of this.nodes) if (!open.votes.has(node)) this.send(node, { type: 'suggest', vote });
  }
}
