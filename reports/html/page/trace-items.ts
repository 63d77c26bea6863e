/**
 * What a trace comes to on the page: one list in order of time, in which a message is one item from its sending to
 * its end, so that diagram, list, filters and keys all go over the same thing.
 */
import { isJsonObject, type Json } from '../../../harness/json.ts';
import { lowerBound } from './calls.ts';

/** What sort of thing happened. */
export type TraceKind = 'message' | 'request' | 'reply' | 'state' | 'life' | 'timer' | 'disk';

/** All sorts, and what the page calls them. */
export const TRACE_KINDS: Readonly<Record<TraceKind, string>> = {
  message: 'messages',
  request: "clients' requests",
  reply: 'answers to them',
  state: 'states of nodes',
  life: 'starts, ends, pauses',
  disk: 'disks',
  timer: 'timers',
};

/** One thing that happened. Times in nanoseconds since the start of the test. */
export interface TraceItem {
  readonly kind: TraceKind;
  /** When it happened; for a message, when it was sent. */
  readonly time: number;
  /** Where; for a message, who sent it. */
  readonly node: string;
  /** For a message: to whom. */
  readonly to?: string;
  /** For a message: when it arrived or was lost; absent when it was on its way to the end. */
  readonly end?: number;
  /** For a message `delivered`, or why it was lost; for an answer its kind. */
  readonly fate?: string;
  /** The type of a message, the path of a request, what was done to a disk or a node. */
  readonly type: string;
  /** Everything else there is to say. */
  readonly content: Json;
}

/** The fate of a message that arrived. */
export const DELIVERED = 'delivered';

/** A message's type: what it says of itself under that name, as most protocols have it. */
export function messageType(message: Json): string {
  if (typeof message === 'string') return message;
  if (!isJsonObject(message)) return 'message';
  const own = message['type'] ?? message['kind'];
  return typeof own === 'string' ? own : 'message';
}

/** Whether the message was lost on its way. */
export function isLost({ kind, fate }: TraceItem): boolean {
  return kind === 'message' && fate !== undefined && fate !== DELIVERED;
}

/** When it was over: at once, but for a message; never, for one that was on its way to the end. */
function endOf({ kind, time, end }: TraceItem): number {
  return end ?? (kind === 'message' ? Infinity : time);
}

/** The items of a trace, to be asked for by time. */
export class TraceItems {
  readonly all: readonly TraceItem[];
  readonly #times: Float64Array;
  /** How long any message travelled: so much earlier begins what may still be on its way. */
  readonly #longest: number;

  /** `all` in order of time. */
  constructor(all: readonly TraceItem[]) {
    this.all = all;
    this.#times = new Float64Array(all.length);
    let longest = 0;
    all.forEach((item, place) => {
      this.#times[place] = item.time;
      longest = Math.max(longest, endOf(item) - item.time);
    });
    this.#longest = longest;
  }

  /** Those that happened, or were on their way, in this stretch of time. */
  during(from: number, to: number): TraceItem[] {
    const first = lowerBound(this.#times, from - this.#longest);
    const found: TraceItem[] = [];
    for (let place = first; place < this.all.length; place++) {
      const item = this.all[place];
      if (item === undefined || item.time > to) break;
      if (endOf(item) >= from) found.push(item);
    }
    return found;
  }
}

/** Which items to show. Absent: all. */
export interface TraceFilter {
  readonly kinds: ReadonlySet<TraceKind>;
  /** At that node; for a message, from or to it. */
  readonly node?: string;
  readonly type?: string;
  /** Occurs in the type or the content, in lower case. */
  readonly text?: string;
}

/** Whether the filter lets the item through. */
export function passesTrace({ kinds, node, type, text }: TraceFilter, item: TraceItem): boolean {
  return (
    kinds.has(item.kind) &&
    (node === undefined || item.node === node || item.to === node) &&
    (type === undefined || item.type === type) &&
    (text === undefined || `${item.type} ${JSON.stringify(item.content)}`.toLowerCase().includes(text))
  );
}

/** A stretch of time that begins there and shows so many items at most. */
export function stretchFrom({ all }: TraceItems, from: number, most: number): readonly [number, number] {
  const later = all.filter(({ time }) => time >= from);
  return [from, later[most - 1]?.time ?? later.at(-1)?.time ?? from];
}

/**
 * The stretch of time, to its end; but it begins earlier if it would show fewer items than `least`, and later if it
 * would show more than `most`.
 */
export function stretchTo(
  { all }: TraceItems,
  [from, to]: readonly [from: number, to: number],
  { least, most }: { readonly least: number; readonly most: number },
): readonly [number, number] {
  const earlier = all.filter(({ time }) => time <= to);
  const latest = earlier.at(-least)?.time ?? earlier[0]?.time ?? from;
  const earliest = earlier.at(-most)?.time ?? -Infinity;
  return [Math.max(Math.min(from, latest), earliest), to];
}
