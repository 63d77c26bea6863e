/**
 * The strip above the timeline: the whole run at a glance - operations a second, faults, problems - and the
 * stretch on show as a frame. Dragging on it picks a stretch.
 */
import type { FaultRecord } from '../../../harness/run/results.ts';
import type { PlacedCall } from './calls.ts';
import type { MarkedWindow } from './data.ts';
import { byCompletion, toBuckets } from './stats.ts';
import { colour, drawWindows, MARGIN_LEFT, Surface } from './surface.ts';
import { TimeView } from './view.ts';

const HEIGHT = 44;
const BARS = 300;

/** The canvas of the overview. */
export class Overview {
  readonly #surface: Surface;
  readonly #view: TimeView;
  readonly #faults: readonly FaultRecord[];
  readonly #problems: readonly MarkedWindow[];
  #bars: readonly number[] = [];

  /** `view` is the stretch that the frame shows and that dragging changes. */
  constructor(
    canvas: HTMLCanvasElement,
    view: TimeView,
    faults: readonly FaultRecord[],
    problems: readonly MarkedWindow[],
  ) {
    this.#surface = new Surface(canvas, new TimeView(view.max));
    this.#view = view;
    this.#faults = faults;
    this.#problems = problems;
    this.#listen(canvas);
  }

  /** Sets the calls that count. */
  setCalls(calls: readonly PlacedCall[]): void {
    this.#bars = toBuckets(byCompletion(calls), 0, this.#view.max, BARS).map(({ rates }) => rates.ok);
  }

  draw(): void {
    const surface = this.#surface;
    surface.begin(HEIGHT);
    const { context } = surface;
    surface.marginLabel('whole run', HEIGHT / 2, colour('muted'));
    surface.clipped(() => {
      drawWindows(surface, this.#faults, this.#problems, 0, HEIGHT, this.#view.max);
      const most = Math.max(1, ...this.#bars);
      const width = surface.plotWidth / BARS;
      context.fillStyle = colour('ok');
      this.#bars.forEach((rate, place) => {
        const height = (rate / most) * (HEIGHT - 8);
        context.fillRect(MARGIN_LEFT + place * width, HEIGHT - height, width + 0.5, height);
      });
      const [from, to] = [surface.x(this.#view.from), surface.x(this.#view.to)];
      context.fillStyle = colour('panel');
      context.globalAlpha = 0.6;
      context.fillRect(MARGIN_LEFT, 0, from - MARGIN_LEFT, HEIGHT);
      context.fillRect(to, 0, surface.width - to, HEIGHT);
      context.globalAlpha = 1;
      context.strokeStyle = colour('focus');
      context.lineWidth = 2;
      context.strokeRect(from + 1, 1, Math.max(2, to - from - 2), HEIGHT - 2);
    });
  }

  #listen(canvas: HTMLCanvasElement): void {
    let start: number | undefined;
    canvas.addEventListener('pointerdown', (event) => {
      start = this.#surface.timeAt(event.offsetX);
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (start === undefined) return;
      const now = this.#surface.timeAt(event.offsetX);
      // A click moves the frame; only a real drag chooses a new length.
      if (Math.abs(now - start) > this.#view.max / 200)
        this.#view.show(Math.min(start, now), Math.max(start, now));
    });
    canvas.addEventListener('pointerup', (event) => {
      const now = this.#surface.timeAt(event.offsetX);
      if (start !== undefined && Math.abs(now - start) <= this.#view.max / 200) {
        this.#view.show(now - this.#view.span / 2, now + this.#view.span / 2);
      }
      start = undefined;
    });
  }
}
