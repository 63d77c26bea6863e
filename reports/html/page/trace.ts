/**
 * The message diagram with its controls: what is on show, what is chosen, and where it stands beside the timeline.
 * It has a view of its own, since messages take milliseconds where operations take seconds.
 */
import type { FaultRecord } from '../../../harness/run/results.ts';
import { unpackTrace } from './columns.ts';
import type { MarkedWindow, TraceData } from './data.ts';
import { ARROWS_MAX, Diagram } from './diagram.ts';
import { element, fillSelect, make } from './dom.ts';
import { listenToKeys, listenToPointer } from './input.ts';
import { spansOf } from './node-spans.ts';
import { showTip } from './tip.ts';
import {
  passesTrace,
  stretchFrom,
  stretchTo,
  TRACE_KINDS,
  TraceItems,
  type TraceFilter,
  type TraceItem,
  type TraceKind,
} from './trace-items.ts';
import { TraceList } from './trace-list.ts';
import { itemFacts, itemWords, traceTip } from './trace-words.ts';
import { TimeView } from './view.ts';

/** How many things the first look shows. */
const FIRST_LOOK = { least: 100, most: 250 } as const;

/** The part of the page that shows a trace. */
export class TraceSection {
  readonly #data: TraceData;
  readonly #all: TraceItems;
  readonly #types: readonly string[];
  readonly #view: TimeView;
  readonly #diagram: Diagram;
  readonly #list: TraceList;
  readonly #tip = element('diagram-tip', HTMLElement);
  readonly #problem: MarkedWindow | undefined;
  /** What passes the filters. */
  #items: TraceItems;
  #selected: TraceItem | undefined;
  #scheduled = false;

