/**
 * What a run did, as a set of numbers: each stands for something that was seen and roughly how often. A search
 * that meets a number for the first time has reached a behaviour that no run before it showed.
 *
 * Features are generic. A target adds its own by what it logs and by what it says of itself: which of its log's
 * events follow one another, which roles it passes through, which messages reach it in which role.
 */
import type { SimEntry, SimObserver } from '../cluster/sim/observer.ts';
import { isJsonObject, type Json } from '../json.ts';
import type { NodeId, NodeStatus } from '../node/program.ts';
import { isClient } from '../history/operation.ts';
import type { SimulatedRun } from './simulate.ts';

const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Once, a few times, often: finer counts would make every run a new behaviour. */
const OFTEN = [1, 4, 32];
/** Errors differ in numbers and names; their first words tell their kind. */
const ERROR_LENGTH = 24;

/** Looks on while a run happens. One for each run. */
export class Behaviours implements SimObserver {
  readonly #counts = new Map<string, number>();
  /** Types of the messages on their way. */
  readonly #types = new Map<number, string>();
  readonly #statuses = new Map<NodeId, NodeStatus>();
  #leader: NodeId | undefined;

  note(entry: SimEntry): void {
    switch (entry.what) {
      case 'send':
        this.#types.set(entry.id, typeOf(entry.message));
        break;
      case 'deliver':
        this.#count(`${this.#typeOf(entry.id)} to ${this.#roleOf(entry.to)}`);
        break;
      case 'drop':
        this.#count(`${this.#typeOf(entry.id)} ${entry.why}`);
        break;
      case 'life':
        this.#count(`${entry.change} as ${this.#roleOf(entry.node)}`);
        break;
      case 'reply':
        this.#count(`${entry.path} ${entry.kind} by ${this.#roleOf(entry.node)}`);
        break;
      case 'disk':
        if (entry.error !== undefined) this.#count(`${entry.action} failed as ${this.#roleOf(entry.node)}`);
        break;
      case 'state':
        this.#state(entry.node, entry.status);
        break;
      case 'timer':
      case 'request':
        break;
    }
  }

  /** The features of the run, now that it is over. */
  of({ history, logs }: SimulatedRun): number[] {
    for (const log of Object.values(logs)) {
      let before = '';
      for (const { event } of log) {
        this.#count(`${before} then ${event}`);
        before = event;
      }
    }
    for (const entry of history) {
      if (entry.type === 'invoke' || !isClient(entry)) continue;
      const { type, f, error } = entry;
      this.#count(`${f} ${type} ${error === undefined ? '' : kindOf(error)}`);
    }
    return [...this.#counts].map(([what, count]) =>
      hash(
        what,
        OFTEN.findLastIndex((few) => count >= few),
      ),
    );
  }

  #state(node: NodeId, status: NodeStatus): void {
    const before = this.#statuses.get(node);
    this.#statuses.set(node, status);
    const { role = '', epoch = 0 } = status;
    if (before?.role === role && before.epoch === epoch) return;
    const risen = Math.sign(epoch - (before?.epoch ?? 0));
    this.#count(`${before?.role ?? ''} becomes ${role} ${risen}`);
    if (!LEADING.has(role)) return;
    if (this.#leader !== node) this.#count('leader changes');
    this.#leader = node;
    const leaders = [...this.#statuses.values()].filter((other) => LEADING.has(other.role ?? ''));
    this.#count(`${leaders.length} lead at once`);
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  #roleOf(node: NodeId): string {
    return this.#statuses.get(node)?.role ?? '';
  }

  #typeOf(id: number): string {
    const type = this.#types.get(id) ?? '';
    this.#types.delete(id);
    return type;
  }
}

/** Roles that a nemesis aims at, see NodeStatus. */
const LEADING: ReadonlySet<string> = new Set(['leader', 'primary']);

function typeOf(message: Json): string {
  const type = isJsonObject(message) ? message['type'] : undefined;
  return typeof type === 'string' ? type : 'message';
}

function kindOf(error: Json): string {
  const text = typeof error === 'string' ? error : JSON.stringify(error);
  return text.slice(0, ERROR_LENGTH).replaceAll(/\d+/g, '#');
}

/** 32-bit FNV-1a. */
function hash(text: string, number: number): number {
  let word = FNV_BASIS ^ number;
  for (let index = 0; index < text.length; index++)
    word = Math.imul(word ^ text.charCodeAt(index), FNV_PRIME);
  return word >>> 0;
}
