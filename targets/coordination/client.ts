/**
 * The client of the coordination service. A process has one session for all that it does; what it does at the resource that its locks
 * guard is the same as with every other kind of lock (guarded-resource/lock-client.ts).
 */
import type {
  Client,
  ClientContext,
  ClientFactory,
  Completion,
  Invocation,
} from '../../harness/client/client.ts';
import type { Json } from '../../harness/json.ts';
import { lockClient } from '../guarded-resource/lock-client.ts';
import { Line } from './line.ts';
import { candidate } from './recipes/election.ts';
import { Registrations } from './registrations.ts';
import { Session } from './session.ts';
import { completionOfRead, Znodes } from './znodes.ts';

/** A class of clients' places in line: the correct one, or a variant. */
type LineClass = new (context: ClientContext, session: Session) => Line;

type Operation = (key: Json, value: Json, deadline: number) => Promise<Completion>;

/** One process's client. */
class CoordinationClient implements Client {
  readonly #context: ClientContext;
  readonly #locks: Client;
  readonly #operations: ReadonlyMap<string, Operation>;

  constructor(context: ClientContext, Lines: LineClass) {
    this.#context = context;
    const session = new Session(context);
    const line = new Lines(context, session);
    const znodes = new Znodes(context, session);
    const registrations = new Registrations(context, session);
    this.#locks = lockClient(() => line)(context);
    this.#operations = new Map<string, Operation>([
      ['leader', async (key, _value, deadline) => completionOfRead(await line.leader(key, deadline))],
      ['create', (key, value, deadline) => znodes.create(key, value, deadline)],
      ['set', (key, value, deadline) => znodes.set(key, value, deadline)],
      ['delete', (key, value, deadline) => znodes.delete(key, value, deadline)],
      ['get', (key, value, deadline) => znodes.get(key, value, deadline)],
      ['children', (key, _value, deadline) => znodes.children(key, deadline)],
      ['watch', (key, _value, deadline) => znodes.watch(key, deadline)],
      ['register', (key, value, deadline) => registrations.register(key, value, deadline)],
      ['touch', (_key, _value, deadline) => registrations.touch(deadline)],
      ['close', (_key, _value, deadline) => registrations.close(deadline)],
      ['sleep', (_key, value, deadline) => registrations.sleep(value, deadline)],
      ['list', (key, _value, deadline) => registrations.list(key, deadline)],
    ]);
  }

  invoke(invocation: Invocation, timeoutMs: number): Promise<Completion> {
    const { f, key = null, value } = invocation;
    const own = this.#operations.get(f);
    if (own !== undefined) return own(key, value, this.#context.now() + timeoutMs);
    // To lead is to hold a lock.
    if (f === 'campaign')
      return this.#lock({ f: 'acquire', key, value: { mode: candidate.kind } }, timeoutMs);
    return this.#lock(f === 'resign' ? { ...invocation, f: 'release' } : invocation, timeoutMs);
  }

  #lock(invocation: Invocation, timeoutMs: number): Promise<Completion> {
    return this.#locks.invoke(invocation, timeoutMs);
  }
}

/** Opens clients that wait in line as this class does. */
export function coordinationClient(Lines: LineClass): ClientFactory {
  return (context) => new CoordinationClient(context, Lines);
}

/** Opens a client. */
export const client: ClientFactory = coordinationClient(Line);
