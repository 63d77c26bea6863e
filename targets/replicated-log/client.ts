/**
 * The client of a replicated store, whatever log it is replicated by, as sections 6.2 and 6.3 of Ongaro's
 * dissertation describe it: it looks for the leader (leader-search.ts), and sends a command again - under the same
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
import type { Json } from '../../harness/json.ts';
import { LeaderSearch, type Attempts } from './leader-search.ts';
import { isReadOnly } from './operations.ts';

/** One process's client. */
class LogClient implements Client {
  readonly #context: ClientContext;
  readonly #leader: LeaderSearch;
  #session: Json | null = null;
  /** Commands sent in the session. */
  #sequence = 0;

  constructor(context: ClientContext) {
    this.#context = context;
    this.#leader = new LeaderSearch(context);
  }

  async invoke(invocation: Invocation, timeoutMs: number): Promise<Completion> {
    const deadline = this.#context.now() + timeoutMs;
    const { f, value } = invocation;
    const key = invocation.key ?? null;
    if (isReadOnly(f, value))
      return completionOfRead(await this.#leader.request(f, { key, value }, deadline));
    const refusal = await this.#openSession(deadline);
    if (refusal !== undefined) return refusal;
    this.#sequence += 1;
    const body = { key, value, session: this.#session, sequence: this.#sequence };
    const attempts = await this.#leader.request(f, body, deadline);
    if (attempts.kind === 'answer' && attempts.body.error === 'session-expired') this.#session = null;
    return completionOfCommand(attempts, value);
  }

  /** Opens the session before the first command; answers how the command failed if there is none to be had. */
  async #openSession(deadline: number): Promise<Completion | undefined> {
    if (this.#session !== null) return undefined;
    const attempts = await this.#leader.request('open-session', {}, deadline);
    if (attempts.kind === 'none') return { type: 'fail', error: `no session: ${attempts.error}` };
    this.#session = attempts.body.value ?? null;
    this.#sequence = 0;
    return undefined;
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
