/**
 * The tree of the coordination service, as a state machine: nodes by path, sessions, and what belongs to whom. It follows ZooKeeper's data
 * model (Hunt, Konar, Junqueira and Reed, "ZooKeeper: Wait-free Coordination for Internet-scale Systems", ATC 2010, section 2.1 and 2.2):
 *
 * - every change has a number, its zxid: here the index of the log's entry that made it;
 * - an ephemeral node belongs to a session and is deleted in the moment in which that ends;
 * - a sequential node has a number after its name that its parent counts, and which never goes back;
 * - a node's version counts how often its data was set, and a change may be made on condition of it.
 *
 * In one thing it is stronger. A session's commands are numbered by its client, and one that comes again is answered as the first time. In
 * ZooKeeper a client whose connection breaks cannot know whether its last command was done.
 *
 * Time has no place here, or replicas would differ: a session ends by a command as well (session-clock.ts).
 */
import type { Json } from '../../harness/json.ts';
import { answeredBefore, type LastCommand } from '../replicated-log/sessions.ts';
import {
  NOTHING,
  type Command,
  type Outcome,
  type Query,
  type StateMachine,
} from '../replicated-log/state-machine.ts';
import {
  ROOT,
  type Change,
  type ChildStat,
  type Stat,
  type TreeCommand,
  type TreeQuery,
  type Update,
} from './requests.ts';

/** Digits of a sequential node's number, as in ZooKeeper: so many that names sort as their numbers do. */
const DIGITS = 10;
/** Of each node so many of the latest changes are known one by one; whoever watches and is further behind is told of the first of these. */
const CHANGES_KEPT = 256;

/** A node. */
interface Znode {
  data: Json;
  version: number;
  readonly czxid: number;
  /** The session that it belongs to, if it is ephemeral. */
  readonly owner: number | null;
  /** How many sequential nodes were made under it. */
  counter: number;
  /** The zxids of its latest changes: when it was made, or its data set. */
  changes: number[];
  readonly children: Set<string>;
}

/** A session: how long it may be silent, the last of its commands, and its ephemeral nodes. */
interface Session {
  readonly ttlMs: number;
  last: LastCommand;
  readonly nodes: Set<string>;
}

/** A state as text. */
interface Saved {
  readonly zxid: number;
  readonly nodes: readonly [path: string, node: Omit<Znode, 'children'>][];
  readonly sessions: readonly [id: number, ttlMs: number, last: LastCommand][];
}

const done = (value: Json): Outcome => ({ ok: true, value });
const failed = (error: string): Outcome => ({ ok: false, error });

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function newNode(zxid: number, data: Json, owner: number | null): Znode {
  return { data, version: 0, czxid: zxid, owner, counter: 0, changes: [zxid], children: new Set() };
}

/** Nodes and sessions. */
export class Tree implements StateMachine {
  readonly #nodes = new Map([[ROOT, newNode(0, null, null)]]);
  readonly #sessions = new Map<number, Session>();
  /** The entry applied last. */
  #zxid = 0;

