/**
 * A whole Fast Paxos node: what clients may ask of it, and the one place where messages come in.
 *
 * A client that wants the speed of fast rounds sends its request to all nodes at once, each an acceptor, and marks it with an
 * `id`; the first answer counts. One that talks to a single node (curl) is served as well: that node hands the request on
 * to the others, one message delay later. How many message delays there were from the client until the slot was
 * learned comes back with each answer, and is told in the log.
 */
import type { Json, JsonObject } from '../../harness/json.ts';
import {
  Refusal,
  type NodeContext,
  type NodeId,
  type NodeStatus,
  type RequestHandler,
} from '../../harness/node/program.ts';
import { DecisionLog, REQUEST_DELAYS } from '../replicated-log/decisions.ts';
import { storeHandlers, type LogService, type Waiting } from '../replicated-log/requests.ts';
import type { Command, Outcome, Query } from '../replicated-log/state-machine.ts';
import type { Pending } from './acceptor.ts';
import { Coordinator } from './coordinator.ts';
import type { Entry } from './entry.ts';
import type { Decision } from './learner.ts';
import { FAST_ROUND, isMessage, type Message, type Propose } from './messages.ts';
import type { Storage } from './storage.ts';

/** Ids of requests that came without one are drawn below this. */
const IDS = 2 ** 48;

/** A client's request here, or another node's that this one should see to as well. */
interface Request extends Pending {
  /** These on the monotonic clock. */
  readonly cameAt: number;
  readonly deadline: number;
  sentAt: number;
  readonly waiting: Waiting[];
}

/** A Fast Paxos node. Broken variants extend it. */
export class FastPaxosNode extends Coordinator {
  protected override readonly pending = new Map<string, Request>();
  readonly #decisionLog = new DecisionLog(this.context);

  /** Begins to take part. */
  start(): void {
    const { storage, context } = this;
    this.applyChosen();
    const { tornBytes } = storage;
    context.log.info('recovered', {
      promised: this.ballots.text(storage.promised),
      applied: this.applied,
      tornBytes,
    });
    context.network.receive((from, message) => {
      if (isMessage(message)) this.dispatch(from, message);
      else context.log.warn('message-dropped', { from });
    });
    context.clients.serve(this.#handlers());
    this.electionTimer.start(() => this.stand());
    this.#arm();
  }

  #arm(): void {
    this.context.timers.after(this.options.heartbeatMs, () => {
      this.tick();
      this.#tendRequests();
      this.#decisionLog.tick();
      this.#arm();
    });
  }

  protected override dispatch(from: NodeId, message: Message): void {
    switch (message.type) {
      case 'prepare':
        this.onPrepare(from, message);
        break;
      case 'promise':
        this.onPromise(from, message);
        break;
      case 'reject':
        this.onReject(message);
        break;
      case 'heartbeat':
        this.onHeartbeat(from, message);
        break;
      case 'heard':
        this.onHeard(from, message);
        break;
      case 'accept':
        this.onAccept(from, message);
        break;
      case 'voted':
        this.onVoted(from, message);
        break;
      case 'accepted':
        this.onAccepted(from, message);
        break;
      case 'chosen':
        this.onChosen(message);
        break;
      case 'propose':
        this.#onPropose(message);
        break;
      case 'suggest':
        this.onSuggest(message);
        break;
      case 'fetch':
        this.onFetch(from, message);
        break;
      case 'decided':
        this.onDecided(message);
        break;
      case 'snapshot-chunk':
        this.onSnapshotChunk(from, message);
        break;
    }
  }

