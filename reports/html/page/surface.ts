/**
 * A canvas that is sharp on every screen and shares its horizontal axis with the others: labels stand in a
 * margin of fixed width, so the same moment has the same place everywhere on the page.
 */
import type { FaultRecord } from '../../../harness/run/results.ts';
import type { MarkedWindow } from './data.ts';
import { formatMoment, timeTicks, type TimeView } from './view.ts';

/** CSS pixels left of the plot, for labels. */
export const MARGIN_LEFT = 92;
/** CSS pixels right of the plot. */
const MARGIN_RIGHT = 14;
/** CSS pixels of the time axis. */
export const AXIS_HEIGHT = 20;

/** Colours by their CSS custom property. */
export type ColourName =
  | 'ok'
  | 'fail'
  | 'info'
  | 'bad'
  | 'good'
  | 'doubt'
  | 'text'
  | 'muted'
  | 'line'
  | 'fault'
  | 'fault-band'
  | 'panel'
  | 'focus'
  | 'label';

/** A canvas with its plot area. */
export class Surface {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  readonly #view: TimeView;
  width = 0;
  height = 0;

  constructor(canvas: HTMLCanvasElement, view: TimeView) {
    const context = canvas.getContext('2d', { alpha: true });
    if (context === null) throw new Error('this browser cannot draw on a canvas');
    this.canvas = canvas;
    this.context = context;
    this.#view = view;
  }

  /** Clears the canvas and fits it to its place on the page. */
  begin(height: number): void {
    const ratio = window.devicePixelRatio;
    this.width = this.canvas.clientWidth;
    this.height = height;
    const [deviceWidth, deviceHeight] = [Math.round(this.width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== deviceWidth || this.canvas.height !== deviceHeight) {
      this.canvas.width = deviceWidth;
      this.canvas.height = deviceHeight;
      this.canvas.style.height = `${height}px`;
    }
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, this.width, height);
    this.context.font = '12px system-ui, sans-serif';
    this.context.textBaseline = 'middle';
  }

  get plotWidth(): number {
    return Math.max(1, this.width - MARGIN_LEFT - MARGIN_RIGHT);
  }

  /** Horizontal place of a moment. */
  x(time: number): number {
    return MARGIN_LEFT + ((time - this.#view.from) / this.#view.span) * this.plotWidth;
  }

  /** The moment at a horizontal place. */
  timeAt(x: number): number {
    return this.#view.from + ((x - MARGIN_LEFT) / this.plotWidth) * this.#view.span;
  }

  /** Draws inside the plot area only. */
  clipped(draw: () => void): void {
    this.context.save();
    this.context.beginPath();
    this.context.rect(MARGIN_LEFT, 0, this.plotWidth, this.height);
    this.context.clip();
    draw();
    this.context.restore();
  }

  /** A label in the left margin. */
  marginLabel(text: string, y: number, colour: string): void {
    this.context.fillStyle = colour;
    this.context.textAlign = 'right';
    this.context.fillText(text, MARGIN_LEFT - 8, y, MARGIN_LEFT - 10);
    this.context.textAlign = 'left';
  }
}

const colours = new Map<ColourName, string>();

/** The value of a colour under the theme in force. */
export function colour(name: ColourName): string {
  const known = colours.get(name);
  if (known !== undefined) return known;
  const value = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  colours.set(name, value);
  return value;
}

/** Forgets the colours, because the theme changed. */
export function forgetColours(): void {
  colours.clear();
}

/** Draws the time axis: labels at `y`, faint lines from `top` to `bottom`. */
export function drawTimeAxis(surface: Surface, view: TimeView, y: number, top: number, bottom: number): void {
  const { context } = surface;
  context.strokeStyle = colour('line');
  context.lineWidth = 1;
  for (const tick of timeTicks(view.from, view.to, surface.plotWidth / 110)) {
    const x = Math.round(surface.x(tick)) + 0.5;
    context.beginPath();
    context.moveTo(x, top);
    context.lineTo(x, bottom);
    context.stroke();
    context.fillStyle = colour('muted');
    const words = formatMoment(tick, view.span);
    const half = context.measureText(words).width / 2;
    // Labels at the edges are moved inwards, so that none is cut off.
    const centre = Math.min(Math.max(x, MARGIN_LEFT + half), MARGIN_LEFT + surface.plotWidth - half);
    context.fillText(words, centre - half, y);
  }
}

/** Shades the stretches in which faults were in force, and outlines those that problems point at. */
export function drawWindows(
  surface: Surface,
  faults: readonly FaultRecord[],
  problems: readonly MarkedWindow[],
  top: number,
  bottom: number,
  end: number,
): void {
  const { context } = surface;
  context.fillStyle = colour('fault-band');
  for (const fault of faults) {
    const x = surface.x(fault.start);
    context.fillRect(x, top, Math.max(1, surface.x(fault.end ?? end) - x), bottom - top);
  }
  context.strokeStyle = colour('bad');
  context.lineWidth = 2;
  context.setLineDash([5, 3]);
  for (const problem of problems) {
    const x = surface.x(problem.from);
    context.strokeRect(x, top + 1, Math.max(3, surface.x(problem.to) - x), bottom - top - 2);
  }
  context.setLineDash([]);
}
