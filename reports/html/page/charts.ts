/**
 * Latency and throughput over the timeline's stretch of time. Buckets stand on round moments, so the lines
 * do not shimmer while the view moves.
 */
import type { FaultRecord } from '../../../harness/run/results.ts';
import { lowerBound, OUTCOMES, type PlacedCall } from './calls.ts';
import type { MarkedWindow } from './data.ts';
import { byCompletion, QUANTILES, toBuckets, type Bucket, type Completed } from './stats.ts';
import {
  AXIS_HEIGHT,
  colour,
  drawTimeAxis,
  drawWindows,
  MARGIN_LEFT,
  Surface,
  type ColourName,
} from './surface.ts';
import { formatNanos, formatMoment, niceStep, type TimeView } from './view.ts';

const HEIGHT = 190;
const TOP = 10;
const BUCKETS_MAX = 100;
/** Fewer calls than this are drawn one by one as well. */
const POINTS_MAX = 4000;
const LATENCY_MIN = 1e5;

/** Colour and dashes of each quantile's line. */
const QUANTILE_STYLES: readonly {
  readonly name: string;
  readonly colour: ColourName;
  readonly dash: number[];
}[] = [
  { name: 'p50', colour: 'ok', dash: [] },
  { name: 'p95', colour: 'ok', dash: [6, 3] },
  { name: 'p99', colour: 'text', dash: [] },
  { name: 'max', colour: 'text', dash: [2, 3] },
];

/** What both charts show behind their lines. */
export interface ChartContext {
  readonly faults: readonly FaultRecord[];
  readonly problems: readonly MarkedWindow[];
}

/** The two charts, drawn together because they share their buckets. */
export class Charts {
  readonly #latency: Surface;
  readonly #throughput: Surface;
  readonly #view: TimeView;
  readonly #context: ChartContext;
  #completed: Completed = byCompletion([]);
  #buckets: readonly Bucket[] = [];
  #cursor: number | undefined;

  constructor(
    latency: HTMLCanvasElement,
    throughput: HTMLCanvasElement,
    view: TimeView,
    context: ChartContext,
  ) {
    this.#latency = new Surface(latency, view);
    this.#throughput = new Surface(throughput, view);
    this.#view = view;
    this.#context = context;
  }

