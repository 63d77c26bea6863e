/**
 * The page's script: reads the payload and brings timeline, charts and logs to life. Everything that must be
 * readable without it - the verdict, the problems, the tables - is already on the page.
 */
import { countLanes, placeCalls, toLanes, type Lane, type PlacedCall } from './calls.ts';
import { Charts } from './charts.ts';
import { unpackHistory, unpackLogs } from './columns.ts';
import { readPayload, type PageData } from './data.ts';
import { showDetails, tipWords } from './details.ts';
import { element } from './dom.ts';
import { watchFilters } from './filters.ts';
import { listenToKeys, listenToPointer, stepFrom } from './input.ts';
import { LogTable } from './logs.ts';
import { Overview } from './overview.ts';
import { forgetColours } from './surface.ts';
import { watchCopyButtons, watchTheme } from './theme.ts';
import { Timeline } from './timeline.ts';
import { showTip } from './tip.ts';
import { TraceSection } from './trace.ts';
import { TimeView } from './view.ts';

/** The live part of the page. */
class Page {
  readonly #data: PageData;
  readonly #calls: readonly PlacedCall[];
  readonly #laneCount: number;
  readonly #view: TimeView;
  readonly #timeline: Timeline;
  readonly #overview: Overview;
  readonly #charts: Charts;
  /** Absent when the run was not traced. */
  readonly #trace: TraceSection | undefined;
  readonly #tip = element('tip', HTMLElement);
  #lanes: readonly Lane[] = [];
  #selected: PlacedCall | undefined;
  #scheduled = false;

  constructor(data: PageData) {
    this.#data = data;
    const history = unpackHistory(data.history);
    this.#calls = placeCalls(history, data.concurrency);
    this.#laneCount = Math.max(data.concurrency, countLanes(this.#calls));
    const last = history.reduce((latest, entry) => Math.max(latest, entry.time), 0);
    const { faults, problems } = data;
    const end = faults.reduce((latest, fault) => Math.max(latest, fault.end ?? fault.start), last);
    // One nanosecond more, so that what happened last is within.
    this.#view = new TimeView(end + 1);
    const content = { lanes: [], faults, problems, marked: [], selected: undefined };
    this.#timeline = new Timeline(element('timeline-canvas', HTMLCanvasElement), this.#view, content);
    this.#overview = new Overview(
      element('overview-canvas', HTMLCanvasElement),
      this.#view,
      faults,
      problems,
    );
    this.#charts = new Charts(
      element('latency-canvas', HTMLCanvasElement),
      element('throughput-canvas', HTMLCanvasElement),
      this.#view,
      { faults, problems },
    );
    this.#trace = data.trace && new TraceSection(data.trace, faults, problems);
  }

  /** Draws for the first time and listens from then on. */
  start(): void {
    this.#show(this.#calls);
    this.#draw();
    this.#view.onChange(() => this.#schedule());
    watchFilters(this.#calls, this.#laneCount, (calls) => {
      this.#show(calls);
      this.#schedule();
    });
    watchTheme(() => {
      forgetColours();
      this.#schedule();
      this.#trace?.schedule();
    });
    this.#listen();
    this.#listenToButtons();
    showDetails(element('details', HTMLElement), undefined, []);
    const { surface } = this.#timeline;
    new ResizeObserver(() => {
      if (surface.canvas.clientWidth !== surface.width) this.#schedule();
    }).observe(surface.canvas);
    new LogTable(unpackLogs(this.#data.logs), this.#view);
    this.#trace?.start(this.#view);
  }

  #show(calls: readonly PlacedCall[]): void {
    this.#lanes = toLanes(calls, this.#laneCount);
    this.#timeline.set({ lanes: this.#lanes });
    this.#charts.setCalls(calls);
    this.#overview.setCalls(calls);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#draw();
    });
  }

  #draw(): void {
    const begun = performance.now();
    this.#timeline.draw();
    // For the browser's profiler, and for the test that holds the timeline to its speed.
    performance.measure('timeline', { start: begun, end: performance.now() });
    this.#overview.draw();
    this.#charts.draw();
  }

  #select(call: PlacedCall | undefined): void {
    this.#selected = call;
    this.#view.anchor = call?.start;
    this.#timeline.set({ selected: call });
    showDetails(element('details', HTMLElement), call, this.#data.faults);
    if (call !== undefined && (call.end < this.#view.from || call.start > this.#view.to)) {
      this.#view.show(call.start - this.#view.span / 2, call.start + this.#view.span / 2);
    }
    this.#schedule();
  }

  /** Forgets the chosen operation and the problem on show. */
  #clear(): void {
    this.#timeline.set({ marked: [] });
    this.#select(undefined);
  }

  #listen(): void {
    const { surface } = this.#timeline;
    listenToPointer(surface, this.#view, {
      hover: (place) => this.#hover(place),
      click: ({ x, y }) => this.#select(this.#timeline.hit(x, y)),
    });
    listenToKeys(surface.canvas, this.#view, {
      step: (direction, where) => {
        const next = stepFrom(this.#lanes, this.#selected, this.#view, direction, where);
        if (next !== undefined) this.#select(next);
      },
      clear: () => this.#clear(),
    });
    const readout = element('readout', HTMLElement);
    const hint = readout.textContent;
    for (const chart of this.#charts.surfaces) {
      listenToPointer(chart, this.#view, {
        hover: (place) => {
          this.#charts.setCursor(place && chart.timeAt(place.x));
          readout.textContent = this.#charts.readout() || hint;
          this.#schedule();
        },
        click: () => undefined,
      });
      listenToKeys(chart.canvas, this.#view, { step: () => undefined, clear: () => undefined });
    }
  }

  #hover(place: { readonly x: number; readonly y: number } | undefined): void {
    const call = place && this.#timeline.hit(place.x, place.y);
    showTip(this.#tip, this.#timeline.surface, place, call && tipWords(call));
  }

  #listenToButtons(): void {
    const zooms: Readonly<Record<string, () => void>> = {
      'zoom-in': () => this.#view.zoom(0.5),
      'zoom-out': () => this.#view.zoom(2),
      'zoom-all': () => {
        this.#view.reset();
        this.#clear();
      },
    };
    for (const [id, zoom] of Object.entries(zooms))
      element(id, HTMLButtonElement).addEventListener('click', zoom);
    for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-from]')) {
      button.addEventListener('click', () => {
        const { from, to, operations = '' } = button.dataset;
        const indices = new Set(operations.split(',').filter(Boolean).map(Number));
        const marked = this.#calls.filter(
          ({ invoke, completion }) =>
            indices.has(invoke.index) || (completion && indices.has(completion.index)),
        );
        this.#timeline.set({ marked });
        this.#view.show(Number(from), Number(to));
        this.#trace?.show(Number(from), Number(to));
        this.#schedule();
        element('timeline', HTMLElement).scrollIntoView();
        this.#timeline.surface.canvas.focus({ preventScroll: true });
      });
    }
  }
}

watchCopyButtons();
readPayload()
  .then((data) => {
    new Page(data).start();
    document.documentElement.dataset.ready = 'true';
  })
  .catch((error: unknown) => {
    element('script-problem', HTMLElement).hidden = false;
    throw error;
  });