  apply(index: number, given: Command | null): Outcome {
    this.#zxid = index;
    if (given === null) return NOTHING;
    const command = given as TreeCommand;
    switch (command.f) {
      case 'open-session':
        this.#sessions.set(index, {
          ttlMs: command.ttlMs,
          last: { sequence: 0, outcome: NOTHING },
          nodes: new Set(),
        });
        return done(index);
      case 'close-session':
      case 'expire-session':
        return this.#end(command.session);
      default:
        return this.#updateOnce(command);
    }
  }

  /** A command that comes again changes nothing, and is answered as before. */
  #updateOnce(command: Update): Outcome {
    const session = this.#sessions.get(command.session);
    const before = answeredBefore(session?.last, command.sequence);
    if (session === undefined || before !== undefined) return before ?? failed('session-expired');
    const outcome = this.#update(command, session);
    session.last = { sequence: command.sequence, outcome };
    return outcome;
  }

  #update(command: Update, session: Session): Outcome {
    switch (command.f) {
      case 'create':
        return this.#create(command, session);
      case 'set':
        return this.#set(command);
      case 'delete':
        return this.#delete(command);
    }
  }

  #create(command: Update & { readonly f: 'create' }, session: Session): Outcome {
    const { path, data, ephemeral, sequential } = command;
    const parent = this.#parentFor(path);
    if (parent === undefined) return failed('ephemeral-parent');
    const full = sequential ? `${path}${String(parent.counter++).padStart(DIGITS, '0')}` : path;
    if (this.#nodes.has(full)) return failed('node-exists');
    this.#add(full, data, ephemeral ? command.session : null);
    if (ephemeral) session.nodes.add(full);
    return done({ path: full, zxid: this.#zxid });
  }

  /** The parent of a node that is to be made, made as well if it is not there. Undefined if it can have no children. */
  #parentFor(path: string): Znode | undefined {
    const parent = parentOf(path);
    const found = this.#nodes.get(parent);
    if (found !== undefined) return found.owner === null ? found : undefined;
    return this.#parentFor(parent) === undefined ? undefined : this.#add(parent, null, null);
  }

  #add(path: string, data: Json, owner: number | null): Znode {
    const node = newNode(this.#zxid, data, owner);
    this.#nodes.set(path, node);
    this.#nodes.get(parentOf(path))?.children.add(nameOf(path));
    return node;
  }

  #set({ path, data, version, create }: Update & { readonly f: 'set' }): Outcome {
    const node = this.#nodes.get(path);
    if (node === undefined) {
      if (!create) return failed('no-node');
      if (this.#parentFor(path) === undefined) return failed('ephemeral-parent');
      this.#add(path, data, null);
      return done({ version: 0, zxid: this.#zxid });
    }
    if (version !== null && version !== node.version) return failed('bad-version');
    node.data = data;
    node.version += 1;
    node.changes = [...node.changes, this.#zxid].slice(-CHANGES_KEPT);
    return done({ version: node.version, zxid: this.#zxid });
  }

  #delete({ path, version }: Update & { readonly f: 'delete' }): Outcome {
    const node = this.#nodes.get(path);
    if (node === undefined || path === ROOT) return failed('no-node');
    if (version !== null && version !== node.version) return failed('bad-version');
    if (node.children.size > 0) return failed('not-empty');
    this.#remove(path);
    return done({ zxid: this.#zxid });
  }

  #remove(path: string): void {
    const owner = this.#nodes.get(path)?.owner ?? null;
    if (owner !== null) this.#sessions.get(owner)?.nodes.delete(path);
    this.#nodes.delete(path);
    this.#nodes.get(parentOf(path))?.children.delete(nameOf(path));
  }

  /** Ends a session, and what belongs to it with it. */
  #end(id: number): Outcome {
    const session = this.#sessions.get(id);
    if (session === undefined) return failed('session-expired');
    this.sessionEnded([...session.nodes]);
    this.#sessions.delete(id);
    return NOTHING;
  }

  /** The session is over that these ephemeral nodes belong to. */
  protected sessionEnded(nodes: readonly string[]): void {
    for (const path of nodes) this.#remove(path);
  }

  read(given: Query): Outcome {
    const query = given as TreeQuery;
    if (query.f === 'sessions') return done([...this.#sessions].map(([id, { ttlMs }]) => [id, ttlMs]));
    if (query.session !== null && !this.#sessions.has(query.session)) return failed('session-expired');
    switch (query.f) {
      case 'session':
        return NOTHING;
      case 'get':
        return done(this.#stat(query.path));
      case 'children':
        return done(this.#children(query.path));
      case 'change':
        return done(this.#changeSince(query.path, query.since));
    }
  }

  #stat(path: string): Stat | null {
    const node = this.#nodes.get(path);
    if (node === undefined) return null;
    const { data, version, czxid, owner, changes } = node;
    return { data, version, czxid, mzxid: changes.at(-1) ?? czxid, owner };
  }

  /** The children by name. */
  #children(path: string): ChildStat[] {
    const names = [...(this.#nodes.get(path)?.children ?? [])].sort();
    return names.flatMap((name) => {
      const child = this.#nodes.get(`${path}/${name}`);
      return child === undefined ? [] : [{ name, czxid: child.czxid, owner: child.owner, data: child.data }];
    });
  }

  /**
   * The first change of this node after that zxid, null if there is none yet. Where `since` is null the node was not there. Of a node that
   * is not there any more it is not known when it went: what is given is the latest moment that it can have been.
   */
  #changeSince(path: string, since: number | null): Change | null {
    const node = this.#nodes.get(path);
    if (node === undefined)
      return since === null ? null : { type: 'deleted', zxid: this.#zxid, version: null };
    const { changes, czxid, version } = node;
    const at = changes.findIndex((zxid) => zxid > (since ?? 0));
    const zxid = changes[at];
    if (zxid === undefined) return null;
    const type = zxid === czxid ? 'created' : 'changed';
    return { type, zxid, version: version - (changes.length - 1 - at) };
  }

  save(): string {
    const nodes = [...this.#nodes]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, { children: _, ...node }]): Saved['nodes'][number] => [path, node]);
    const sessions = [...this.#sessions].map(([id, { ttlMs, last }]): Saved['sessions'][number] => [
      id,
      ttlMs,
      last,
    ]);
    return JSON.stringify({ zxid: this.#zxid, nodes, sessions } satisfies Saved);
  }

  restore(text: string): void {
    const { zxid, nodes, sessions } = JSON.parse(text) as Saved;
    this.#zxid = zxid;
    this.#nodes.clear();
    this.#sessions.clear();
    for (const [id, ttlMs, last] of sessions) this.#sessions.set(id, { ttlMs, last, nodes: new Set() });
    // Parents come before their children: they are a prefix, and the paths are sorted.
    for (const [path, node] of nodes) {
      this.#nodes.set(path, { ...node, children: new Set() });
      if (path !== ROOT) this.#nodes.get(parentOf(path))?.children.add(nameOf(path));
      if (node.owner !== null) this.#sessions.get(node.owner)?.nodes.add(path);
    }
  }
}
