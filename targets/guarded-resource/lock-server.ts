/**
 * A lock server: for each lock who holds it, for how long still, and the last fencing token - as in Redis's `SET key owner NX PX ttl`
 * and the script that deletes a key only if it still holds the owner's name.
 *
 * - Only who took a lock releases it: the owner's name, different for each acquire, is compared first. Who comes late would
 *   otherwise release the lock of his successor.
 * - A lease ends by the monotonic clock. The wall clock may jump.
 * - What was granted is durable before it is told. A restart does not know how much time has passed (no monotonic clock
 *   goes on through a restart), so each lease that was on disk is good for its whole length again: a lock may be held for longer
 *   than was asked, never for less. For the same reason a renewal need not be durable: who was promised more time gets it.
 */
import { isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';
import {
  Refusal,
  type NodeContext,
  type NodeStatus,
  type RequestHandler,
  type RunningNode,
} from '../../harness/node/program.ts';
import { CorruptFileError } from '../replicated-log/record.ts';
import { DurableState } from './durable-state.ts';
import { keyOf, numberOf, textOf } from './requests.ts';

const FILE = 'locks.journal';

/** A lock that is held. */
export interface Lease {
  readonly owner: string;
  readonly ttlMs: number;
  /** By the clock of `now`. */
  readonly expires: number;
}

/** What an acquire asks for. */
export interface AcquireRequest {
  readonly key: string;
  /** Names this acquire, uniquely. */
  readonly owner: string;
  readonly ttlMs: number;
}

/** A change of the table of locks, as it is on disk. */
export type LockChange =
  | { readonly type: 'grant'; readonly key: string; readonly owner: string; readonly ttlMs: number }
  | { readonly type: 'release'; readonly key: string }
  | { readonly type: 'fence'; readonly key: string; readonly fence: number };

/** A node that serves locks. */
export class LockServer implements RunningNode {
  protected readonly context: NodeContext;
  readonly #state: DurableState;
  readonly #leases = new Map<string, Lease>();
  /** Of each lock, the greatest fencing token that was given. Never forgotten, or tokens would begin again. */
  readonly #fences = new Map<string, number>();

  constructor(context: NodeContext) {
    this.context = context;
    this.#state = new DurableState(context.disk, FILE, () => this.#image());
  }

  async start(): Promise<void> {
    await this.#state.recover((record) => this.recovered(changeOf(record)));
    this.context.clients.serve(this.handlers());
  }

  status(): NodeStatus {
    const held = [...this.#leases.keys()].filter((key) => this.holder(key) !== undefined);
    return { role: 'lock-server', held: held.length };
  }

  protected handlers(): Readonly<Record<string, RequestHandler>> {
    return {
      acquire: (body) => this.acquire(body),
      renew: (body) => this.#renew(body),
      release: (body) => this.#release(body),
    };
  }

  /** Takes a lock that is free; refuses if it is not. */
  protected async acquire(body: JsonObject): Promise<Json> {
    const request = acquireRequest(body);
    if (this.holder(request.key) !== undefined) throw new Refusal('held');
    this.grant(request);
    await this.durable();
    return { fence: this.fence(request.key) };
  }

  /** The clock by which leases end. */
  protected now(): number {
    return this.context.clock.monotonic();
  }

  /** Who holds the lock now. */
  protected holder(key: string): Lease | undefined {
    const lease = this.#leases.get(key);
    return lease !== undefined && lease.expires > this.now() ? lease : undefined;
  }

  protected grant({ key, owner, ttlMs }: AcquireRequest): void {
    this.#record({ type: 'grant', key, owner, ttlMs });
    this.context.failPoint('lock-granted');
  }

  /** Whether whoever calls himself so may release what is held under this lease. */
  protected mayRelease(owner: string, lease: Lease): boolean {
    return lease.owner === owner;
  }

  protected fence(key: string): number {
    return this.#fences.get(key) ?? 0;
  }

  /** From now on no token of this lock is given that is not above this. */
  protected raiseFence(key: string, fence: number): void {
    if (fence > this.fence(key)) this.#record({ type: 'fence', key, fence });
  }

  protected durable(): Promise<void> {
    return this.#state.durable();
  }

  /** A lock was released: for those who wait for it. */
  protected freed(_key: string): void {
    // Nobody waits here.
  }

  /** A record of an earlier life. */
  protected recovered(change: LockChange): void {
    this.#apply(change);
  }

  #renew(body: JsonObject): Json {
    const key = keyOf(body);
    const lease = this.holder(key);
    if (lease?.owner !== textOf(body, 'owner')) throw new Refusal('not-held');
    this.#leases.set(key, { ...lease, expires: this.now() + lease.ttlMs });
    return { ttlMs: lease.ttlMs };
  }

  async #release(body: JsonObject): Promise<Json> {
    const key = keyOf(body);
    const lease = this.holder(key);
    if (lease === undefined || !this.mayRelease(textOf(body, 'owner'), lease)) throw new Refusal('not-held');
    this.#record({ type: 'release', key });
    this.context.failPoint('lock-released');
    this.freed(key);
    await this.durable();
    return {};
  }

  #record(change: LockChange): void {
    this.#apply(change);
    this.#state.record(change);
  }

  #apply(change: LockChange): void {
    const { type, key } = change;
    if (type === 'release') this.#leases.delete(key);
    else if (type === 'fence') this.#fences.set(key, change.fence);
    else {
      const { owner, ttlMs } = change;
      this.#leases.set(key, { owner, ttlMs, expires: this.now() + ttlMs });
    }
  }

  *#image(): Iterable<LockChange> {
    for (const [key, fence] of this.#fences) yield { type: 'fence', key, fence };
    for (const [key, { owner, ttlMs }] of this.#leases) yield { type: 'grant', key, owner, ttlMs };
  }
}

/** What this acquire asks for. */
export function acquireRequest(body: JsonObject): AcquireRequest {
  return { key: keyOf(body), owner: textOf(body, 'owner'), ttlMs: numberOf(body, 'ttlMs') };
}

function changeOf(record: Json): LockChange {
  if (isJsonObject(record) && typeof record['key'] === 'string') {
    const { type, owner, ttlMs, fence } = record;
    if (type === 'grant' && typeof owner === 'string' && typeof ttlMs === 'number')
      return record as LockChange;
    if (type === 'release' || (type === 'fence' && typeof fence === 'number')) return record as LockChange;
  }
  throw new CorruptFileError(FILE, `unknown record ${JSON.stringify(record).slice(0, 80)}`);
}
