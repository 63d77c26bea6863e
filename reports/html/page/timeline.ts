/**
 * The timeline: one row a client, one box a call, the faults above and behind them. Zoomed out, calls that
 * share a pixel are drawn as one, in the colour of the worst among them, so that a hundred thousand calls
 * cost no more than the pixels they cover.
 */
import type { FaultRecord } from '../../../harness/run/results.ts';
import {
  callAt,
  callWords,
  lowerBound,
  OUTCOMES,
  type Lane,
  type Outcome,
  type PlacedCall,
} from './calls.ts';
import type { MarkedWindow } from './data.ts';
import { drawFaultRows, FAULT_ROW, faultRows, fitWords, labelFaultRows } from './fault-rows.ts';
import { keepWorst, runsOf } from './pixels.ts';
import { AXIS_HEIGHT, colour, drawTimeAxis, drawWindows, MARGIN_LEFT, Surface } from './surface.ts';
import type { TimeView } from './view.ts';

const PROBLEM_ROW = 16;
/** Rows shrink when there are many, so that the timeline stays on one screen for up to 60 clients or so. */
const LANE_HEIGHT = { max: 24, min: 7, shared: 420 } as const;
/** Narrower boxes are merged by pixel. */
const NARROW_WIDTH = 3;
/** Height of a failed operation's box, as a share of the others'. */
const FAIL_HEIGHT = 0.7;
/** How faint all other operations are while those of a problem are on show. */
const FAINT = 0.3;
/** Boxes at least this wide carry words. */
const WORDS_WIDTH_MIN = 44;

/** What the timeline shows. */
export interface TimelineContent {
  readonly lanes: readonly Lane[];
  readonly faults: readonly FaultRecord[];
  readonly problems: readonly MarkedWindow[];
  /** Calls of the problem on show, ringed. */
  readonly marked: readonly PlacedCall[];
  readonly selected: PlacedCall | undefined;
}

/** The canvas of the timeline. */
export class Timeline {
  readonly surface: Surface;
  readonly #view: TimeView;
  readonly #faultRows: readonly FaultRecord[][];
  #content: TimelineContent;
  #laneHeight: number = LANE_HEIGHT.max;
  #lanesTop = 0;

  constructor(canvas: HTMLCanvasElement, view: TimeView, content: TimelineContent) {
    this.surface = new Surface(canvas, view);
    this.#view = view;
    this.#content = content;
    this.#faultRows = faultRows(content.faults);
  }

  /** Changes what is shown; `draw` shows it. */
  set(change: Partial<TimelineContent>): void {
    this.#content = { ...this.#content, ...change };
  }

