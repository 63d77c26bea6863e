/**
 * The client's contract: how one logical process talks to a target. A client turns an operation of the
 * workload into requests, and says honestly what came of it.
 */
import type { Reply } from '../cluster/cluster.ts';
import type { Json, JsonObject } from '../json.ts';
import type { NodeId } from '../node/program.ts';
import type { Random } from '../random.ts';

/** What a client process is asked to do. */
export interface Invocation {
  readonly f: string;
  readonly value: Json;
  readonly key?: Json;
}

/** What came of it. Throwing means the same as `info`. */
export type Completion =
  | { readonly type: 'ok'; readonly value: Json; readonly node?: NodeId }
  /** It certainly did not and will not happen. */
  | { readonly type: 'fail'; readonly error: Json; readonly node?: NodeId }
  /** Nobody knows. */
  | { readonly type: 'info'; readonly error: Json; readonly node?: NodeId };

/** What a client is given when a process opens it. */
export interface ClientContext {
  readonly process: number;
  /** Names this opening of a client, uniquely in a run: a process that moves to another node opens anew. */
  readonly session: string;
  /** The node that this process prefers. */
  readonly node: NodeId;
  readonly nodes: readonly NodeId[];
  readonly random: Random;
  /** Milliseconds on the harness's monotonic clock. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** `POST /<path>` on that node's client port, bounded by `timeoutMs`. Never rejects. */
  call(node: NodeId, path: string, body: JsonObject, timeoutMs: number): Promise<Reply>;
}

/** One process's client. Used by one operation at a time, and not again after an `info`. */
export interface Client {
  /** Performs the operation within `timeoutMs`; the harness gives up on it shortly after that. */
  invoke(invocation: Invocation, timeoutMs: number): Promise<Completion>;
}

/** Opens a client for a process. */
export type ClientFactory = (context: ClientContext) => Client;

/** The completion that a single request amounts to. */
export function completionOf(reply: Reply, node: NodeId): Completion {
  switch (reply.kind) {
    case 'answer':
      return { type: 'ok', value: reply.body, node };
    case 'refused':
      return { type: 'fail', error: reply.error, node };
    case 'lost':
      return { type: 'info', error: reply.error, node };
  }
}

/** The client of targets that need none of their own: `f` becomes `POST /f` with `{ key?, value }` on the preferred node. */
export const plainClient: ClientFactory = (context) => ({
  async invoke({ f, value, key }, timeoutMs) {
    const body = key === undefined ? { value } : { key, value };
    return completionOf(await context.call(context.node, f, body, timeoutMs), context.node);
  },
});
