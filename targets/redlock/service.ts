/**
 * Redlock, which is the client's: the algorithm of Redis's page "Distributed Locks with Redis", step by step.
 *
 *  1. It takes the time.
 *  2. It tries to take the lock on all N servers, one after another, with the same owner's name, and waits for each for a time that is
 *     small against the lease, so as not to wait long for a server that is down.
 *  3. It has the lock if a majority, floor(N/2) + 1, granted it, and less time went by than the lease lasts.
 *  4. The lease is good for its length, less that time, less what clocks may drift apart.
 *  5. If it does not have the lock, it releases it on all servers, those that did not answer as well, and tries again after a random
 *     delay, so that those who compete do not split the servers between them for ever.
 *
 * What that is worth rests on time: that clocks run at about the same rate, and that whoever holds the lock minds the validity.
 *
 * **Fencing tokens are not part of Redlock.** Here a client that has the lock also gets itself a token: one above the greatest of what the
 * granting majority has seen, made unique by its process, which it writes to a majority before it uses it. Two majorities have
 * a server in common, so whoever asks after another has finished gets a greater token, whatever clocks do; of those who ask at the same
 * time some order holds. That is Lamport's choice of a ballot, and it costs a round trip more. A resource that checks tokens is
 * safe by them alone; the lock then only keeps clients from getting in each other's way.
 */
import type { ClientContext, ClientFactory } from '../../harness/client/client.ts';
import type { Reply } from '../../harness/cluster/cluster.ts';
import { isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';
import type { NodeId } from '../../harness/node/program.ts';
import { lockClient } from '../guarded-resource/lock-client.ts';
import {
  leaseEnd,
  TTL_MS,
  type Asked,
  type Grant,
  type LockService,
} from '../guarded-resource/lock-service.ts';
import { lockServersOf } from '../guarded-resource/roles.ts';

/** A server that has not answered after so many milliseconds is done without. */
const SERVER_MS = 200;
/** Up to so long a delay before the next try. */
const RETRY_MS = 100;
/** For so long it tries again, if the operation has as much time. */
const TRY_MS = 2000;
/** Tokens of different processes differ by their remainder by this: more processes than a run has. */
const PROCESSES_MAX = 1_000_000;

/** A lock on a majority of independent servers. */
export class Redlock implements LockService {
  protected readonly context: ClientContext;
  readonly #servers: readonly NodeId[];

  constructor(context: ClientContext) {
    this.context = context;
    this.#servers = lockServersOf(context.nodes);
  }

  async acquire(lock: Json, owner: string, deadline: number): Promise<Asked<Grant>> {
    const { context } = this;
    // A try takes so long at most: each server once, then all of them for the token, then all for the release.
    const longestTryMs = (this.#servers.length + 2) * SERVER_MS;
    const until = Math.min(deadline - longestTryMs, context.now() + TRY_MS);
    for (let attempt = 1; ; attempt++) {
      // Another name for each try: what is left of an earlier one must not be mistaken for this one.
      const grant = await this.#tryOnce(lock, `${owner}/${attempt}`);
      if (grant !== undefined) return { kind: 'done', value: grant };
      const pauseMs = context.random.between(0, RETRY_MS);
      if (context.now() + pauseMs > until) return { kind: 'refused', error: 'no majority granted the lock' };
      await context.sleep(pauseMs);
    }
  }

  async renew(lock: Json, grant: Grant): Promise<Asked<Grant>> {
    const begun = this.context.now();
    const replies = await this.#askAll('renew', { key: lock, owner: grant.owner });
    const validUntil = this.validUntil(begun);
    if (answers(replies) < this.quorum(replies.length) || this.context.now() >= validUntil) {
      return { kind: 'refused', error: 'no majority renewed the lock' };
    }
    return { kind: 'done', value: { ...grant, validUntil } };
  }

  async release(lock: Json, { owner }: Grant): Promise<Asked<null>> {
    const replies = await this.#askAll('release', { key: lock, owner });
    if (answers(replies) >= this.quorum(replies.length)) return { kind: 'done', value: null };
    const lost = replies.some(({ kind }) => kind === 'lost');
    return { kind: lost ? 'unknown' : 'refused', error: 'no majority held the lock' };
  }

  /** How many of so many servers must grant a lock: as many as no two clients can both have. */
  protected quorum(servers: number): number {
    return Math.floor(servers / 2) + 1;
  }

  /** When a lease is over that was asked for from this time on. */
  protected validUntil(begun: number): number {
    return leaseEnd(begun);
  }

  /** One try; what is left of it is released if it came to nothing. */
  async #tryOnce(lock: Json, owner: string): Promise<Grant | undefined> {
    const begun = this.context.now();
    const fences = await this.#takeOneByOne(lock, owner);
    const servers = this.#servers.length;
    if (fences.length >= this.quorum(servers)) {
      const token = this.#tokenAbove(Math.max(...fences));
      const kept = answers(await this.#askAll('raise-fence', { key: lock, fence: token }));
      const validUntil = this.validUntil(begun);
      if (kept >= this.quorum(servers) && this.context.now() < validUntil)
        return { owner, token, validUntil };
    }
    await this.#askAll('release', { key: lock, owner });
    return undefined;
  }

  /** The tokens that the servers which granted the lock have seen. It stops when there can be no majority any more. */
  async #takeOneByOne(lock: Json, owner: string): Promise<number[]> {
    const servers = this.context.random.shuffle(this.#servers);
    const fences: number[] = [];
    for (const [asked, server] of servers.entries()) {
      if (fences.length + servers.length - asked < this.quorum(servers.length)) break;
      const reply = await this.#ask(server, 'acquire', { key: lock, owner, ttlMs: TTL_MS });
      const fence = reply.kind === 'answer' && isJsonObject(reply.body) ? reply.body['fence'] : undefined;
      if (typeof fence === 'number') fences.push(fence);
    }
    return fences;
  }

  #tokenAbove(fence: number): number {
    return (Math.floor(fence / PROCESSES_MAX) + 1) * PROCESSES_MAX + (this.context.process % PROCESSES_MAX);
  }

  #askAll(path: string, body: JsonObject): Promise<Reply[]> {
    return Promise.all(this.#servers.map((server) => this.#ask(server, path, body)));
  }

  #ask(server: NodeId, path: string, body: JsonObject): Promise<Reply> {
    return this.context.call(server, path, body, SERVER_MS);
  }
}

function answers(replies: readonly Reply[]): number {
  return replies.filter(({ kind }) => kind === 'answer').length;
}

/** Opens a client. */
export const client: ClientFactory = lockClient((context) => new Redlock(context));