  /** The call under a point of the canvas, or the nearest within a few pixels. */
  hit(x: number, y: number): PlacedCall | undefined {
    const lane = this.#content.lanes[Math.floor((y - this.#lanesTop) / this.#laneHeight)];
    if (lane === undefined || x < MARGIN_LEFT) return undefined;
    return callAt(lane, this.surface.timeAt(x), (4 / this.surface.plotWidth) * this.#view.span);
  }

  draw(): void {
    const { lanes, faults, problems, marked, selected } = this.#content;
    const problemRow = problems.length > 0 ? PROBLEM_ROW : 0;
    const faultsTop = AXIS_HEIGHT + problemRow;
    this.#lanesTop = faultsTop + this.#faultRows.length * FAULT_ROW + 4;
    this.#laneHeight = Math.min(
      LANE_HEIGHT.max,
      Math.max(LANE_HEIGHT.min, LANE_HEIGHT.shared / lanes.length),
    );
    const height = Math.ceil(this.#lanesTop + lanes.length * this.#laneHeight + 4);
    this.surface.begin(height);
    this.surface.clipped(() => {
      drawWindows(this.surface, faults, [], faultsTop, height, this.#view.max);
      drawTimeAxis(this.surface, this.#view, AXIS_HEIGHT / 2, AXIS_HEIGHT, height);
      drawFaultRows(this.surface, this.#view, this.#faultRows, faultsTop);
      this.surface.context.globalAlpha = marked.length > 0 ? FAINT : 1;
      for (const lane of lanes) this.#drawLane(lane);
      this.surface.context.globalAlpha = 1;
      for (const call of marked) this.#drawMarked(call);
      drawWindows(this.surface, [], problems, AXIS_HEIGHT, height, this.#view.max);
      this.#drawProblemLabels(problems);
      for (const call of marked) this.#drawRing(call, 'bad');
      if (selected !== undefined) this.#drawRing(selected, 'focus');
    });
    this.#drawMargin(faultsTop, lanes);
  }

  #laneY(lane: number): number {
    return this.#lanesTop + lane * this.#laneHeight;
  }

  /** The problems' numbers above their windows, beside each other where they would overlap. */
  #drawProblemLabels(problems: readonly MarkedWindow[]): void {
    const { context } = this.surface;
    let free = MARGIN_LEFT;
    for (const { number, from, to } of [...problems].sort((a, b) => a.from - b.from)) {
      if (to < this.#view.from || from > this.#view.to) continue;
      const words = `problem ${number}`;
      const x = Math.max(free, this.surface.x(from));
      const width = context.measureText(words).width + 10;
      context.fillStyle = colour('bad');
      context.fillRect(x, AXIS_HEIGHT, width, PROBLEM_ROW - 1);
      context.fillStyle = colour('panel');
      context.fillText(words, x + 5, AXIS_HEIGHT + PROBLEM_ROW / 2);
      free = x + width + 2;
    }
  }

  /** Draws a lane's visible calls: wide ones by themselves, narrow ones by the pixels they share. */
  #drawLane(lane: Lane): void {
    const pixels = new Int8Array(Math.ceil(this.surface.plotWidth) + 1).fill(-1);
    for (let place = lowerBound(lane.ends, this.#view.from); place < lane.calls.length; place++) {
      const call = lane.calls[place];
      if (call === undefined || call.start > this.#view.to) break;
      const from = this.surface.x(call.start);
      const to = this.surface.x(call.end);
      if (to - from >= NARROW_WIDTH) this.#wideBox(call, from, to - from);
      else keepWorst(pixels, from - MARGIN_LEFT, to - MARGIN_LEFT, OUTCOMES.indexOf(call.outcome));
    }
    for (const { from, to, rank } of runsOf(pixels)) {
      this.#box(MARGIN_LEFT + from, to - from, lane.number, OUTCOMES[rank] ?? 'info');
    }
  }

  #box(x: number, width: number, lane: number, outcome: Outcome): void {
    const height = this.#laneHeight - (this.#laneHeight > 10 ? 4 : 1);
    // Shape as well as colour tells the outcome: what failed is lower.
    const share = outcome === 'fail' ? FAIL_HEIGHT : 1;
    this.surface.context.fillStyle = colour(outcome);
    this.surface.context.fillRect(x, this.#laneY(lane) + height * (1 - share), width, height * share);
  }

  #wideBox(call: PlacedCall, x: number, width: number): void {
    const { context } = this.surface;
    const y = this.#laneY(call.lane);
    this.#box(x, width - 1, call.lane, call.outcome);
    if (call.outcome === 'info') {
      // An open end: nobody knows whether it still takes effect later.
      const height = this.#laneHeight - 4;
      context.beginPath();
      context.moveTo(x + width - 1, y);
      context.lineTo(x + width + 5, y + height / 2);
      context.lineTo(x + width - 1, y + height);
      context.fill();
    }
    if (width >= WORDS_WIDTH_MIN && this.#laneHeight >= 14 && context.globalAlpha === 1) {
      const visible = Math.max(MARGIN_LEFT, x);
      const middle = y + (this.#laneHeight - 4) * (call.outcome === 'fail' ? 1 - FAIL_HEIGHT / 2 : 0.5);
      fitWords(this.surface, callWords(call), visible + 4, middle, x + width - visible - 8);
    }
  }

  /** A call of the problem on show, at least as wide as can be seen. */
  #drawMarked(call: PlacedCall): void {
    const x = this.surface.x(call.start);
    this.#wideBox(call, x, Math.max(NARROW_WIDTH, this.surface.x(call.end) - x));
  }

  #drawRing(call: PlacedCall, name: 'bad' | 'focus'): void {
    const { context } = this.surface;
    const x = this.surface.x(call.start);
    const width = Math.max(NARROW_WIDTH, this.surface.x(call.end) - x);
    context.strokeStyle = colour(name);
    context.lineWidth = 2.5;
    context.strokeRect(x - 1.5, this.#laneY(call.lane) - 1.5, width + 2, this.#laneHeight - 1);
  }

  #drawMargin(faultsTop: number, lanes: readonly Lane[]): void {
    labelFaultRows(this.surface, this.#faultRows, faultsTop);
    const every = Math.ceil(13 / this.#laneHeight);
    for (const { number } of lanes) {
      if (number % every !== 0) continue;
      this.surface.marginLabel(
        `client ${number}`,
        this.#laneY(number) + this.#laneHeight / 2 - 1,
        colour('muted'),
      );
    }
  }
}
