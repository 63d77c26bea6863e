/**
 * Waiting in line, which all recipes here are about ("ZooKeeper Recipes and Solutions", zookeeper.apache.org): whoever wants something
 * makes an ephemeral sequential node for it and looks at all that there are. He has it when nobody before him stands in his way;
 * until then he waits for the last of those to go, and for no other, so that a node that goes wakes one client and not a herd. Who
 * dies loses his session, and with it his place.
 *
 * The number of the change that made a node is its fencing token: it is greater for who comes later in line.
 *
 * A client finds its node among the others by the name that it gave it, as it may never have learned the number: the answer may be lost.
 * That is not enough. If it has given its session up and has another, there may be a node of its name that
 * belongs to the session before and will be gone at any moment (Apache Curator, CURATOR-498: "Protected Mode creation can mistake closing
 * session's node causing problems for many recipes such as LeaderLatch"). So it asks whose the node is as well.
 */
import type { ClientContext } from '../../harness/client/client.ts';
import { canonical, isJsonObject, type Json } from '../../harness/json.ts';
import type { Asked, Grant, LockService } from '../guarded-resource/lock-service.ts';
import { candidate, leaderOf, type Leader } from './recipes/election.ts';
import { lock } from './recipes/lock.ts';
import { readLock, writeLock } from './recipes/read-write-lock.ts';
import type { Place, Recipe } from './recipes/recipe.ts';
import type { ChildStat } from './requests.ts';
import type { Session } from './session.ts';

/** Milliseconds that somebody waits in line, if the operation has as many; and what of its time is left for leaving it. */
const WAIT_MS = 2500;
const LEAVE_MS = 500;
/** Milliseconds after which a watch is set again, which is a sign of life as well. */
export const WATCH_MS = 250;

const RECIPES: readonly Recipe[] = [lock, readLock, writeLock, candidate];

/** What a client holds, and in which session. */
interface Held {
  readonly directory: string;
  readonly path: string;
  readonly session: number | null;
}

/** The node under which what belongs to this key is. */
export function directoryOf(key: Json): string {
  return `/${encodeURIComponent(canonical(key))}`;
}

/** The recipe that is asked for by its kind; the lock if nothing is said. */
function recipeFor(asked: Json): Recipe {
  const kind = isJsonObject(asked) ? asked['mode'] : lock.kind;
  return RECIPES.find((recipe) => recipe.kind === kind) ?? lock;
}

/** Nodes are named `owner-kind-number`, as in the recipes. */
function placeOf(child: ChildStat): Place {
  const [number = '', kind = ''] = child.name.split('-').toReversed();
  return { ...child, kind, number: Number(number) };
}

/** One client's places in lines. It has one thing at a time. */
export class Line implements LockService {
  protected readonly session: Session;
  readonly #context: ClientContext;
  #held: Held | undefined;

  constructor(context: ClientContext, session: Session) {
    this.#context = context;
    this.session = session;
  }

