/**
 * The client's side of lease-lock: one request for each thing.
 *
 * Its one subtlety is when the lease is over. The server counts from when it granted it, which the client does not see. So the client counts
 * from the earliest moment at which that can have been: when it asked, and as much later as the server says that the request
 * waited in line. An answer may be long on its way; counted from when it came, the lease would seem to be good when another has it.
 */
import type { ClientContext, ClientFactory } from '../../harness/client/client.ts';
import type { Reply } from '../../harness/cluster/cluster.ts';
import { isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';
import { lockClient } from '../guarded-resource/lock-client.ts';
import {
  leaseEnd,
  TTL_MS,
  type Asked,
  type Grant,
  type LockService,
  type NotDone,
} from '../guarded-resource/lock-service.ts';
import { lockServersOf } from '../guarded-resource/roles.ts';

/** Milliseconds that somebody waits in line, if the operation has as many; and what of its time is left for the answer. */
const WAIT_MS = 1500;
const ANSWER_MS = 500;
/** Up to so long a pause before a server that is down is asked again. */
const RETRY_MS = 100;

/** A lock service of one server. */
export class LeaseLockService implements LockService {
  protected readonly context: ClientContext;
  readonly #server: string;

  constructor(context: ClientContext) {
    this.context = context;
    this.#server = lockServersOf(context.nodes)[0] ?? '';
  }

  async acquire(lock: Json, owner: string, deadline: number): Promise<Asked<Grant>> {
    const { context } = this;
    const until = Math.min(context.now() + WAIT_MS, deadline - ANSWER_MS);
    let uncertain = false;
    for (let attempt = 1; ; attempt++) {
      const [reply, grant] = await this.#tryOnce(lock, `${owner}/${attempt}`, until, deadline);
      if (grant !== undefined) return { kind: 'done', value: grant };
      const pauseMs = context.random.between(0, RETRY_MS);
      if (!mayPass(reply) || context.now() + pauseMs > until) {
        const came = notDone(reply);
        return uncertain ? { ...came, kind: 'unknown' } : came;
      }
      uncertain ||= reply.kind === 'lost';
      await context.sleep(pauseMs);
    }
  }

  /** One request, under a name of its own: if its answer is lost, what it was granted is nobody's, and ends by itself. */
  async #tryOnce(lock: Json, owner: string, until: number, deadline: number): Promise<[Reply, Grant?]> {
    const asked = this.context.now();
    const waitMs = Math.max(0, until - asked);
    const reply = await this.#call('acquire', { key: lock, owner, ttlMs: TTL_MS, waitMs }, deadline);
    const { token, waitedMs } = reply.kind === 'answer' && isJsonObject(reply.body) ? reply.body : {};
    if (typeof token !== 'number' || typeof waitedMs !== 'number') return [reply];
    return [reply, { owner, token, validUntil: this.validUntil(asked + waitedMs) }];
  }

  async renew(lock: Json, grant: Grant, deadline: number): Promise<Asked<Grant>> {
    const asked = this.context.now();
    const reply = await this.#call('renew', { key: lock, owner: grant.owner }, deadline);
    if (reply.kind !== 'answer') return notDone(reply);
    return { kind: 'done', value: { ...grant, validUntil: this.validUntil(asked) } };
  }

  async release(lock: Json, { owner }: Grant, deadline: number): Promise<Asked<null>> {
    const reply = await this.#call('release', { key: lock, owner }, deadline);
    return reply.kind === 'answer' ? { kind: 'done', value: null } : notDone(reply);
  }

  /** When a lease is over that was granted at this time or later. */
  protected validUntil(granted: number): number {
    return leaseEnd(granted);
  }

  #call(path: string, body: JsonObject, deadline: number): Promise<Reply> {
    const leftMs = Math.max(1, deadline - this.context.now());
    return this.context.call(this.#server, path, body, leftMs);
  }
}

/** Whether the server may be on its way back: who waits in line waits for that as well. */
function mayPass(reply: Reply): boolean {
  return reply.kind === 'lost' || (reply.kind === 'refused' && reply.unreachable === true);
}

function notDone(reply: Reply): NotDone {
  if (reply.kind === 'answer') return { kind: 'unknown', error: 'the answer is not what was asked for' };
  return { kind: reply.kind === 'refused' ? 'refused' : 'unknown', error: reply.error };
}

/** Opens a client. */
export const client: ClientFactory = lockClient((context) => new LeaseLockService(context));
