/**
 * What each node was over time, as its lane shows it: whether it ran, and what it said of itself.
 */
import { isJsonObject } from '../../../harness/json.ts';
import type { TraceItem } from './trace-items.ts';

/** A stretch of time in which a node was one thing. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** `down` or `paused`; or a role. */
  readonly what: string;
  /** With a role: its epoch, if the node tells one. */
  readonly epoch?: number;
}

/** Spans of one node, in order. */
export interface NodeSpans {
  /** When it did not run. */
  readonly away: readonly Span[];
  /** What it said that it was; nothing while it was down. */
  readonly roles: readonly Span[];
}

/**
 * Changes of a node's life by which it comes or goes: what it must have been before, and what it is afterwards;
 * undefined is running. A node that boots is down for its clients until it is up.
 */
const CHANGES = new Map<string, { readonly before?: string; readonly after?: string }>([
  ['boot', { before: 'down', after: 'down' }],
  ['up', { before: 'down' }],
  ['down', { after: 'down' }],
  ['pause', { after: 'paused' }],
  ['resume', { before: 'paused' }],
]);
/** Roles that others follow. */
const LEADING: ReadonlySet<string> = new Set(['leader', 'primary']);

/** Whether the span's role is one that others follow. */
export function isLeading({ what }: Span): boolean {
  return LEADING.has(what);
}

/** The spans of each of these nodes, until `end`. `items` in order of time. */
export function spansOf(
  items: readonly TraceItem[],
  nodes: readonly string[],
  end: number,
): Map<string, NodeSpans> {
  const byNode = new Map(nodes.map((node) => [node, new NodeHistory()]));
  for (const item of items) {
    if (item.kind === 'life') byNode.get(item.node)?.live(item);
    else if (item.kind === 'state') byNode.get(item.node)?.say(item);
  }
  return new Map([...byNode].map(([node, told]) => [node, told.until(end)]));
}

type Open = Omit<Span, 'to'>;

/** Collects the spans of one node. */
class NodeHistory {
  readonly #away: Span[] = [];
  readonly #roles: Span[] = [];
  #heard = false;
  #awaySince: Open | undefined;
  #roleSince: Open | undefined;

  live({ time, type }: TraceItem): void {
    const change = CHANGES.get(type);
    if (change === undefined) return;
    const { before, after } = change;
    if (!this.#heard && before !== undefined) this.#awaySince = { from: -Infinity, what: before };
    this.#heard = true;
    if (this.#awaySince?.what === after) return;
    if (this.#awaySince !== undefined) this.#away.push({ ...this.#awaySince, to: time });
    this.#awaySince = after === undefined ? undefined : { from: time, what: after };
    if (after === 'down') this.#endRole(time);
  }

  say({ time, content }: TraceItem): void {
    if (!isJsonObject(content)) return;
    const { role, epoch } = content;
    if (typeof role !== 'string') return;
    const same = this.#roleSince?.what === role && this.#roleSince.epoch === epoch;
    if (same) return;
    this.#endRole(time);
    this.#roleSince = { from: time, what: role, ...(typeof epoch === 'number' ? { epoch } : {}) };
  }

  until(end: number): NodeSpans {
    if (this.#awaySince !== undefined) this.#away.push({ ...this.#awaySince, to: end });
    this.#endRole(end);
    return { away: this.#away, roles: this.#roles };
  }

  #endRole(time: number): void {
    if (this.#roleSince !== undefined) this.#roles.push({ ...this.#roleSince, to: time });
    this.#roleSince = undefined;
  }
}
