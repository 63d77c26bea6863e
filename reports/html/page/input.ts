/**
 * Hands on the timeline: wheel, drag and keys move the view; pointer and keys choose an operation.
 *
 * The wheel zooms only while the timeline has the focus or Ctrl is held, so that it never takes the
 * page's own scrolling away.
 */
import type { Lane, PlacedCall } from './calls.ts';
import { lowerBound } from './calls.ts';
import type { Surface } from './surface.ts';
import type { TimeView } from './view.ts';

const ZOOM_STEP = 1.5;
const PAN_STEP = 0.2;

/** What input asks for besides a change of the view. */
export interface InputHandlers {
  /** The pointer is at this place of the canvas; undefined when it left. */
  hover(place: { readonly x: number; readonly y: number } | undefined): void;
  /** The pointer clicked there. */
  click(place: { readonly x: number; readonly y: number }): void;
  /** A key asks for the next (1) or previous (-1) operation of the lane, or another lane's. */
  step(direction: 1 | -1, where: 'time' | 'lane'): void;
  /** A key asks to forget what was chosen. */
  clear(): void;
}

/** Wheel and drag on any canvas that shows the view. */
export function listenToPointer(
  surface: Surface,
  view: TimeView,
  handlers: Pick<InputHandlers, 'hover' | 'click'>,
): void {
  const { canvas } = surface;
  let drag: { readonly x: number; last: number; moved: boolean } | undefined;
  canvas.addEventListener(
    'wheel',
    (event) => {
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (!sideways && !event.ctrlKey && document.activeElement !== canvas) return;
      event.preventDefault();
      if (sideways) view.pan(event.deltaX / surface.plotWidth);
      else view.zoom(ZOOM_STEP ** (event.deltaY / 100), surface.timeAt(event.offsetX));
    },
    { passive: false },
  );
  canvas.addEventListener('pointerdown', (event) => {
    drag = { x: event.offsetX, last: event.offsetX, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (drag === undefined) {
      handlers.hover({ x: event.offsetX, y: event.offsetY });
      return;
    }
    drag.moved ||= Math.abs(event.offsetX - drag.x) > 3;
    if (drag.moved) view.pan((drag.last - event.offsetX) / surface.plotWidth);
    drag.last = event.offsetX;
  });
  canvas.addEventListener('pointerup', (event) => {
    if (drag?.moved === false) handlers.click({ x: event.offsetX, y: event.offsetY });
    drag = undefined;
  });
  canvas.addEventListener('pointercancel', () => (drag = undefined));
  canvas.addEventListener('pointerleave', () => handlers.hover(undefined));
}

/** Keys on a canvas that shows the view; the page says next to it which they are. */
export function listenToKeys(
  canvas: HTMLCanvasElement,
  view: TimeView,
  { step, clear }: Pick<InputHandlers, 'step' | 'clear'>,
): void {
  const actions: Readonly<Record<string, () => void>> = {
    '+': () => view.zoom(1 / ZOOM_STEP),
    '=': () => view.zoom(1 / ZOOM_STEP),
    '-': () => view.zoom(ZOOM_STEP),
    '0': () => view.reset(),
    ArrowLeft: () => view.pan(-PAN_STEP),
    ArrowRight: () => view.pan(PAN_STEP),
    Home: () => view.show(view.min, view.min + view.span),
    End: () => view.show(view.max - view.span, view.max),
    n: () => step(1, 'time'),
    p: () => step(-1, 'time'),
    ArrowDown: () => step(1, 'lane'),
    ArrowUp: () => step(-1, 'lane'),
    Escape: clear,
  };
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}

/** The operation a step away from `selected`; without one, the first on show. */
export function stepFrom(
  lanes: readonly Lane[],
  selected: PlacedCall | undefined,
  view: TimeView,
  direction: 1 | -1,
  where: 'time' | 'lane',
): PlacedCall | undefined {
  const firstOnShow = (lane: Lane, time: number): PlacedCall | undefined =>
    lane.calls[Math.min(lowerBound(lane.ends, time), lane.calls.length - 1)];
  const filled = lanes.filter((lane) => lane.calls.length > 0);
  if (selected === undefined) return filled[0] && firstOnShow(filled[0], view.from);
  if (where === 'lane') {
    const candidates = filled.filter((lane) => Math.sign(lane.number - selected.lane) === direction);
    const lane = direction === 1 ? candidates[0] : candidates.at(-1);
    return lane && firstOnShow(lane, selected.start);
  }
  const calls = lanes[selected.lane]?.calls ?? [];
  const place = calls.indexOf(selected);
  return place === -1 ? undefined : calls[place + direction];
}