  /**
   * Everything that the store can do. A request with an `id` was sent to all nodes. One that is marked `classic` was meant for the
   * coordinator alone; in a fast round it would reach one acceptor before the others, and so collide with those that all get at once.
   */
  #handlers(): Readonly<Record<string, RequestHandler>> {
    const handlersFor = (service: LogService): Readonly<Record<string, RequestHandler>> =>
      storeHandlers(service);
    const serviceFor = ({ id, classic }: JsonObject): LogService => {
      if (classic === true && this.any !== null) throw new Refusal(FAST_ROUND);
      return {
        propose: (command) => this.#submit(command, null, id),
        read: (query) => this.#submit(null, query, id),
      };
    };
    const names = Object.keys(handlersFor(serviceFor({})));
    return Object.fromEntries(
      names.map((name) => [name, (body: JsonObject) => handlersFor(serviceFor(body))[name]?.(body) ?? null]),
    );
  }

  #submit(command: Command | null, query: Query | null, id: Json | undefined): Promise<Outcome> {
    if (command !== null && command.f !== 'open-session' && command.once === null) {
      throw new Refusal(
        'a fast round may put a command into two slots: open a session, and send {session, sequence}',
      );
    }
    const isDirect = typeof id === 'string' && id !== '';
    const name = isDirect ? id : `${this.context.id}/${this.context.random.int(IDS)}`;
    const done = this.recent.get(name);
    if (done !== undefined) return Promise.resolve(done);
    return new Promise((resolve, reject) => {
      const request = this.#requestFor({ id: name, command, query }, REQUEST_DELAYS);
      request.waiting.push({ resolve, reject });
      this.#route(request, isDirect);
    });
  }

  #requestFor(entry: Entry, delays: number): Request {
    let request = this.pending.get(entry.id);
    if (request === undefined) {
      const now = this.now();
      const deadline = now + this.options.patienceMs;
      request = { entry, delays, cameAt: now, deadline, sentAt: now, waiting: [] };
      this.pending.set(entry.id, request);
    }
    return request;
  }

  /** To the acceptors in a fast round, to the coordinator in a classic one. */
  #route(request: Request, isKnownToAll: boolean): void {
    const { entry, delays } = request;
    request.sentAt = this.now();
    const proposal: Message = { type: 'propose', entry, delays: delays + 1 };
    if (this.assigns) this.assign(entry, delays);
    else if (this.any !== null) {
      this.voteFast(request);
      if (!isKnownToAll) for (const peer of this.context.peers) this.send(peer, proposal);
    } else if (!isKnownToAll && this.coordinator !== null && this.coordinator !== this.context.id) {
      this.send(this.coordinator, proposal);
    }
  }

  #onPropose({ entry, delays }: Propose): void {
    if (!this.recent.has(entry.id)) this.#route(this.#requestFor(entry, delays), true);
  }

  /** Sends again what is not applied yet, and gives up what has waited for too long. */
  #tendRequests(): void {
    const now = this.now();
    for (const [id, request] of this.pending) {
      if (request.deadline <= now) {
        this.pending.delete(id);
        for (const { reject } of request.waiting) reject(new Error('not applied in time; it may be later'));
      } else if (now - request.sentAt > this.options.resendMs)
        this.#route(request, request.waiting.length === 0);
    }
  }

  protected override entryApplied(entry: Entry, outcome: Outcome, decision: Decision | undefined): void {
    const request = this.pending.get(entry.id);
    if (request === undefined) return;
    this.pending.delete(entry.id);
    if (request.waiting.length === 0) return;
    const delays = decision?.delays ?? null;
    // In a classic round its coordinator is the one to ask.
    const hint = this.any === null && this.coordinator !== null ? { coordinator: this.coordinator } : {};
    for (const { resolve } of request.waiting) resolve(Object.assign({ delays, ...hint }, outcome));
    if (decision !== undefined)
      this.#decisionLog.add(decision.kind, decision.delays, this.now() - request.cameAt);
  }

  /** What this node says of itself. */
  status(): NodeStatus & { readonly [field: string]: Json } {
    const leads = this.candidacy?.leads === true;
    return {
      role: leads ? 'leader' : this.candidacy === null ? 'follower' : 'candidate',
      epoch: this.candidacy?.ballot ?? this.storage.promised,
      leader: this.coordinator,
      fast: this.any !== null,
      applied: this.applied,
      snapshotIndex: this.storage.snapshot?.index ?? 0,
      learned: { ...this.learned },
      collisions: this.collisions,
    };
  }
}

/** A class of Fast Paxos nodes: the correct one, or a variant. */
export type FastPaxosNodeClass = new (context: NodeContext, storage: Storage) => FastPaxosNode;
