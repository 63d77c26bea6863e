/**
 * The store as a state machine, with the client sessions that make retried commands take effect once (Ongaro's
 * dissertation, section 6.3; the idea is in the Viewstamped Replication papers): a command that comes again is
 * answered as it was the first time.
 *
 * Sessions end by a rule that every replica follows alike: when there are too many, the one whose last
 * command is furthest back in the log goes. Its client is told so; it is never taken for a new one.
 */
import type { Json } from '../../harness/json.ts';
import type { StoreCommand, StoreQuery } from './operations.ts';
import { NOTHING, type Command, type Outcome, type Query, type StateMachine } from './state-machine.ts';
import { Store } from './store.ts';

/** The last command of a session and what was answered. Clients have one command under way at a time. */
export type LastCommand = { readonly sequence: number; readonly outcome: Outcome };

/**
 * What to answer to the command with this number in a session, without applying it: as before if it came before, or that the
 * session ended. Undefined for a new one.
 */
export function answeredBefore(session: LastCommand | undefined, sequence: number): Outcome | undefined {
  if (session === undefined) return { ok: false, error: 'session-expired' };
  if (sequence === session.sequence) return session.outcome;
  return sequence < session.sequence ? { ok: false, error: 'stale-sequence' } : undefined;
}

/** The store and its sessions. */
export class SessionStore implements StateMachine {
  readonly #maxSessions: number;
  readonly #store = new Store();
  /** In the order of their last commands, oldest first. */
  #sessions = new Map<number, LastCommand>();

  constructor(maxSessions: number) {
    this.#maxSessions = maxSessions;
  }

  read(query: Query): Outcome {
    return { ok: true, value: this.#store.query(query as StoreQuery) };
  }

  /** A duplicate gets the first one's answer and changes nothing. Commands were checked when they came from clients (requests.ts). */
  apply(index: number, given: Command | null): Outcome {
    if (given === null) return NOTHING;
    const command = given as StoreCommand;
    if (command.f === 'open-session') {
      this.#touch(index, { sequence: 0, outcome: NOTHING });
      return { ok: true, value: index };
    }
    const { once } = command;
    if (once === null) return this.#store.update(command);
    const before = answeredBefore(this.#sessions.get(once.session), once.sequence);
    if (before !== undefined) return before;
    const outcome = this.#store.update(command);
    this.#touch(once.session, { sequence: once.sequence, outcome });
    return outcome;
  }

  /** Moves a session to the young end, and ends the oldest if there are too many. */
  #touch(id: number, session: LastCommand): void {
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    if (this.#sessions.size <= this.#maxSessions) return;
    for (const oldest of this.#sessions.keys()) {
      this.#sessions.delete(oldest);
      return;
    }
  }

  save(): string {
    return JSON.stringify({ values: this.#store.save(), sessions: [...this.#sessions] });
  }

  restore(text: string): void {
    const saved = JSON.parse(text) as { values: [string, Json][]; sessions: [number, LastCommand][] };
    this.#store.restore(saved.values);
    this.#sessions = new Map(saved.sessions);
  }
}
