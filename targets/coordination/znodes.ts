/**
 * Operations on the tree itself, by a client: nodes under the one that the operation's key names, and that node.
 */
import type { ClientContext, Completion } from '../../harness/client/client.ts';
import { isJsonObject, type Json, type JsonObject } from '../../harness/json.ts';
import type { Asked } from '../guarded-resource/lock-service.ts';
import { directoryOf, WATCH_MS } from './line.ts';
import type { Change, ChildStat, Stat } from './requests.ts';
import { EXPIRED, type Session } from './session.ts';

/** What is known of a node that is not there: as if it had been before its first version. */
const ABSENT = { version: -1, zxid: 0 };

/** What an operation with this value is about. */
export function fieldsOf(value: Json): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** The path of the node under this key's that the value names; of the key's own where it names none. */
export function pathIn(key: Json, value: Json): string {
  const { name } = fieldsOf(value);
  return typeof name === 'string' ? `${directoryOf(key)}/${name}` : directoryOf(key);
}

/** What came of asking, as a completion. */
export function completionOf(asked: Asked<Json>, told: (value: Json) => Json = (value) => value): Completion {
  if (asked.kind === 'done') return { type: 'ok', value: told(asked.value) };
  return { type: asked.kind === 'refused' ? 'fail' : 'info', error: asked.error };
}

/** The same of what has no effect: without an answer it failed. */
export function completionOfRead(asked: Asked<Json>, told?: (value: Json) => Json): Completion {
  return completionOf(asked.kind === 'unknown' ? { ...asked, kind: 'refused' } : asked, told);
}

/** One client's way to the tree. */
export class Znodes {
  readonly #context: ClientContext;
  readonly #session: Session;

  constructor(context: ClientContext, session: Session) {
    this.#context = context;
    this.#session = session;
  }

  async create(key: Json, value: Json, deadline: number): Promise<Completion> {
    const { data = null, sequential = false } = fieldsOf(value);
    const body = { path: pathIn(key, value), data, ephemeral: false, sequential };
    return completionOf(await this.#command('create', body, deadline), (created) => {
      const { path, zxid } = created as { path: string; zxid: number };
      return { name: path.slice(directoryOf(key).length + 1), zxid };
    });
  }

  /** Without a name it is the key's own node, which is made if it is not there. */
  async set(key: Json, value: Json, deadline: number): Promise<Completion> {
    const { name, data = null, version = null } = fieldsOf(value);
    const body = { path: pathIn(key, value), data, version, create: name === undefined };
    return completionOf(await this.#command('set', body, deadline));
  }

  async delete(key: Json, value: Json, deadline: number): Promise<Completion> {
    const { version = null } = fieldsOf(value);
    return completionOf(await this.#command('delete', { path: pathIn(key, value), version }, deadline));
  }

  async get(key: Json, value: Json, deadline: number): Promise<Completion> {
    const asked = await this.#ask('get', { path: pathIn(key, value) }, deadline);
    return completionOfRead(asked, (found) => {
      const stat = found as Stat | null;
      return stat === null ? null : { data: stat.data, version: stat.version, zxid: stat.mzxid };
    });
  }

  async children(key: Json, deadline: number): Promise<Completion> {
    const asked = await this.#ask('children', { path: directoryOf(key) }, deadline);
    return completionOfRead(asked, (found) => (found as ChildStat[]).map(({ name }) => name));
  }

  /** Reads the key's own node and waits for its next change; whatever has to be asked again asks for the change after *that* read. */
  async watch(key: Json, deadline: number): Promise<Completion> {
    const path = directoryOf(key);
    const read = await this.#ask('get', { path }, deadline);
    if (read.kind !== 'done') return completionOfRead(read);
    const stat = read.value as Stat | null;
    const seen = stat === null ? ABSENT : { version: stat.version, zxid: stat.mzxid };
    const since = stat === null ? null : stat.mzxid;
    while (this.#context.now() + WATCH_MS < deadline) {
      const asked = await this.#ask('watch', { path, since, waitMs: WATCH_MS }, deadline);
      if (asked.kind !== 'done') return completionOfRead(asked);
      const change = asked.value as Change | null;
      if (change !== null) {
        const { version, zxid } = change;
        return { type: 'ok', value: { seen, event: { version, zxid } } };
      }
    }
    return { type: 'fail', error: 'no-event' };
  }

  /** A change, in a session that is opened first if need be. */
  async #command(f: string, body: JsonObject, deadline: number): Promise<Asked<Json>> {
    const opened = await this.#session.open(deadline);
    return opened.kind === 'done' ? this.#session.command(f, body, deadline) : opened;
  }

  /** A question. It may be asked in the next session when this one turns out to be over. */
  async #ask(f: string, body: JsonObject, deadline: number): Promise<Asked<Json>> {
    for (;;) {
      const opened = await this.#session.open(deadline);
      if (opened.kind !== 'done') return opened;
      const asked = await this.#session.ask(f, body, deadline);
      if (asked.kind === 'done' || asked.error !== EXPIRED) return asked;
    }
  }
}
