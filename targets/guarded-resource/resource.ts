/**
 * The resource that a lock guards: values by key, on a node of its own. It records durably who wrote what with which token, so
 * that mutual exclusion can be judged where it matters, at the effect.
 *
 * It checks fencing tokens (Kleppmann, "How to do distributed locking", 2016): it remembers, for each key, the greatest token
 * that it has seen, and refuses whoever comes with a lower one. Seen counts a *read* as much as a write, and is
 * durable before the read is answered: a holder who reads, computes and writes would otherwise lose what the holder before
 * him, who was asleep, writes in between. With that, read, compute and write is atomic under tokens that are unique, whatever
 * the locks do; that they increase with the grants means that it is the old holder who is refused.
 *
 * Readers may share a lock. One of them must not be refused because another was here, only because somebody was who may write; and somebody
 * who may write must be refused after either. So the greatest token of those who may write is remembered by itself.
 *
 * Without a token there is the optimistic way: a write may say which version it expects to overwrite.
 */
import type { Json, JsonObject } from '../../harness/json.ts';
import { Refusal, type NodeContext, type NodeStatus, type RunningNode } from '../../harness/node/program.ts';
import { isJsonObject } from '../../harness/json.ts';
import { CorruptFileError } from '../replicated-log/record.ts';
import { DurableState } from './durable-state.ts';
import { keyOf, numberOf, optionalNumberOf, textOf } from './requests.ts';

const FILE = 'resource.journal';

/** An accepted write, as the resource records it. */
type Effect = {
  /** What the writer calls it. */
  readonly id: string;
  readonly holder: string;
  readonly token: number | null;
  /** The version that the writer had read, by its own word. */
  readonly base: number;
  /** The version that came to be. */
  readonly version: number;
};

/** One key's state. */
interface Cell {
  value: Json;
  /** The greatest token seen, and the greatest of those who did not say that they share the lock. */
  mark: number;
  exclusiveMark: number;
  /** Accepted writes; the last one's version is the key's. */
  readonly effects: Effect[];
}

type Change =
  | { readonly type: 'mark'; readonly key: string; readonly token: number; readonly shared: boolean }
  | { readonly type: 'write'; readonly key: string; readonly value: Json; readonly effect: Effect };

/** The resource's node. */
export class GuardedResource implements RunningNode {
  readonly #context: NodeContext;
  readonly #state: DurableState;
  readonly #cells = new Map<string, Cell>();

  constructor(context: NodeContext) {
    this.#context = context;
    this.#state = new DurableState(context.disk, FILE, () => this.#image());
  }

  async start(): Promise<void> {
    await this.#state.recover((record) => this.#apply(changeOf(record)));
    this.#context.clients.serve({
      read: (body) => this.#read(body),
      write: (body) => this.#write(body),
    });
  }

  status(): NodeStatus {
    let effects = 0;
    for (const cell of this.#cells.values()) effects += cell.effects.length;
    return { role: 'resource', effects };
  }

  /** Whether this token's holder was overtaken by another that the resource has seen. */
  protected isStale(token: number, mark: number): boolean {
    return token < mark;
  }

  /** With a token: the value, for a holder who means to write. Without: the value and everything that was done to it. */
  async #read(body: JsonObject): Promise<Json> {
    const key = keyOf(body);
    const token = optionalNumberOf(body, 'token');
    const shared = body['shared'] === true;
    const cell = this.#cell(key);
    if (token !== undefined) {
      this.#requireFresh(token, shared ? cell.exclusiveMark : cell.mark);
      if (token > (shared ? cell.mark : cell.exclusiveMark))
        this.#record({ type: 'mark', key, token, shared });
    }
    const { value, effects } = cell;
    const found = { value, version: effects.length };
    const answer = token === undefined ? { ...found, effects: [...effects] } : found;
    // What is shown must not be forgotten, nor that this token was seen.
    await this.#state.durable();
    return answer;
  }

  async #write(body: JsonObject): Promise<Json> {
    const key = keyOf(body);
    const cell = this.#cell(key);
    const token = optionalNumberOf(body, 'token');
    const expected = optionalNumberOf(body, 'expected');
    const version = cell.effects.length;
    if (token === undefined && expected === undefined) {
      throw new Refusal('unguarded: a write needs a token, or the version that it expects');
    }
    if (token !== undefined) this.#requireFresh(token, cell.mark);
    if (expected !== undefined && expected !== version) throw new Refusal('version-mismatch', { version });
    const effect: Effect = {
      id: textOf(body, 'id'),
      holder: textOf(body, 'holder'),
      token: token ?? null,
      base: numberOf(body, 'base'),
      version: version + 1,
    };
    this.#record({ type: 'write', key, value: body.value ?? null, effect });
    this.#context.failPoint('resource-wrote');
    await this.#state.durable();
    return { version: effect.version };
  }

  #requireFresh(token: number, mark: number): void {
    if (this.isStale(token, mark)) throw new Refusal('stale-token', { token, seen: mark });
  }

  #cell(key: string): Cell {
    const found = this.#cells.get(key);
    if (found !== undefined) return found;
    const cell: Cell = { value: null, mark: 0, exclusiveMark: 0, effects: [] };
    this.#cells.set(key, cell);
    return cell;
  }

  #record(change: Change): void {
    this.#apply(change);
    this.#state.record(change);
  }

  #apply(change: Change): void {
    const cell = this.#cell(change.key);
    if (change.type === 'write') {
      cell.value = change.value;
      cell.effects.push(change.effect);
    }
    const token = (change.type === 'write' ? change.effect.token : change.token) ?? 0;
    const shared = change.type === 'mark' && change.shared;
    cell.mark = Math.max(cell.mark, token);
    if (!shared) cell.exclusiveMark = Math.max(cell.exclusiveMark, token);
  }

  /** Everything, as records: every effect, and the value with the last of each key. */
  *#image(): Iterable<Change> {
    for (const [key, { value, mark, exclusiveMark, effects }] of this.#cells) {
      for (const effect of effects) yield { type: 'write', key, value, effect };
      yield { type: 'mark', key, token: mark, shared: true };
      yield { type: 'mark', key, token: exclusiveMark, shared: false };
    }
  }
}

function changeOf(record: Json): Change {
  if (isJsonObject(record) && typeof record['key'] === 'string') {
    if (record['type'] === 'mark' && typeof record['token'] === 'number') return record as Change;
    if (record['type'] === 'write' && isJsonObject(record['effect'])) return record as Change;
  }
  throw new CorruptFileError(FILE, `unknown record ${JSON.stringify(record).slice(0, 80)}`);
}

/** A class of resources: the correct one, or a variant. */
export type ResourceClass = new (context: NodeContext) => GuardedResource;
