/**
 * The client of a lock and of the resource that it guards: what somebody does who takes a lock, works under it and gives it back. It
 * is the same for every kind of lock; how the lock is had is the kind's own (lock-service.ts).
 *
 * A client works on when its lease is over, as one does that was asleep meanwhile and does not know it. It relies on the resource to
 * refuse it then. Only what it *says* of its lease (`untilMs`) is measured with care.
 *
 * A process is one holder. It keeps what it was granted, by lock, until it releases it.
 */
import type {
  Client,
  ClientContext,
  ClientFactory,
  Completion,
  Invocation,
} from '../../harness/client/client.ts';
import type { Reply } from '../../harness/cluster/cluster.ts';
import { canonical, isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';
import type { NodeId } from '../../harness/node/program.ts';
import { TTL_MS, type Grant, type LockService, type NotDone } from './lock-service.ts';
import { resourceOf } from './roles.ts';

/** What the resource's answer to a read must leave for the write. */
const WRITE_MS = 200;

const NOT_HELD: Completion = { type: 'fail', error: 'not-held' };

/** The value as somebody read it who means to write. */
interface Found {
  readonly ids: readonly Json[];
  readonly version: number;
}

/** One process's client. */
class LockClient implements Client {
  readonly #context: ClientContext;
  readonly #service: LockService;
  readonly #resource: NodeId;
  readonly #held = new Map<string, Grant>();
  /** Acquires and updates so far: with the session they make unique names. */
  #count = 0;

  constructor(context: ClientContext, service: LockService) {
    this.#context = context;
    this.#service = service;
    this.#resource = resourceOf(context.nodes);
  }

  invoke({ f, value, key = null }: Invocation, timeoutMs: number): Promise<Completion> {
    const begun = this.#context.now();
    const deadline = begun + timeoutMs;
    switch (f) {
      case 'acquire':
        return this.#acquire(key, value, begun, deadline);
      case 'renew':
        return this.#underLock(key, (grant) => this.#renew(key, grant, begun, deadline));
      case 'release':
        return this.#underLock(key, (grant) => this.#release(key, grant, deadline));
      case 'update':
        return this.#underLock(key, ({ token, mode }) =>
          mode === 'read' ? NOT_HELD : this.#update(key, value, { token }, deadline),
        );
      case 'examine':
        return this.#underLock(key, (grant) => this.#examine(key, value, grant, deadline));
      case 'cas-update':
        return this.#update(key, value, {}, deadline);
      case 'read':
        return this.#read(key, deadline);
      default:
        return Promise.resolve({ type: 'fail', error: `no operation of a lock: ${f}` });
    }
  }

  async #acquire(lock: Json, value: Json, begun: number, deadline: number): Promise<Completion> {
    const asked = await this.#service.acquire(lock, this.#name(), deadline, value);
    return asked.kind === 'done' ? this.#granted(lock, asked.value, begun) : notDone(asked);
  }

  async #renew(lock: Json, grant: Grant, begun: number, deadline: number): Promise<Completion> {
    const asked = await this.#service.renew(lock, grant, deadline);
    return asked.kind === 'done' ? this.#granted(lock, asked.value, begun) : notDone(asked);
  }

  #granted(lock: Json, grant: Grant, begun: number): Completion {
    this.#held.set(canonical(lock), grant);
    const { token, validUntil, mode } = grant;
    const told = { token, untilMs: validUntil - begun };
    return { type: 'ok', value: mode === undefined ? told : { ...told, mode } };
  }

  async #release(lock: Json, grant: Grant, deadline: number): Promise<Completion> {
    this.#held.delete(canonical(lock));
    const asked = await this.#service.release(lock, grant, deadline);
    return asked.kind === 'done' ? { type: 'ok', value: null } : notDone(asked);
  }

  async #underLock(
    lock: Json,
    work: (grant: Grant) => Completion | Promise<Completion>,
  ): Promise<Completion> {
    const grant = this.#held.get(canonical(lock));
    return grant === undefined ? NOT_HELD : work(grant);
  }

  /** Reads, thinks, and writes what it read and a name more: with a token, or else on condition that nobody wrote meanwhile. */
  async #update(
    key: Json,
    value: Json,
    guard: { readonly token?: number },
    deadline: number,
  ): Promise<Completion> {
    const read = await this.#call('read', { key, ...guard }, deadline);
    const found = foundIn(read);
    // Whatever became of the read, nothing was written.
    if (found === undefined) return { type: 'fail', error: errorOf(read) };
    if (!(await this.#think(value, deadline))) return { type: 'fail', error: 'no time was left to write' };
    const id = this.#name();
    const { ids, version } = found;
    const condition = guard.token === undefined ? { expected: version } : guard;
    const body = { key, id, holder: this.#context.session, value: [...ids, id], base: version, ...condition };
    const reply = await this.#call('write', body, deadline);
    if (reply.kind === 'answer' && isJsonObject(reply.body)) {
      const written = {
        id,
        token: guard.token ?? null,
        base: version,
        version: reply.body['version'] ?? null,
      };
      return { type: 'ok', value: written, node: this.#resource };
    }
    return { type: reply.kind === 'refused' ? 'fail' : 'info', error: errorOf(reply), node: this.#resource };
  }

  /** Reads, thinks, and reads again: who holds the lock finds the same both times. Those who may not write share the lock, and say so. */
  async #examine(key: Json, value: Json, { token, mode }: Grant, deadline: number): Promise<Completion> {
    const body = { key, token, shared: mode === 'read' };
    const first = await this.#call('read', body, deadline);
    const before = foundIn(first);
    if (before === undefined) return { type: 'fail', error: errorOf(first) };
    if (!(await this.#think(value, deadline))) return { type: 'fail', error: 'no time was left to read' };
    const second = await this.#call('read', body, deadline);
    const after = foundIn(second);
    if (after === undefined) return { type: 'fail', error: errorOf(second) };
    const found = { before: before.version, after: after.version };
    return { type: 'ok', value: found, node: this.#resource };
  }

  /** For how long is said in the length of a lease: so some sleep through the end of theirs. False if there is no time for it. */
  async #think(value: Json, deadline: number): Promise<boolean> {
    const { think = 0 } = isJsonObject(value) ? value : {};
    const ms = typeof think === 'number' ? think * TTL_MS : 0;
    if (this.#context.now() + ms + WRITE_MS > deadline) return false;
    await this.#context.sleep(ms);
    return true;
  }

  async #read(key: Json, deadline: number): Promise<Completion> {
    const reply = await this.#call('read', { key }, deadline);
    if (reply.kind === 'answer') return { type: 'ok', value: reply.body, node: this.#resource };
    return { type: 'fail', error: errorOf(reply), node: this.#resource };
  }

  #call(path: string, body: JsonObject, deadline: number): Promise<Reply> {
    const leftMs = Math.max(1, deadline - this.#context.now());
    return this.#context.call(this.#resource, path, body, leftMs);
  }

  /** A name that nobody else has, in this run. */
  #name(): string {
    return `${this.#context.session}.${++this.#count}`;
  }
}

function notDone(asked: NotDone): Completion {
  return { type: asked.kind === 'refused' ? 'fail' : 'info', error: asked.error };
}

function foundIn(reply: Reply): Found | undefined {
  if (reply.kind !== 'answer' || !isJsonObject(reply.body)) return undefined;
  const { value = null, version } = reply.body;
  if (typeof version !== 'number') return undefined;
  return { ids: Array.isArray(value) ? (value as readonly Json[]) : [], version };
}

function errorOf(reply: Reply): string {
  return reply.kind === 'answer' ? 'the answer is no object' : reply.error;
}

/** Opens clients of this kind of lock. */
export function lockClient(serviceOf: (context: ClientContext) => LockService): ClientFactory {
  return (context) => new LockClient(context, serviceOf(context));
}
