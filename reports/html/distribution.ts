/**
 * Distributions over small whole numbers, one row each above a common axis, with how often something else happened beside it.
 * Drawn without a script: every bar can be reached by keyboard and says its numbers when it is, or when it is pointed at.
 */
import { markup, type Markup } from './markup.ts';

/** One bar of a row. */
export interface Bar {
  readonly at: number;
  /** Of the row's whole, from 0 to 1. */
  readonly share: number;
  /** The same in words. */
  readonly words: string;
}

/** One distribution. */
export interface Row {
  /** Which colour it has, as a class of the style sheet: `series-1` and so on. */
  readonly series: string;
  readonly label: string;
  /** Below the label. */
  readonly note: string;
  readonly bars: readonly Bar[];
  /** What is drawn beside it: a share, and the same in words. */
  readonly beside?: { readonly share: number; readonly words: string };
}

/** Numbers on the axis at most; what is beyond counts with the last. */
const COLUMNS_MAX = 12;
const COLUMN = 40;
const LEFT = 280;
const RIGHT = 190;
const ROW = 84;
const BAR_MAX = 46;
const AXIS = 40;

/** Places on the axis. */
interface Axis {
  readonly first: number;
  readonly columns: number;
  /** True if the last place stands for all that is beyond. */
  readonly cut: boolean;
}

/** The chart. `label` says what it shows, for those who cannot see it; `axis` what is counted from left to right. */
export function distributionChart(rows: readonly Row[], label: string, axisWords: string): Markup {
  const axis = axisOf(rows);
  const width = LEFT + COLUMNS_MAX * COLUMN + RIGHT;
  const height = rows.length * ROW + AXIS;
  return markup`
    <div class="scroll" tabindex="0" role="region" aria-label="${label}">
      <svg class="distribution" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="${label}">
        ${rows.map((row, place) => drawRow(row, place, axis))}
        ${drawAxis(axis, rows.length * ROW, axisWords)}
      </svg>
    </div>`;
}

function axisOf(rows: readonly Row[]): Axis {
  const places = rows.flatMap(({ bars }) => bars.map(({ at }) => at));
  const first = places.reduce((a, b) => Math.min(a, b), Infinity);
  const last = places.reduce((a, b) => Math.max(a, b), -Infinity);
  if (first > last) return { first: 0, columns: 1, cut: false };
  const columns = last - first + 1;
  return { first, columns: Math.min(columns, COLUMNS_MAX), cut: columns > COLUMNS_MAX };
}

function drawRow({ series, label, note, bars, beside }: Row, place: number, axis: Axis): Markup {
  const top = place * ROW;
  const floor = top + ROW - 14;
  const right = LEFT + axis.columns * COLUMN;
  return markup`<g class="${series}">
    <text class="name" x="0" y="${top + 34}">${label}</text><text class="small" x="0" y="${top + 52}">${note}</text>
    <line class="floor" x1="${LEFT}" x2="${right}" y1="${floor}" y2="${floor}"></line>
    ${inColumns(bars, axis).map((own, column) => drawBar(own, LEFT + column * COLUMN, floor, top + 12))}
    ${beside === undefined ? '' : drawBeside(beside, LEFT + COLUMNS_MAX * COLUMN + 24, top + 30)}
  </g>`;
}

/** The bars of each column. */
function inColumns(bars: readonly Bar[], { first, columns }: Axis): Bar[][] {
  return Array.from({ length: columns }, (_, column) =>
    bars.filter(({ at }) => Math.min(at - first, columns - 1) === column),
  );
}

function drawBar(bars: readonly Bar[], left: number, floor: number, top: number): Markup {
  const share = bars.reduce((sum, bar) => sum + bar.share, 0);
  if (share === 0) return markup``;
  const words = bars.map((bar) => bar.words).join('; ');
  const height = Math.max(2, share * BAR_MAX);
  return markup`<g class="bar" tabindex="0" role="img" aria-label="${words}">
    <rect x="${left + 5}" y="${floor - height}" width="${COLUMN - 10}" height="${height}"></rect>
    <text class="value" x="${left + COLUMN / 2}" y="${floor - height - 4}">${percent(share)}</text>
    <text class="more small" x="${LEFT}" y="${top}">${words}</text></g>`;
}

const BESIDE = 150;

function drawBeside({ share, words }: NonNullable<Row['beside']>, left: number, top: number): Markup {
  return markup`<g class="beside" role="img" aria-label="${words}">
    <rect class="whole" x="${left}" y="${top}" width="${BESIDE}" height="12"></rect>
    <rect class="part" x="${left}" y="${top}" width="${Math.min(1, share) * BESIDE}" height="12"></rect>
    <text class="small" x="${left}" y="${top + 28}">${words}</text></g>`;
}

function drawAxis({ first, columns, cut }: Axis, top: number, words: string): Markup {
  const labels = Array.from({ length: columns }, (_, column) => {
    const text = `${first + column}${cut && column === columns - 1 ? '+' : ''}`;
    return markup`<text class="value" x="${LEFT + column * COLUMN + COLUMN / 2}" y="${top + 2}">${text}</text>`;
  });
  return markup`<g class="small">${labels}<text x="${LEFT}" y="${top + 24}">${words}</text></g>`;
}

/** A share in words: `<0.1%`, `2.3%`, `12%`. */
export function percent(share: number): string {
  const hundredths = 100 * share;
  if (hundredths > 0 && hundredths < 0.1) return '<0.1%';
  return `${hundredths > 0 && hundredths < 9.95 ? hundredths.toFixed(1) : hundredths.toFixed(0)}%`;
}
