/**
 * The proposer (Paxos Made Simple, section 2.2). One of an instance works for all requests of this node's clients:
 *
 * 1. It picks a ballot above all that it has used or heard of, and asks all acceptors for their promise.
 * 2. When a majority has promised, it asks them to accept the value of the highest-numbered proposal that they reported
 *    (P2c); only if none reported any, the value of its own client. If it has no value of its own either, it only reads:
 *    no acceptor of this majority had accepted anything when the first of them answered, so nothing was chosen then.
 *
 * Messages are sent again until they are answered. Two proposers could outbid each other for ever (section 2.4); instead of
 * electing a distinguished one, who was outbid waits for a random time that doubles. A proposer may give up at any
 * time (end of section 2.2), and does when none of its clients waits any longer.
 */
import { equal, type Json } from '../../harness/json.ts';
import { Refusal, type NodeContext, type NodeId } from '../../harness/node/program.ts';
import { Ballots, NO_BALLOT, type Ballot } from '../replicated-log/ballots.ts';
import { Acceptor } from './acceptor.ts';
import type { Accepted, Message, PromiseReply, Proposal, Reject } from './messages.ts';
import { paxosOptions, type PaxosOptions } from './options.ts';
import type { Storage } from './storage.ts';

/** A client that waits. */
interface Request {
  /** What it proposes; undefined if it only reads. */
  readonly value: Json | undefined;
  /** On the monotonic clock. */
  readonly deadline: number;
  /** Its value has been sent to acceptors, so that it may be chosen. */
  offered: boolean;
  readonly resolve: (decision: Json) => void;
  readonly reject: (error: Error) => void;
}

/** What this node is doing about one instance. */
interface Endeavour {
  readonly instance: string;
  requests: Request[];
  /** Undefined before the first and after the last. */
  attempt: Attempt | undefined;
  /** The highest ballot that was heard of. */
  above: Ballot;
  /** How often it was outbid. */
  outbid: number;
}

/** One ballot's attempt at an instance. */
interface Attempt {
  readonly endeavour: Endeavour;
  readonly ballot: Ballot;
  /** Requests that were there when it began: only they may be answered by what it reads. */
  readonly requests: readonly Request[];
  /** Phase 1: what each acceptor that promised reported, in order of arrival. */
  readonly promises: Map<NodeId, Proposal | null>;
  /** Phase 2: who accepted `value`. */
  readonly acceptedBy: Set<NodeId>;
  /** Undefined in phase 1. */
  value: Json | undefined;
  /** Who has promised a higher ballot. */
  readonly rejectedBy: Set<NodeId>;
}

/** Adds the proposer. */
export abstract class Proposer extends Acceptor {
  protected readonly options: PaxosOptions;
  protected readonly ballots: Ballots;
  readonly #endeavours = new Map<string, Endeavour>();

  constructor(context: NodeContext, storage: Storage) {
    super(context, storage);
    this.options = paxosOptions(context.options);
    this.ballots = new Ballots(this.configuration.voters);
  }

  /** A majority has accepted this: it is chosen. */
  protected abstract learn(instance: string, proposal: Proposal): void;

  /** Proposes the value, or without one reads; answers the chosen value, null if there was none to be read. */
  protected request(instance: string, value?: Json): Promise<Json> {
    const deadline = this.context.clock.monotonic() + this.options.patienceMs;
    return new Promise((resolve, reject) => {
      let endeavour = this.#endeavours.get(instance);
      if (endeavour === undefined) {
        endeavour = { instance, requests: [], attempt: undefined, above: NO_BALLOT, outbid: 0 };
        this.#endeavours.set(instance, endeavour);
      }
      endeavour.requests.push({ value, deadline, offered: false, resolve, reject });
      if (endeavour.requests.length === 1) this.#begin(endeavour);
    });
  }

  /** The instance is decided: whoever waits for it is answered. */
  protected answer(instance: string, decision: Json): void {
    const endeavour = this.#endeavours.get(instance);
    if (endeavour === undefined) return;
    for (const { resolve } of endeavour.requests) resolve(decision);
    endeavour.requests = [];
    this.#end(endeavour);
  }

  #end(endeavour: Endeavour): void {
    endeavour.attempt = undefined;
    if (this.#endeavours.get(endeavour.instance) === endeavour) this.#endeavours.delete(endeavour.instance);
  }

