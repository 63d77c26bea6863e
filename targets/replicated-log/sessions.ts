/**
 * The store as a state machine, with the client sessions that make retried commands take effect once (Ongaro's
 * dissertation, section 6.3; the idea is in the Viewstamped Replication papers): a command that comes again is
 * answered as it was the first time.
 *
 * Sessions end by a rule that every replica follows alike: when there are too many, the one whose last
 * command is furthest back in the log goes. Its client is told so; it is never taken for a new one.
 */
import type { Json } from '../../harness/json.ts';
import { NOTHING, type Command, type Outcome, type Query, type StateMachine } from './state-machine.ts';
import { Store } from './store.ts';

/** The last command of a session and what was answered. Clients have one command under way at a time. */
type Session = { readonly sequence: number; readonly outcome: Outcome };

/** The store and its sessions. */
export class SessionStore implements StateMachine {
  readonly #maxSessions: number;
  readonly #store = new Store();
  /** In the order of their last commands, oldest first. */
  #sessions = new Map<number, Session>();

  constructor(maxSessions: number) {
    this.#maxSessions = maxSessions;
  }

  read(query: Query): Outcome {
    return { ok: true, value: this.#store.query(query) };
  }

  /** A duplicate gets the first one's answer and changes nothing. */
  apply(index: number, command: Command | null): Outcome {
    if (command === null) return NOTHING;
    if (command.f === 'open-session') {
      this.#touch(index, { sequence: 0, outcome: NOTHING });
      return { ok: true, value: index };
    }
    const { once } = command;
    if (once === null) return this.#store.update(command);
    const session = this.#sessions.get(once.session);
    if (session === undefined) return { ok: false, error: 'session-expired' };
    if (once.sequence === session.sequence) return session.outcome;
    if (once.sequence < session.sequence) return { ok: false, error: 'stale-sequence' };
    const outcome = this.#store.update(command);
    this.#touch(once.session, { sequence: once.sequence, outcome });
    return outcome;
  }

  /** Moves a session to the young end, and ends the oldest if there are too many. */
  #touch(id: number, session: Session): void {
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
    const saved = JSON.parse(text) as { values: [string, Json][]; sessions: [number, Session][] };
    this.#store.restore(saved.values);
    this.#sessions = new Map(saved.sessions);
  }
}
