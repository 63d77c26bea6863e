/**
 * The message diagram: a lane for each node, time from left to right, an arrow for each message that arrived and
 * a cross where one was lost (Lamport's space-time diagram). Above them the clients, whose requests and answers
 * stand as triangles on the lane of the node.
 *
 * Thousands of arrows are no picture any more: then each lane shows how many messages left it, and which were lost.
 */
import type { FaultRecord } from '../../../harness/run/results.ts';
import type { MarkedWindow } from './data.ts';
import { drawFaultRows, FAULT_ROW, faultRows, labelFaultRows } from './fault-rows.ts';
import { isLeading, type NodeSpans, type Span } from './node-spans.ts';
import { AXIS_HEIGHT, colour, drawTimeAxis, drawWindows, MARGIN_LEFT, Surface } from './surface.ts';
import { isLost, type TraceItem } from './trace-items.ts';
import type { TimeView } from './view.ts';

/** Lanes come closer when there are many. */
const LANE_HEIGHT = { max: 64, min: 34, shared: 460 } as const;
/** More messages than this are drawn as numbers. */
export const ARROWS_MAX = 1500;
/** Fewer items than this have room for words and for lines to the clients. */
const WORDS_MAX = 120;
/** Pixels within which a pointer hits. */
const REACH = 8;
/** How far along its way a lost message is drawn. */
const LOST_SHARE = 0.45;
/** Pixels of the columns in which many messages are counted. */
const COLUMN = 4;

/** What the diagram shows. */
export interface DiagramContent {
  readonly nodes: readonly string[];
  readonly faults: readonly FaultRecord[];
  readonly problems: readonly MarkedWindow[];
  readonly spans: ReadonlyMap<string, NodeSpans>;
  /** What passed the filters and is in view, in order of time. */
  readonly items: readonly TraceItem[];
  readonly selected: TraceItem | undefined;
}

/** A line on the canvas. */
interface Segment {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** The canvas of the diagram. */
export class Diagram {
  readonly surface: Surface;
  readonly #view: TimeView;
  readonly #faultRows: readonly FaultRecord[][];
  readonly #places: ReadonlyMap<string, number>;
  #content: DiagramContent;
  #laneHeight: number = LANE_HEIGHT.max;
  #clientsY = 0;

  constructor(canvas: HTMLCanvasElement, view: TimeView, content: DiagramContent) {
    this.surface = new Surface(canvas, view);
    this.#view = view;
    this.#content = content;
    this.#faultRows = faultRows(content.faults);
    this.#places = new Map(content.nodes.map((node, place) => [node, place]));
  }

  /** Changes what is shown; `draw` shows it. */
  set(change: Partial<DiagramContent>): void {
    this.#content = { ...this.#content, ...change };
  }

  /** Whether there are too many messages to draw each. */
  get crowded(): boolean {
    return this.#content.items.length > ARROWS_MAX;
  }