  /** True as long as anybody waits for this; the others are told that it took too long. */
  #isWanted(endeavour: Endeavour): boolean {
    const now = this.context.clock.monotonic();
    for (const { deadline, offered, reject } of endeavour.requests) {
      if (deadline > now) continue;
      if (offered) reject(new Error('the value was offered to acceptors, but no majority answered in time'));
      else reject(new Refusal('no majority answered in time'));
    }
    endeavour.requests = endeavour.requests.filter(({ deadline }) => deadline > now);
    if (endeavour.requests.length === 0) this.#end(endeavour);
    return endeavour.requests.length > 0;
  }

  /** Phase 1a. The own promise is the stable record that this ballot was used (section 2.5), so all wait for it. */
  #begin(endeavour: Endeavour): void {
    if (!this.#isWanted(endeavour)) return;
    const { instance } = endeavour;
    const above = Math.max(endeavour.above, this.storage.at(instance).promised);
    const attempt: Attempt = {
      endeavour,
      ballot: this.ballots.next(above, this.context.id),
      requests: [...endeavour.requests],
      promises: new Map(),
      acceptedBy: new Set(),
      value: undefined,
      rejectedBy: new Set(),
    };
    endeavour.attempt = attempt;
    this.promise(instance, attempt.ballot);
    this.storage.whenDurable(() => this.#ask(attempt));
  }

  /** Asks all acceptors that have not answered yet, and again after a while. */
  #ask(attempt: Attempt): void {
    if (attempt.endeavour.attempt !== attempt || !this.#isWanted(attempt.endeavour)) return;
    this.#send(attempt);
    this.context.timers.after(this.options.resendMs, () => this.#ask(attempt));
  }

  #send({ endeavour: { instance }, ballot, value, promises, acceptedBy }: Attempt): void {
    const prepares = value === undefined;
    const message: Message = prepares
      ? { type: 'prepare', instance, ballot }
      : { type: 'accept', instance, ballot, value };
    const answered = prepares ? promises : acceptedBy;
    for (const node of this.configuration.voters) if (!answered.has(node)) this.send(node, message);
  }

  /** What is going on under this ballot, if it is. */
  #attemptOf(instance: string, ballot: Ballot): Attempt | undefined {
    const attempt = this.#endeavours.get(instance)?.attempt;
    return attempt !== undefined && attempt.ballot === ballot ? attempt : undefined;
  }

  protected onPromise(from: NodeId, { instance, ballot, accepted }: PromiseReply): void {
    const attempt = this.#attemptOf(instance, ballot);
    if (attempt === undefined || attempt.value !== undefined) return;
    attempt.promises.set(from, accepted);
    if (attempt.promises.size < this.configuration.majority) return;
    const own = attempt.endeavour.requests.find(({ value }) => value !== undefined)?.value;
    const reported = [...attempt.promises.values()].filter((proposal) => proposal !== null);
    const value = this.valueToPropose(reported, own);
    if (value === undefined) this.#readNothing(attempt);
    else this.#propose(attempt, value);
  }

  /** P2c: the value of the highest-numbered proposal that was reported; the own one only if there is none. */
  protected valueToPropose(reported: readonly Proposal[], own: Json | undefined): Json | undefined {
    const [highest] = reported.toSorted((a, b) => b.ballot - a.ballot);
    return highest === undefined ? own : highest.value;
  }

  /** A majority has accepted nothing: who read is answered. Who came meanwhile gets a ballot that begins after. */
  #readNothing({ endeavour, requests }: Attempt): void {
    for (const { resolve } of requests) resolve(null);
    endeavour.requests = endeavour.requests.filter((request) => !requests.includes(request));
    this.#begin(endeavour);
  }

  /** Phase 2a. */
  #propose(attempt: Attempt, value: Json): void {
    for (const request of attempt.endeavour.requests) {
      if (request.value !== undefined && equal(request.value, value)) request.offered = true;
    }
    attempt.value = value;
    this.#send(attempt);
  }

  protected onAccepted(from: NodeId, { instance, ballot }: Accepted): void {
    const attempt = this.#attemptOf(instance, ballot);
    if (attempt?.value === undefined) return;
    attempt.acceptedBy.add(from);
    if (attempt.acceptedBy.size < this.configuration.majority) return;
    const { value } = attempt;
    for (const peer of this.context.peers) this.send(peer, { type: 'chosen', instance, ballot, value });
    this.learn(instance, { ballot, value });
  }

  /**
   * Outbid. As long as a majority may still agree the attempt goes on, for the other one may be dead; when none can any more,
   * or after long enough, a higher ballot follows. The random pause before it gets longer each time, so that somebody gets through.
   */
  protected onReject(from: NodeId, { instance, ballot, promised }: Reject): void {
    const attempt = this.#attemptOf(instance, ballot);
    if (attempt === undefined || attempt.rejectedBy.has(from)) return;
    const { endeavour, rejectedBy } = attempt;
    const { stallMs, backOffMs } = this.options;
    endeavour.above = Math.max(endeavour.above, promised);
    rejectedBy.add(from);
    if (rejectedBy.size === 1) this.#beginAgain(attempt, stallMs);
    if (rejectedBy.size !== this.configuration.voters.length - this.configuration.majority + 1) return;
    endeavour.outbid += 1;
    const [least, most] = backOffMs;
    this.#beginAgain(attempt, this.context.random.between(0, Math.min(most, least * 2 ** endeavour.outbid)));
  }

  #beginAgain(attempt: Attempt, afterMs: number): void {
    const { endeavour } = attempt;
    this.context.timers.after(afterMs, () => {
      if (endeavour.attempt === attempt) this.#begin(endeavour);
    });
  }
}
