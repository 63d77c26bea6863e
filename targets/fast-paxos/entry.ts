/**
 * What a slot of the log holds: a client's command or question under a name of its own. Questions take a slot too, for
 * without a leader nobody could say that a state is the latest. A fast round may put one entry into two slots; the
 * name is how that is noticed, and sessions keep a command that has two from happening twice.
 */
import { isJsonObject, type Json } from '../../harness/json.ts';
import { isCommand, type Command, type Query } from '../replicated-log/state-machine.ts';

/** An entry of the log: at most one of `command` and `query` is there. */
export type Entry = { readonly id: string; readonly command: Command | null; readonly query: Query | null };

/** What fills a gap. */
export const NO_OP: Entry = { id: '', command: null, query: null };

const QUERIES: ReadonlySet<Json | undefined> = new Set<Query['f']>(['read', 'contains', 'txn']);

function isQuery(value: Json | undefined): boolean {
  return isJsonObject(value) && QUERIES.has(value.f) && value.key !== undefined && value.value !== undefined;
}

/** True for a well-formed entry. */
export function isEntry(value: Json | undefined): value is Entry {
  return (
    isJsonObject(value) &&
    typeof value.id === 'string' &&
    (value.command === null || isCommand(value.command)) &&
    (value.query === null || isQuery(value.query))
  );
}