  get surfaces(): readonly Surface[] {
    return [this.#latency, this.#throughput];
  }

  /** Sets the calls that count. */
  setCalls(calls: readonly PlacedCall[]): void {
    this.#completed = byCompletion(calls);
  }

  /** Sets the moment under the pointer, or none. */
  setCursor(time: number | undefined): void {
    this.#cursor = time;
  }

  /** Both charts' values at the cursor, in words; empty without one. */
  readout(): string {
    const bucket = this.#buckets.find(({ from, to }) => {
      return this.#cursor !== undefined && from <= this.#cursor && this.#cursor < to;
    });
    if (bucket === undefined) return '';
    const rates = OUTCOMES.map((outcome) => `${Math.round(bucket.rates[outcome])} ${outcome}/s`).join(', ');
    const latencies = bucket.latencies?.map((value, place) => {
      return `${QUANTILE_STYLES[place]?.name ?? ''} ${formatNanos(value)}`;
    });
    const when = `${formatMoment(bucket.from, this.#view.span)} to ${formatMoment(bucket.to, this.#view.span)}`;
    return `${when}: ${rates}; latency of ok operations ${latencies?.join(', ') ?? 'none'}`;
  }

  draw(): void {
    const length = niceStep(this.#view.span / BUCKETS_MAX);
    const from = Math.floor(this.#view.from / length) * length;
    const count = Math.ceil((this.#view.to - from) / length);
    this.#buckets = toBuckets(this.#completed, from, from + count * length, count);
    this.#drawLatency();
    this.#drawThroughput();
  }

  #drawLatency(): void {
    const longest = Math.max(
      LATENCY_MIN * 10,
      ...this.#buckets.map(({ latencies }) => latencies?.at(-1) ?? 0),
    );
    const low = Math.log10(LATENCY_MIN);
    const high = Math.log10(longest) + 0.1;
    const y = (nanos: number): number => {
      const share = (Math.log10(Math.max(nanos, LATENCY_MIN)) - low) / (high - low);
      return HEIGHT - AXIS_HEIGHT - share * (HEIGHT - AXIS_HEIGHT - TOP);
    };
    const decades = Array.from({ length: Math.floor(high) - low + 1 }, (_, place) => 10 ** (low + place));
    this.#frame(
      this.#latency,
      decades.map((nanos) => ({ y: y(nanos), text: formatNanos(nanos) })),
      () => {
        this.#drawPoints(y);
        QUANTILES.forEach((_, place) => {
          const style = QUANTILE_STYLES[place];
          if (style === undefined) return;
          this.#line(this.#latency, style.colour, style.dash, (bucket) => {
            const value = bucket.latencies?.[place];
            return value === undefined ? undefined : y(value);
          });
        });
      },
    );
  }

  #drawPoints(y: (nanos: number) => number): void {
    const { calls, ends } = this.#completed;
    const visible = calls.slice(lowerBound(ends, this.#view.from), lowerBound(ends, this.#view.to));
    const shown = visible.length <= POINTS_MAX ? visible : visible.filter((call) => call.outcome === 'info');
    for (const call of shown) {
      this.#latency.context.fillStyle = colour(call.outcome);
      this.#latency.context.globalAlpha = call.outcome === 'ok' ? 0.35 : 0.9;
      const size = call.outcome === 'info' ? 4 : 2;
      this.#latency.context.fillRect(
        this.#latency.x(call.end) - size / 2,
        y(call.end - call.start) - size / 2,
        size,
        size,
      );
    }
    this.#latency.context.globalAlpha = 1;
  }

  #drawThroughput(): void {
    const most = Math.max(
      1,
      ...this.#buckets.flatMap(({ rates }) => OUTCOMES.map((outcome) => rates[outcome])),
    );
    const y = (rate: number): number =>
      HEIGHT - AXIS_HEIGHT - (rate / (most * 1.05)) * (HEIGHT - AXIS_HEIGHT - TOP);
    const step = niceStep(most / 4);
    const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, place) => place * step);
    this.#frame(
      this.#throughput,
      ticks.map((rate) => ({ y: y(rate), text: `${rate}/s` })),
      () => {
        for (const outcome of OUTCOMES) {
          const dash = outcome === 'fail' ? [6, 3] : [];
          this.#line(this.#throughput, outcome, dash, (bucket) => y(bucket.rates[outcome]));
        }
      },
    );
  }

  #frame(surface: Surface, ticks: readonly { y: number; text: string }[], draw: () => void): void {
    surface.begin(HEIGHT);
    const bottom = HEIGHT - AXIS_HEIGHT;
    const { context } = surface;
    for (const { y, text } of ticks) {
      surface.marginLabel(text, y, colour('muted'));
      context.fillStyle = colour('line');
      context.fillRect(MARGIN_LEFT, Math.round(y), surface.plotWidth, 1);
    }
    surface.clipped(() => {
      drawWindows(surface, this.#context.faults, this.#context.problems, TOP, bottom, this.#view.max);
      drawTimeAxis(surface, this.#view, HEIGHT - AXIS_HEIGHT / 2, TOP, bottom);
      draw();
      if (this.#cursor !== undefined) {
        context.fillStyle = colour('muted');
        context.fillRect(Math.round(surface.x(this.#cursor)), TOP, 1, bottom - TOP);
      }
    });
  }

  /** A line through the buckets' middles, broken where a bucket has no value. */
  #line(surface: Surface, name: ColourName, dash: number[], y: (bucket: Bucket) => number | undefined): void {
    const { context } = surface;
    context.strokeStyle = colour(name);
    context.lineWidth = 1.6;
    context.setLineDash(dash);
    context.beginPath();
    let drawing = false;
    for (const bucket of this.#buckets) {
      const height = y(bucket);
      const x = surface.x((bucket.from + bucket.to) / 2);
      if (height !== undefined && drawing) context.lineTo(x, height);
      else if (height !== undefined) {
        context.moveTo(x, height);
        context.lineTo(x + 1, height);
      }
      drawing = height !== undefined;
    }
    context.stroke();
    context.setLineDash([]);
  }
}
