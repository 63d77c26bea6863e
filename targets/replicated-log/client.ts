/**
 * The client of a replicated store, whatever log it is replicated by, as sections 6.2 and 6.3 of Ongaro's
 * dissertation describe it: it looks for the leader, follows hints, and sends a command again - under the same
 * session and number, so that it takes effect at most once - until an answer comes or the time is up.
 *
 * What it reports: `ok` and `fail` on the state machine's own word; `fail` also if every attempt was refused,
 * so that none had an effect; `info` if one may have had. A read has no effect, so a read without an answer
 * is a `fail`, and its process can go on.
 */
import type {
  Client,
  ClientContext,
  ClientFactory,
  Completion,
  Invocation,
} from '../../harness/client/client.ts';
import type { Reply } from '../../harness/cluster/cluster.ts';
import { isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';
import type { NodeId } from '../../harness/node/program.ts';
import { isReadOnly } from './operations.ts';

/** An attempt that has no answer after so long is given up, and another node is asked. */
const ATTEMPT_MS = 500;
/** Up to so long a pause before a node without a leader's name is followed by the next. */
const BACK_OFF_MS = 50;

/** What all attempts of one request came to; `uncertain` if one without an answer may have had an effect. */
type Attempts =
  | { readonly kind: 'answer'; readonly body: JsonObject; readonly node: NodeId; readonly uncertain: boolean }
  | { readonly kind: 'none'; readonly error: string; readonly uncertain: boolean };

/** One process's client. */
class LogClient implements Client {
  readonly #context: ClientContext;
  /** The node to ask next. */
  #node: NodeId;
  #session: Json | null = null;
  /** Commands sent in the session. */
  #sequence = 0;

  constructor(context: ClientContext) {
    this.#context = context;
    this.#node = context.node;
  }

  async invoke(invocation: Invocation, timeoutMs: number): Promise<Completion> {
    const deadline = this.#context.now() + timeoutMs;
    const { f, value } = invocation;
    const key = invocation.key ?? null;
    if (isReadOnly(f, value)) return completionOfRead(await this.#request(f, { key, value }, deadline));
    const refusal = await this.#openSession(deadline);
    if (refusal !== undefined) return refusal;
    this.#sequence += 1;
    const body = { key, value, session: this.#session, sequence: this.#sequence };
    const attempts = await this.#request(f, body, deadline);
    if (attempts.kind === 'answer' && attempts.body.error === 'session-expired') this.#session = null;
    return completionOfCommand(attempts, value);
  }

  /** Opens the session before the first command; answers how the command failed if there is none to be had. */
  async #openSession(deadline: number): Promise<Completion | undefined> {
    if (this.#session !== null) return undefined;
    const attempts = await this.#request('open-session', {}, deadline);
    if (attempts.kind === 'none') return { type: 'fail', error: `no session: ${attempts.error}` };
    this.#session = attempts.body.value ?? null;
    this.#sequence = 0;
    return undefined;
  }

  /** Asks one node after the other until one answers or the time is up. */
  async #request(path: string, body: JsonObject, deadline: number): Promise<Attempts> {
    let uncertain = false;
    let error = 'no time was left to ask';
    for (;;) {
      const left = deadline - this.#context.now();
      if (left <= 0) return { kind: 'none', error, uncertain };
      const node = this.#node;
      const reply = await this.#context.call(node, path, body, Math.min(ATTEMPT_MS, left));
      if (reply.kind === 'answer' && isJsonObject(reply.body)) {
        return { kind: 'answer', body: reply.body, node, uncertain };
      }
      if (reply.kind !== 'refused') uncertain = true;
      error = reply.kind === 'answer' ? 'the answer is no object' : `${node}: ${reply.error}`;
      await this.#moveOn(reply, deadline);
    }
  }

  /** To the leader if the node named one, else to the next node, after a pause that keeps clients from circling. */
  async #moveOn(reply: Reply, deadline: number): Promise<void> {
    const { nodes, random } = this.#context;
    const hint = reply.kind === 'refused' ? reply.details.leader : undefined;
    const leader = nodes.find((node) => node === hint && node !== this.#node);
    this.#node = leader ?? nodes[(nodes.indexOf(this.#node) + 1) % nodes.length] ?? this.#node;
    if (reply.kind === 'lost') return;
    const pause = random.between(0, leader === undefined ? BACK_OFF_MS : BACK_OFF_MS / 10);
    await this.#context.sleep(Math.min(pause, Math.max(0, deadline - this.#context.now())));
  }
}

function completionOfRead(attempts: Attempts): Completion {
  if (attempts.kind === 'none') return { type: 'fail', error: attempts.error };
  return { type: 'ok', value: attempts.body.value ?? null, node: attempts.node };
}

function completionOfCommand(attempts: Attempts, value: Json): Completion {
  if (attempts.kind === 'none') {
    return { type: attempts.uncertain ? 'info' : 'fail', error: attempts.error };
  }
  const { body, node, uncertain } = attempts;
  if (body.ok === true) return { type: 'ok', value: body.value ?? value, node };
  const error = body.error ?? 'the answer says neither ok nor error';
  // Without its session the state machine cannot know whether an earlier attempt was applied.
  const certain = !uncertain || error === 'cas-mismatch' || error === 'not-a-list';
  return { type: certain ? 'fail' : 'info', error, node };
}

/** Opens a client. */
export const logClient: ClientFactory = (context) => new LogClient(context);
