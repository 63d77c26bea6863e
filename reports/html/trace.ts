/**
 * A trace as a page carries it: messages put together from their sending and their end, the harness's own probes
 * left out, and of a long one the part around the first problem, since that is what it is looked at for.
 */
import type { Json } from '../../harness/json.ts';
import type { RunRecord } from '../../harness/run/reporter.ts';
import type { TraceEntry } from '../../harness/run/trace.ts';
import { problemsOf } from '../words.ts';
import { DELIVERED, messageType, type TraceItem } from './page/trace-items.ts';
import { windowOf } from './places.ts';

/** Items that a page carries. */
export const TRACE_ITEMS_MAX = 100_000;
/** Of these, the share that may be before the first problem. */
const BEFORE_SHARE = 0.7;

/** What a page carries of a trace. */
export interface TracePart {
  /** In order of time; first, what each node was before the rest. */
  readonly items: readonly TraceItem[];
  readonly from: number;
  readonly to: number;
  /** How many had to be left out. */
  readonly omitted: number;
}

/** The part of the run's trace to show; undefined when it was not traced. `max`: how many items at most. */
export function tracePart(record: RunRecord, max = TRACE_ITEMS_MAX): TracePart | undefined {
  if (record.trace === undefined) return undefined;
  const collector = new Collector(firstProblem(record), max);
  for (const entry of record.trace) collector.take(entry);
  return collector.part;
}

/** When the first problem of the verdict begins; at once when there is none. */
function firstProblem({ results, history }: RunRecord): number {
  const windows = problemsOf(results).map(({ problem }) => windowOf(problem, history));
  return windows.find((window) => window !== undefined)?.[0] ?? -Infinity;
}

type MutableItem = { -readonly [Field in keyof TraceItem]: TraceItem[Field] };

/** Makes items of entries and keeps as many as a page may carry. */
class Collector {
  readonly #problem: number;
  readonly #max: number;
  #items: MutableItem[] = [];
  #omitted = 0;
  #full = false;
  /** Messages on their way, by their number. */
  readonly #open = new Map<number, MutableItem>();
  /** The last that was left out of each node's lives and states, which says what it was then. */
  readonly #before = new Map<string, TraceItem>();

  constructor(problem: number, max: number) {
    this.#problem = problem;
    this.#max = max;
  }

  take(entry: TraceEntry): void {
    if (entry.what === 'deliver' || entry.what === 'drop') {
      const message = this.#open.get(entry.id);
      this.#open.delete(entry.id);
      if (message === undefined) return;
      message.end = entry.time;
      message.fate = entry.what === 'drop' ? entry.why : DELIVERED;
      return;
    }
    const item = itemOf(entry);
    if (item === undefined) return;
    if (this.#items.length >= this.#max && !this.#full) this.#makeRoom(entry.time);
    if (this.#full) this.#omitted++;
    else {
      this.#items.push(item);
      if (entry.what === 'send') this.#open.set(entry.id, item);
    }
  }

  get part(): TracePart {
    const items = [...[...this.#before.values()].sort((a, b) => a.time - b.time), ...this.#items];
    const from = this.#items[0]?.time ?? 0;
    const to = this.#items.reduce((last, { time, end = time }) => Math.max(last, end), from);
    return { items, from, to, omitted: this.#omitted };
  }

  /** Leaves out the earliest, as long as they are well before the problem; else there is no more room. */
  #makeRoom(now: number): void {
    const before = this.#items.findLastIndex(({ time }) => time < this.#problem) + 1;
    const keep = now < this.#problem ? this.#max / 2 : this.#max * BEFORE_SHARE;
    const surplus = Math.max(0, before - Math.floor(keep));
    this.#full = surplus === 0;
    for (const item of this.#items.slice(0, surplus)) {
      if (item.kind === 'life' || item.kind === 'state') this.#before.set(`${item.node} ${item.kind}`, item);
    }
    this.#items = this.#items.slice(surplus);
    this.#omitted += surplus;
  }
}

/** The item of an entry; undefined for the harness's own probes, which are no part of what is tested. */
function itemOf(entry: Exclude<TraceEntry, { what: 'deliver' | 'drop' }>): MutableItem | undefined {
  const { time } = entry;
  switch (entry.what) {
    case 'send': {
      const { from, to, message } = entry;
      return { kind: 'message', time, node: from, to, type: messageType(message), content: message };
    }
    case 'request': {
      const { node, path, body } = entry;
      return isProbe(path) ? undefined : { kind: 'request', time, node, type: path, content: body };
    }
    case 'reply': {
      const { node, path, kind, answer } = entry;
      return isProbe(path)
        ? undefined
        : { kind: 'reply', time, node, type: path, fate: kind, content: answer };
    }
    case 'timer':
      return { kind: 'timer', time, node: entry.node, type: 'timer', content: null };
    case 'disk': {
      const { what: _, time: __, node, action, ...content } = entry;
      return { kind: 'disk', time, node, type: action, content };
    }
    case 'life': {
      const { node, change, reason } = entry;
      return { kind: 'life', time, node, type: change, content: reason ?? null };
    }
    case 'state': {
      const { node, status } = entry;
      return { kind: 'state', time, node, type: status.role ?? 'state', content: { ...status } as Json };
    }
  }
}

function isProbe(path: string): boolean {
  return path.startsWith('_/');
}
