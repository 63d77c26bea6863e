/**
 * What clients may ask of a replicated store, as handlers of the client port: every log has the same.
 *
 * Two kinds of "no" are kept apart, because the history rests on it. A `Refusal` says that nothing happened
 * and nothing will. An `Error` says that nobody knows: the command was given to the log, and may take effect or not.
 */
import type { Json, JsonObject } from '../../harness/json.ts';
import { Refusal, type RequestHandler } from '../../harness/node/program.ts';
import {
  isReadOnly,
  isStoreCommand,
  isTransaction,
  kindOf,
  TAKES,
  type StoreCommand,
  type StoreQuery,
  type UpdateName,
} from './operations.ts';
import type { Command, Outcome, Query } from './state-machine.ts';

/** A replica, as its clients see it. */
export interface LogService {
  /** Puts a command in the log; answers when it is applied. */
  propose(command: Command): Promise<Outcome>;
  /** Answers from a state that holds every command that took effect before the question came. */
  read(query: Query): Promise<Outcome>;
}

/** Someone who waits for an answer. */
export interface Waiting {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

/** Handlers of everything that the store can do. */
export function storeHandlers(service: LogService): Readonly<Record<string, RequestHandler>> {
  const update =
    (f: UpdateName): RequestHandler =>
    (body) =>
      service.propose(commandOf(f, body));
  return {
    read: ({ key }) => service.read({ f: 'read', key: required(key), value: null }),
    contains: (body) => service.read(containsOf(body)),
    write: update('write'),
    cas: update('cas'),
    append: update('append'),
    add: update('add'),
    remove: update('remove'),
    txn: ({ value = null, ...rest }) => {
      if (isTransaction(value) && isReadOnly('txn', value))
        return service.read({ f: 'txn', key: null, value });
      return service.propose(commandOf('txn', { ...rest, key: null, value }));
    },
    'open-session': () => service.propose({ f: 'open-session' }),
  };
}

function required(key: Json | undefined): Json {
  if (key === undefined) throw new Refusal('the body must have a "key"');
  return key;
}

function containsOf({ key, value = null }: JsonObject): StoreQuery {
  if (kindOf(required(key)) !== 'set') throw new Refusal('contains takes a key that is ["set", name]');
  return { f: 'contains', key: required(key), value };
}

/** The command in a client's request; without a session it is applied as often as it arrives. */
function commandOf(f: UpdateName, { key, value, session, sequence }: JsonObject): StoreCommand {
  const once = session === undefined ? null : { session, sequence: sequence ?? null };
  const command: Json = { f, key: required(key), value: value ?? null, once };
  if (isStoreCommand(command)) return command;
  throw new Refusal(`${f} takes ${TAKES[f]}; and optionally {session, sequence}, both whole numbers`);
}