  async acquire(key: Json, owner: string, deadline: number, asked: Json): Promise<Asked<Grant>> {
    const recipe = recipeFor(asked);
    const directory = directoryOf(key);
    // Who asks for something while he holds it or something else has forgotten that he does, as one who died: it ends with his session.
    if (this.#held?.session === this.session.id) this.session.abandon();
    const until = Math.min(this.#context.now() + WAIT_MS, deadline - LEAVE_MS);
    const [mine, error] = await this.#waitInLine(directory, `${owner}-${recipe.kind}-`, recipe, until);
    if (mine === undefined || error !== undefined) {
      await this.#leave(directory, mine, deadline);
      return { kind: 'refused', error: error ?? 'held' };
    }
    this.#held = { directory, path: `${directory}/${mine.name}`, session: this.session.id };
    const { validUntil } = this.session;
    const grant = { owner, token: mine.czxid, validUntil };
    return { kind: 'done', value: recipe.mode === undefined ? grant : { ...grant, mode: recipe.mode } };
  }

  /** The place in line, and why it is not yet the turn of it, if so. */
  async #waitInLine(
    directory: string,
    name: string,
    recipe: Recipe,
    until: number,
  ): Promise<[mine: Place | undefined, error?: string]> {
    /** There may be a node of this name. */
    let entered = false;
    let mine: Place | undefined;
    while (this.#context.now() < until) {
      if (this.session.isOver) this.session.abandon();
      const session = await this.session.open(until);
      if (session.kind !== 'done') return [mine, session.error];
      if (!entered) {
        mine = undefined;
        await this.#enter(directory, name, until);
        entered = true;
      }
      const asked = await this.session.ask('children', { path: directory }, this.#limit(until));
      if (asked.kind !== 'done') continue;
      const line = this.#inOrder(asked.value);
      mine = line.find((place) => place.name.startsWith(name) && this.isOwn(place));
      entered = mine !== undefined;
      if (mine === undefined) continue;
      const blocker = recipe.blocker(line.slice(0, line.indexOf(mine)));
      if (blocker === undefined) return [mine];
      await this.#watch(`${directory}/${blocker.name}`, blocker.czxid, until);
    }
    return [mine, 'held'];
  }

  /** Whether this place was taken in the present session. */
  protected isOwn({ owner }: Place): boolean {
    return owner === this.session.id;
  }

  /** Who leads, by the election of this key. Whoever looks needs no session. */
  async leader(key: Json, deadline: number): Promise<Asked<Leader>> {
    const asked = await this.session.look('children', { path: directoryOf(key) }, deadline);
    return asked.kind === 'done' ? { kind: 'done', value: leaderOf(this.#inOrder(asked.value)) } : asked;
  }

  /** Children of a node as a line, the first one first. */
  #inOrder(children: Json): Place[] {
    return (children as ChildStat[]).map(placeOf).sort((a, b) => this.compare(a, b));
  }

  /** Below zero if the first comes before the second in line. */
  protected compare(a: Place, b: Place): number {
    return a.number - b.number;
  }

  /** For how long it makes sense to ask in the present session: no longer than it lives by what is known of it. */
  #limit(until: number): number {
    return Math.min(until, this.session.validUntil);
  }

  async #enter(directory: string, name: string, until: number): Promise<void> {
    const body = {
      path: `${directory}/${name}`,
      data: this.#context.session,
      ephemeral: true,
      sequential: true,
    };
    await this.session.command('create', body, this.#limit(until));
  }

  /** Waits until this node changed, which it does only when it goes; no longer than a watch lasts, for what comes then is the same. */
  async #watch(path: string, since: number, until: number): Promise<void> {
    const body = { path, since, waitMs: Math.min(WATCH_MS, Math.max(0, until - this.#context.now())) };
    await this.session.ask('watch', body, this.#limit(until));
  }

  /** Gives up the place in line, and the session with it unless that is sure to be done: nothing must be left in a session that goes on. */
  async #leave(directory: string, mine: Place | undefined, deadline: number): Promise<void> {
    if (mine !== undefined && this.isOwn(mine)) {
      const left = await this.#remove(`${directory}/${mine.name}`, deadline);
      if (left.kind === 'done') return;
    }
    this.session.abandon();
  }

  #remove(path: string, deadline: number): Promise<Asked<Json>> {
    return this.session.command('delete', { path, version: null }, deadline);
  }

  async renew(key: Json, grant: Grant, deadline: number): Promise<Asked<Grant>> {
    if (this.#heldNow(key) === undefined) return { kind: 'refused', error: 'not-held' };
    const asked = await this.session.ask('touch', {}, deadline);
    if (asked.kind === 'done')
      return { kind: 'done', value: { ...grant, validUntil: this.session.validUntil } };
    // A sign of life without an answer changed nothing that could be relied on.
    return { kind: 'refused', error: asked.error };
  }

  async release(key: Json, _grant: Grant, deadline: number): Promise<Asked<null>> {
    const held = this.#heldNow(key);
    if (held === undefined) return { kind: 'refused', error: 'not-held' };
    this.#held = undefined;
    const asked = await this.#remove(held.path, deadline);
    if (asked.kind === 'done') return { kind: 'done', value: null };
    this.session.abandon();
    return asked;
  }

  /** What this client holds, unless the session is over in which it took it. */
  #heldNow(key: Json): Held | undefined {
    const held = this.#held;
    return held?.directory === directoryOf(key) && held.session === this.session.id ? held : undefined;
  }
}
