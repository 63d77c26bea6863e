/**
 * The replicated state machine: a key-value store, and the client sessions that make retried commands take
 * effect once (section 6.3). It is deterministic: what it holds depends on the applied commands and their
 * order alone, so every replica that has applied the same prefix of the log holds the same.
 *
 * Sessions end by a rule that every replica follows alike: when there are too many, the one whose last
 * command is furthest back in the log goes. Its client is told so; it is never taken for a new one.
 */
import { canonical, equal, isJsonObject, type Json } from '../../harness/json.ts';

/** Marks a command for application at most once: the session and the command's number in it, from 1. */
export type Once = { readonly session: number; readonly sequence: number };

/** A command in the log. */
export type Command =
  /** Opens a session, whose number is the index of this entry. */
  | { readonly f: 'open-session' }
  /** `write` sets, `cas` takes `[expected, next]`, `append` adds one element to a list. */
  | { readonly f: Update; readonly key: Json; readonly value: Json; readonly once: Once | null };

/** Functions that change a key. */
export type Update = 'write' | 'cas' | 'append';

/** What the state machine answered. `ok: false` means that this command changed nothing. */
export type Outcome =
  | { readonly ok: true; readonly value: Json }
  | {
      readonly ok: false;
      readonly error: 'cas-mismatch' | 'not-a-list' | 'session-expired' | 'stale-sequence';
    };

/** The last command of a session and what was answered. Clients have one command under way at a time. */
type Session = { readonly sequence: number; readonly outcome: Outcome };

const UPDATES: ReadonlySet<Json> = new Set<Update>(['write', 'cas', 'append']);

/** True for the name of a function that changes a key. */
export function isUpdate(f: Json | undefined): f is Update {
  return f !== undefined && UPDATES.has(f);
}

/** The store and its sessions. */
export class StateMachine {
  readonly #maxSessions: number;
  /** By canonical key. */
  #values = new Map<string, Json>();
  /** In the order of their last commands, oldest first. */
  #sessions = new Map<number, Session>();

  constructor(maxSessions: number) {
    this.#maxSessions = maxSessions;
  }

  /** The value of a key, null if it was never written. */
  read(key: Json): Json {
    return this.#values.get(canonical(key)) ?? null;
  }

  /** Applies the command of the entry at this index; a duplicate gets the first one's answer and changes nothing. */
  apply(index: number, command: Command): Outcome {
    if (command.f === 'open-session') {
      this.#touch(index, { sequence: 0, outcome: { ok: true, value: null } });
      return { ok: true, value: index };
    }
    const { once } = command;
    if (once === null) return this.#update(command.f, command.key, command.value);
    const session = this.#sessions.get(once.session);
    if (session === undefined) return { ok: false, error: 'session-expired' };
    if (once.sequence === session.sequence) return session.outcome;
    if (once.sequence < session.sequence) return { ok: false, error: 'stale-sequence' };
    const outcome = this.#update(command.f, command.key, command.value);
    this.#touch(once.session, { sequence: once.sequence, outcome });
    return outcome;
  }

  #update(f: Update, key: Json, value: Json): Outcome {
    const name = canonical(key);
    const current = this.#values.get(name) ?? null;
    switch (f) {
      case 'write':
        this.#values.set(name, value);
        break;
      case 'cas': {
        const [expected = null, next = null] = value as Json[];
        if (!equal(current, expected)) return { ok: false, error: 'cas-mismatch' };
        this.#values.set(name, next);
        break;
      }
      case 'append':
        if (current !== null && !Array.isArray(current)) return { ok: false, error: 'not-a-list' };
        // A new list each time: the old one may be on its way to a reader.
        this.#values.set(name, [...((current ?? []) as Json[]), value]);
        break;
    }
    return { ok: true, value: null };
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

  /** Everything, as text for a snapshot; equal states give equal texts. */
  save(): string {
    const values = [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify({ values, sessions: [...this.#sessions] });
  }

  /** Becomes what `save` wrote. */
  restore(text: string): void {
    const saved = JSON.parse(text) as { values: [string, Json][]; sessions: [number, Session][] };
    this.#values = new Map(saved.values);
    this.#sessions = new Map(saved.sessions);
  }
}

function isOnce(value: Json | undefined): value is Once {
  return isJsonObject(value) && Number.isSafeInteger(value.session) && Number.isSafeInteger(value.sequence);
}

/** True for a well-formed command, as a leader accepts it from a client or a follower from a leader. */
export function isCommand(value: Json | undefined): value is Command {
  if (!isJsonObject(value)) return false;
  if (value.f === 'open-session') return true;
  if (!isUpdate(value.f) || value.key === undefined || value.value === undefined) return false;
  if (value.f === 'cas' && !(Array.isArray(value.value) && value.value.length === 2)) return false;
  return value.once === null || isOnce(value.once);
}
