/**
 * The lock server of lease-lock: a lock server (guarded-resource/lock-server.ts) that lets who asks wait in line, and gives a fencing token
 * with each lease: the lock's last one and one more.
 *
 * Waiting is the pessimistic way: who is next gets the lock the moment that it is released or its lease ends. The line is in memory
 * only. In a restart those who wait lose their connection, and ask again.
 */
import type { Json, JsonObject } from '../../harness/json.ts';
import { Refusal, type NodeStatus } from '../../harness/node/program.ts';
import { acquireRequest, LockServer, type AcquireRequest } from '../guarded-resource/lock-server.ts';
import { numberOf } from '../guarded-resource/requests.ts';

/** Somebody who asked for a lock and was not granted it yet. */
interface Waiter {
  readonly request: AcquireRequest;
  /** From when to when it waits, on the monotonic clock. */
  readonly since: number;
  readonly until: number;
  settle(grant: Grant | undefined): void;
}

/** What a client is told: its token, and how long its request waited here. */
type Grant = { readonly token: number; readonly waitedMs: number };

/** A lock server with a line for each lock. */
export class LeaseLockServer extends LockServer {
  readonly #lines = new Map<string, Waiter[]>();
  /** Locks whose lease's end is watched for. */
  readonly #watched = new Set<string>();

  /** A nemesis that aims at leaders means this one: there is no other who decides. */
  override status(): NodeStatus {
    return { ...super.status(), role: 'primary' };
  }

  /**
   * Grants a lock within `waitMs`, or refuses. From how long its request waited here, and from when it asked, the client knows
   * since when its lease lasts at least.
   */
  protected override async acquire(body: JsonObject): Promise<Json> {
    const grant = await this.#wait(acquireRequest(body), numberOf(body, 'waitMs'));
    await this.durable();
    return grant;
  }

  protected override grant(request: AcquireRequest): void {
    this.raiseFence(request.key, this.fence(request.key) + 1);
    super.grant(request);
  }

  protected override freed(key: string): void {
    this.#serve(key);
  }

  /** Resolves when the lock is granted; rejects with a refusal when nobody will grant it any more. */
  #wait(request: AcquireRequest, waitMs: number): Promise<Grant> {
    const since = this.context.clock.monotonic();
    return new Promise((resolve, reject) => {
      const settle: Waiter['settle'] = (grant) => {
        if (grant === undefined) reject(new Refusal('held'));
        else resolve(grant);
      };
      const waiter = { request, since, until: since + waitMs, settle };
      this.#lines.set(request.key, [...(this.#lines.get(request.key) ?? []), waiter]);
      this.#serve(request.key);
      this.context.timers.after(waitMs, () => this.#giveUp(waiter));
    });
  }

  #giveUp(waiter: Waiter): void {
    const { key } = waiter.request;
    const line = this.#lines.get(key) ?? [];
    if (!line.includes(waiter)) return;
    this.#setLine(
      key,
      line.filter((other) => other !== waiter),
    );
    waiter.settle(undefined);
  }

  /** Grants the lock to the first in line, if it is free; else looks again when its lease ends. */
  #serve(key: string): void {
    const [first, ...rest] = this.#lines.get(key) ?? [];
    if (first === undefined) return;
    const lease = this.holder(key);
    if (lease !== undefined) {
      this.#watch(key, lease.expires - this.now());
      return;
    }
    this.#setLine(key, rest);
    first.settle(this.#grantTo(first));
    this.#serve(key);
  }

  /** Grants the lock, unless this node was asleep for so long that the client counts on no grant any more. */
  #grantTo({ request, since, until }: Waiter): Grant | undefined {
    const now = this.context.clock.monotonic();
    if (now > until) return undefined;
    this.grant(request);
    return { token: this.fence(request.key), waitedMs: now - since };
  }

  #watch(key: string, ms: number): void {
    if (this.#watched.has(key)) return;
    this.#watched.add(key);
    this.context.timers.after(Math.max(ms, 0), () => {
      this.#watched.delete(key);
      this.#serve(key);
    });
  }

  #setLine(key: string, line: readonly Waiter[]): void {
    if (line.length === 0) this.#lines.delete(key);
    else this.#lines.set(key, [...line]);
  }
}