  /** The item under a point of the canvas, or the nearest within a few pixels. */
  hit(x: number, y: number): TraceItem | undefined {
    if (this.crowded || x < MARGIN_LEFT) return undefined;
    let best: TraceItem | undefined;
    let nearest = REACH;
    for (const item of this.#content.items) {
      const distance = distanceTo(this.#segment(item), x, y);
      if (distance >= nearest) continue;
      best = item;
      nearest = distance;
    }
    return best;
  }

  draw(): void {
    const { nodes, problems, faults, items, selected } = this.#content;
    this.#laneHeight = Math.max(
      LANE_HEIGHT.min,
      Math.min(LANE_HEIGHT.max, LANE_HEIGHT.shared / nodes.length),
    );
    const lanesTop = AXIS_HEIGHT + this.#faultRows.length * FAULT_ROW;
    this.#clientsY = lanesTop + 16;
    const height = Math.ceil(this.#laneY(nodes.length - 1) + this.#laneHeight / 2 + 4);
    const { surface } = this;
    surface.begin(height);
    surface.clipped(() => {
      this.#drawStruck(faults);
      drawTimeAxis(surface, this.#view, AXIS_HEIGHT / 2, AXIS_HEIGHT, height);
      drawFaultRows(surface, this.#view, this.#faultRows, AXIS_HEIGHT);
      this.#line({ x1: 0, y1: this.#clientsY, x2: surface.width, y2: this.#clientsY }, 'line', 1);
      for (const node of nodes) this.#drawLane(node);
      if (this.crowded) this.#drawCrowd(items);
      else this.#drawItems(items);
      for (const node of nodes) this.#drawRoleWords(node);
      drawWindows(surface, [], problems, AXIS_HEIGHT, height, this.#view.max);
      if (selected !== undefined) this.#drawSelected(selected);
    });
    surface.marginLabel('clients', this.#clientsY, colour('muted'));
    for (const node of nodes) surface.marginLabel(node, this.#laneY(this.#place(node)), colour('text'));
    labelFaultRows(surface, this.#faultRows, AXIS_HEIGHT);
  }

  #place(node: string): number {
    return this.#places.get(node) ?? 0;
  }

  #laneY(place: number): number {
    return this.#clientsY + (place + 0.75) * this.#laneHeight;
  }

  /** Where an item is drawn: a message from lane to lane, the rest as a point beside its lane. */
  #segment(item: TraceItem): Segment {
    // What was on its way to the end is drawn until then.
    const { kind, time, node, to, end = this.#view.max } = item;
    const x1 = this.surface.x(time);
    const y1 = this.#laneY(this.#place(node));
    if (to === undefined) {
      const y = y1 + OFFSETS[kind];
      return { x1, y1: y, x2: x1, y2: y };
    }
    const y2 = this.#laneY(this.#place(to));
    // What was lost at once is drawn as if it had got a little way, so that one sees where to.
    const share = isLost(item) || item.fate === undefined ? LOST_SHARE : 1;
    return { x1, y1, x2: Math.max(this.surface.x(end), share < 1 ? x1 + 6 : x1), y2: y1 + (y2 - y1) * share };
  }

  /** Shades a node's lane while a fault strikes that node. */
  #drawStruck(faults: readonly FaultRecord[]): void {
    const { context } = this.surface;
    context.fillStyle = colour('fault-band');
    for (const { start, end = this.#view.max, nodes } of faults) {
      const x = this.surface.x(start);
      for (const node of nodes) {
        const place = this.#places.get(node);
        if (place === undefined) continue;
        const y = this.#laneY(place) - this.#laneHeight / 2;
        context.fillRect(x, y + 1, Math.max(1, this.surface.x(end) - x), this.#laneHeight - 2);
      }
    }
  }

  #drawLane(node: string): void {
    const y = this.#laneY(this.#place(node));
    this.#line({ x1: 0, y1: y, x2: this.surface.width, y2: y }, 'muted', 1);
    const { away, roles } = this.#content.spans.get(node) ?? { away: [], roles: [] };
    for (const span of roles.filter(isLeading)) this.#drawLeading(span, y);
    for (const span of away) this.#drawAway(span, y);
  }

  /** Whoever leads has a thick line. */
  #drawLeading(span: Span, y: number): void {
    const { from, to } = this.#visible(span);
    this.surface.context.fillStyle = colour('good');
    if (to > from) this.surface.context.fillRect(from, y - 3, Math.max(2, to - from), 6);
  }

  /** What a node says that it is, above where it begins. */
  #drawRoleWords(node: string): void {
    const { context } = this.surface;
    const y = this.#laneY(this.#place(node)) - 20;
    for (const span of this.#content.spans.get(node)?.roles ?? []) {
      const { from, to } = this.#visible(span);
      const words = span.epoch === undefined ? span.what : `${span.what} ${span.epoch}`;
      if (context.measureText(words).width + 8 > to - from) continue;
      context.fillStyle = colour(isLeading(span) ? 'good' : 'muted');
      context.fillText(words, from + 4, y);
    }
  }

  #drawAway(span: Span, y: number): void {
    const { from, to } = this.#visible(span);
    if (to <= from) return;
    const { context } = this.surface;
    context.fillStyle = colour('panel');
    context.fillRect(from, y - 9, to - from, 18);
    context.fillStyle = colour('fault');
    context.globalAlpha = span.what === 'down' ? 0.75 : 0.45;
    context.fillRect(from, y - 7, Math.max(2, to - from), 14);
    context.globalAlpha = 1;
    if (context.measureText(span.what).width + 8 > to - from) return;
    context.fillStyle = colour(span.what === 'down' ? 'label' : 'text');
    context.fillText(span.what, from + 4, y + 0.5);
  }

  #visible({ from, to }: Span): { from: number; to: number } {
    const right = MARGIN_LEFT + this.surface.plotWidth;
    return {
      from: Math.max(MARGIN_LEFT, this.surface.x(Math.max(from, this.#view.from))),
      to: Math.min(right, this.surface.x(Math.min(to, this.#view.to))),
    };
  }

  #drawItems(items: readonly TraceItem[]): void {
    const roomy = items.length <= WORDS_MAX;
    for (const item of items) if (item.kind !== 'message') this.#drawMark(item, roomy);
    for (const item of items) if (item.kind === 'message') this.#drawMessage(item, roomy);
  }

  #drawMessage(item: TraceItem, roomy: boolean): void {
    const segment = this.#segment(item);
    const lost = isLost(item);
    this.surface.context.globalAlpha = roomy || lost ? 0.9 : 0.55;
    this.#line(segment, lost ? 'bad' : 'ok', 1.2, item.fate === undefined ? [4, 3] : []);
    if (lost) this.#cross(segment.x2, segment.y2, roomy ? (item.fate ?? '') : '');
    else if (item.fate !== undefined) this.#head(segment);
    this.surface.context.globalAlpha = 1;
  }

  #drawMark(item: TraceItem, roomy: boolean): void {
    const { context } = this.surface;
    const { x1: x, y1: y } = this.#segment(item);
    const { kind, fate, content } = item;
    switch (kind) {
      case 'request':
      case 'reply':
        if (roomy) this.#line({ x1: x, y1: this.#clientsY, x2: x, y2: y }, 'line', 1);
        this.#triangle(x, kind === 'request' ? this.#clientsY + 4 : this.#clientsY, kind, true);
        this.#triangle(x, y, kind, kind === 'request' || fate === 'answer');
        return;
      case 'disk': {
        const failed = typeof content === 'object' && content !== null && 'error' in content;
        context.fillStyle = colour(failed ? 'bad' : 'muted');
        context.fillRect(x - 1, y - 3, 2, failed ? 9 : 6);
        return;
      }
      case 'timer':
        context.fillStyle = colour('doubt');
        context.fillRect(x - 1.5, y - 1.5, 3, 3);
        return;
      default:
        context.fillStyle = colour(kind === 'life' ? 'fault' : 'muted');
        context.fillRect(x - 0.5, y - 4, kind === 'life' ? 2 : 1, 8);
    }
  }

  /** Messages sent from each node, by columns of a few pixels; those that were lost from the top down. */
  #drawCrowd(items: readonly TraceItem[]): void {
    const columns = new Map<string, { sent: number; lost: number }>();
    let most = 1;
    for (const item of items) {
      if (item.kind !== 'message') continue;
      const key = `${this.#place(item.node)}/${Math.floor((this.surface.x(item.time) - MARGIN_LEFT) / COLUMN)}`;
      const column = columns.get(key) ?? { sent: 0, lost: 0 };
      columns.set(key, column);
      column.sent++;
      if (isLost(item)) column.lost++;
      most = Math.max(most, column.sent);
    }
    const { context } = this.surface;
    const scale = (this.#laneHeight * 0.42) / most;
    for (const [key, { sent, lost }] of columns) {
      const [place = 0, column = 0] = key.split('/').map(Number);
      const x = MARGIN_LEFT + column * COLUMN;
      const y = this.#laneY(place);
      context.fillStyle = colour('ok');
      context.fillRect(x, y - sent * scale, COLUMN - 1, sent * scale);
      context.fillStyle = colour('bad');
      context.fillRect(x, y, COLUMN - 1, Math.max(lost > 0 ? 2 : 0, lost * scale));
    }
  }

  #drawSelected(item: TraceItem): void {
    const segment = this.#segment(item);
    const { context } = this.surface;
    if (item.to === undefined) {
      context.strokeStyle = colour('focus');
      context.lineWidth = 2.5;
      context.strokeRect(segment.x1 - 7, segment.y1 - 7, 14, 14);
      return;
    }
    this.#line(segment, 'focus', 3, item.fate === undefined ? [4, 3] : []);
    if (isLost(item)) this.#cross(segment.x2, segment.y2, item.fate ?? '');
    else if (item.fate !== undefined) this.#head(segment, 9, 'focus');
  }

  #line(
    { x1, y1, x2, y2 }: Segment,
    name: 'line' | 'muted' | 'ok' | 'bad' | 'focus',
    width: number,
    dash: number[] = [],
  ): void {
    const { context } = this.surface;
    context.strokeStyle = colour(name);
    context.lineWidth = width;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
    context.setLineDash([]);
  }

  #head({ x1, y1, x2, y2 }: Segment, size = 6, name: 'ok' | 'focus' = 'ok'): void {
    const { context } = this.surface;
    const angle = Math.atan2(y2 - y1, x2 - x1);
    context.fillStyle = colour(name);
    context.beginPath();
    context.moveTo(x2, y2);
    for (const side of [-1, 1])
      context.lineTo(x2 - size * Math.cos(angle + side * 0.4), y2 - size * Math.sin(angle + side * 0.4));
    context.fill();
  }

  #cross(x: number, y: number, words: string): void {
    const size = 4;
    this.#line({ x1: x - size, y1: y - size, x2: x + size, y2: y + size }, 'bad', 2);
    this.#line({ x1: x - size, y1: y + size, x2: x + size, y2: y - size }, 'bad', 2);
    const { context } = this.surface;
    context.fillStyle = colour('bad');
    context.fillText(words, x + 7, y);
  }

  /** Points down for a request, up for an answer; hollow for one that is no good news. */
  #triangle(x: number, y: number, kind: 'request' | 'reply', filled: boolean): void {
    const { context } = this.surface;
    const tip = kind === 'request' ? 4 : -4;
    context.beginPath();
    context.moveTo(x, y + tip);
    context.lineTo(x - 4, y - tip);
    context.lineTo(x + 4, y - tip);
    context.closePath();
    context.strokeStyle = context.fillStyle = colour('info');
    context.lineWidth = 1.2;
    if (filled) context.fill();
    else context.stroke();
  }
}

/** How far beside its lane an item stands. */
const OFFSETS: Readonly<Record<TraceItem['kind'], number>> = {
  message: 0,
  request: -8,
  reply: -8,
  state: 0,
  life: 0,
  disk: 9,
  timer: 5,
};

function distanceTo({ x1, y1, x2, y2 }: Segment, x: number, y: number): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / length));
  return Math.hypot(x1 + share * dx - x, y1 + share * dy - y);
}
