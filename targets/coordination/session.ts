/**
 * A client's session with the coordination service, and the way to ask for things in it.
 *
 * Commands are numbered, and one whose answer is lost is sent again under its number, by whoever asks for the same once more as well; so it is
 * done once. Every answer says that the session was alive when the request was made, so for how long it lives at least is counted from
 * when the request was *sent* that was answered last: the server counts from later. That is what a holder may rely on.
 *
 * There are two ways in which a session ends for its client. It is told so, and then what belonged to it is gone. Or it hears nothing until the
 * time is over that it may rely on, and takes it for lost, as Curator's LOST does: then the session, and what belongs to it, may still be
 * there for a while.
 */
import type { ClientContext } from '../../harness/client/client.ts';
import { canonical, type Json, type JsonObject } from '../../harness/json.ts';
import { leaseEnd, TTL_MS, type Asked } from '../guarded-resource/lock-service.ts';
import { lockServersOf } from '../guarded-resource/roles.ts';
import { LeaderSearch } from '../replicated-log/leader-search.ts';

/** How the service says that a session is over. */
export const EXPIRED = 'session-expired';
/** What is said where there never was one, or the client knows already that it is over. */
const NO_SESSION = { kind: 'refused', error: 'no-session' } as const;

/** A command that was sent, and for all that is known may not have been done. */
interface Pending {
  readonly text: string;
  readonly sequence: number;
}

/** One client's session, and the next when it is over. */
export class Session {
  readonly #context: ClientContext;
  readonly #leader: LeaderSearch;
  #id: number | null = null;
  #sequence = 0;
  #pending: Pending | null = null;
  /** When the last request was sent that was answered, on the client's clock. */
  #confirmed = -Infinity;

  constructor(context: ClientContext) {
    this.#context = context;
    this.#leader = new LeaderSearch(context, lockServersOf(context.nodes));
  }

  /** The present session's number, null if there is none. */
  get id(): number | null {
    return this.#id;
  }

  /** Until when the session lives at least, on the client's clock. */
  get validUntil(): number {
    return leaseEnd(this.#confirmed);
  }

  /** No session, or none that this client could still rely on. */
  get isOver(): boolean {
    return this.#id === null || this.#context.now() >= this.validUntil;
  }

  /** Opens a session, unless there is one already, however long it was silent. Asked again, it may open one that nobody uses. */
  async open(deadline: number): Promise<Asked<number>> {
    if (this.#id !== null) return { kind: 'done', value: this.#id };
    const attempts = await this.#leader.request('open-session', { ttlMs: TTL_MS }, deadline);
    if (attempts.kind === 'none') return { kind: 'refused', error: `no session: ${attempts.error}` };
    this.#id = Number(attempts.body.value);
    this.#confirmed = attempts.sentAt;
    this.#sequence = 0;
    this.#pending = null;
    return { kind: 'done', value: this.#id };
  }

  /** Gives the session up without a word. What belongs to it goes when the service finds that it is silent. */
  abandon(): void {
    this.#id = null;
  }

  /** Changes something. */
  async command(f: string, body: JsonObject, deadline: number): Promise<Asked<Json>> {
    const text = canonical({ f, ...body });
    if (this.#pending?.text !== text) this.#pending = { text, sequence: ++this.#sequence };
    const asked = await this.ask(f, { ...body, sequence: this.#pending.sequence }, deadline);
    if (asked.kind !== 'unknown') this.#pending = null;
    return asked;
  }

  /** Asks something, in the session. What is certain is that a question has no effect; whether a command had is said by the answer's kind. */
  async ask(f: string, body: JsonObject, deadline: number): Promise<Asked<Json>> {
    const session = this.#id;
    if (session === null) return NO_SESSION;
    const attempts = await this.#leader.request(f, { ...body, session }, deadline);
    const unsure = attempts.uncertain ? 'unknown' : 'refused';
    if (attempts.kind === 'none') return { kind: unsure, error: attempts.error };
    const { ok, value = null, error } = attempts.body;
    if (error === EXPIRED) {
      this.#id = null;
      return { kind: unsure, error: EXPIRED };
    }
    this.#confirmed = Math.max(this.#confirmed, attempts.sentAt);
    if (ok === true) return { kind: 'done', value };
    return {
      kind: 'refused',
      error: typeof error === 'string' ? error : 'the answer says neither ok nor error',
    };
  }

  /** Asks something that is no sign of life, and needs no session. */
  async look(f: string, body: JsonObject, deadline: number): Promise<Asked<Json>> {
    const attempts = await this.#leader.request(f, body, deadline);
    if (attempts.kind === 'none') return { kind: 'refused', error: attempts.error };
    return { kind: 'done', value: attempts.body.value ?? null };
  }
}