  constructor(data: TraceData, faults: readonly FaultRecord[], problems: readonly MarkedWindow[]) {
    const all = unpackTrace(data.items);
    this.#data = data;
    this.#all = new TraceItems(all);
    this.#items = this.#all;
    this.#types = [...new Set(all.map(({ type }) => type))].sort();
    this.#view = new TimeView(data.to + 1, data.from);
    this.#problem = problems[0];
    this.#diagram = new Diagram(element('diagram-canvas', HTMLCanvasElement), this.#view, {
      nodes: data.nodes,
      faults,
      problems,
      spans: spansOf(all, data.nodes, data.to),
      items: [],
      selected: undefined,
    });
    this.#list = new TraceList((item) => this.#select(item));
  }

  /** Draws for the first time and listens from then on. `timeline` is the other view of the page. */
  start(timeline: TimeView): void {
    this.#firstLook();
    this.#select(undefined);
    this.draw();
    this.#view.onChange(() => this.schedule());
    this.#listenToFilters();
    this.#listenToButtons(timeline);
    const { surface } = this.#diagram;
    listenToPointer(surface, this.#view, {
      hover: (place) => this.#hover(place),
      click: ({ x, y }) => this.#select(this.#diagram.hit(x, y)),
    });
    listenToKeys(surface.canvas, this.#view, {
      step: (direction, where) => this.#step(direction, where),
      clear: () => this.#select(undefined),
    });
    new ResizeObserver(() => {
      if (surface.canvas.clientWidth !== surface.width) this.schedule();
    }).observe(surface.canvas);
  }

  /** Shows this stretch of time, as far as the trace covers it. */
  show(from: number, to: number): void {
    this.#view.show(from, to);
  }

  /** Draws again at the next frame. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.draw();
    });
  }

  draw(): void {
    const begun = performance.now();
    const items = this.#items.during(this.#view.from, this.#view.to);
    this.#diagram.set({ items, selected: this.#selected });
    this.#diagram.draw();
    this.#list.show(items);
    const many = this.#diagram.crowded ? `; zoom in to fewer than ${ARROWS_MAX} to see each` : '';
    element('diagram-count', HTMLElement).textContent =
      `${items.length.toLocaleString('en-US')} on show${many}`;
    performance.measure('diagram', { start: begun, end: performance.now() });
  }

  /** The first problem and what led to it, or the beginning where there is none; as much as can be made out. */
  #firstLook(): void {
    const { from } = this.#data;
    const problem = this.#problem;
    // What led to a wrong answer is before it, and the wrong answer is at the end.
    const [first, last] =
      problem === undefined
        ? stretchFrom(this.#all, Math.max(0, from), FIRST_LOOK.most)
        : stretchTo(this.#all, [problem.from, problem.to], FIRST_LOOK);
    const margin = Math.max(1e6, (last - first) * 0.1);
    this.show(first - margin, last + margin);
  }

  #select(item: TraceItem | undefined): void {
    this.#selected = item;
    this.#view.anchor = item?.time ?? this.#problem?.to;
    const place = element('diagram-details', HTMLElement);
    if (item === undefined) place.replaceChildren('Point at an arrow, or press n, to read it in full.');
    else {
      const list = make('dl', { className: 'facts' });
      for (const [name, value] of itemFacts(item))
        list.append(make('div', {}, make('dt', {}, name), make('dd', {}, value)));
      const content = make('pre', {}, JSON.stringify(item.content, null, 2));
      place.replaceChildren(
        make('strong', {}, itemWords(item)),
        list,
        ...(item.content === null ? [] : [content]),
      );
      const { from, to, span } = this.#view;
      if (item.time < from || item.time > to) this.show(item.time - span / 2, item.time + span / 2);
    }
    this.schedule();
  }

  #step(direction: 1 | -1, where: 'time' | 'lane'): void {
    const { all } = this.#items;
    const selected = this.#selected;
    if (selected === undefined) {
      const [first] = this.#items
        .during(this.#view.from, this.#view.to)
        .filter(({ time }) => time >= this.#view.from);
      if (first !== undefined) this.#select(first);
      return;
    }
    const { nodes } = this.#data;
    const node = nodes[nodes.indexOf(selected.node) + direction];
    const next =
      where === 'time'
        ? all[all.indexOf(selected) + direction]
        : all.find((item) => item.node === node && item.time >= selected.time);
    if (next !== undefined) this.#select(next);
  }

  #hover(place: { readonly x: number; readonly y: number } | undefined): void {
    const item = place && this.#diagram.hit(place.x, place.y);
    showTip(this.#tip, this.#diagram.surface, place, item && traceTip(item));
  }

  #listenToFilters(): void {
    const node = element('trace-node', HTMLSelectElement);
    const type = element('trace-type', HTMLSelectElement);
    const text = element('trace-text', HTMLInputElement);
    fillSelect(node, this.#data.nodes);
    fillSelect(type, this.#types);
    const boxes = (Object.keys(TRACE_KINDS) as TraceKind[]).map((kind) => ({
      kind,
      box: element(`kind-${kind}`, HTMLInputElement),
    }));
    const apply = (): void => {
      const chosenNode = node.value === '' ? undefined : this.#data.nodes[Number(node.value)];
      const chosenType = type.value === '' ? undefined : this.#types[Number(type.value)];
      const filter: TraceFilter = {
        kinds: new Set(boxes.filter(({ box }) => box.checked).map(({ kind }) => kind)),
        ...(chosenNode === undefined ? {} : { node: chosenNode }),
        ...(chosenType === undefined ? {} : { type: chosenType }),
        ...(text.value === '' ? {} : { text: text.value.toLowerCase() }),
      };
      this.#items = new TraceItems(this.#all.all.filter((item) => passesTrace(filter, item)));
      this.schedule();
    };
    for (const control of [node, type, text, ...boxes.map(({ box }) => box)])
      control.addEventListener('input', apply);
  }

  #listenToButtons(timeline: TimeView): void {
    const actions: Readonly<Record<string, () => void>> = {
      'diagram-in': () => this.#view.zoom(0.5),
      'diagram-out': () => this.#view.zoom(2),
      'diagram-first': () => this.#firstLook(),
      'diagram-follow': () => this.show(timeline.from, timeline.to),
      'diagram-lead': () => {
        timeline.show(this.#view.from, this.#view.to);
        element('timeline', HTMLElement).scrollIntoView();
      },
    };
    for (const [id, action] of Object.entries(actions))
      element(id, HTMLButtonElement).addEventListener('click', action);
  }
}
