/**
 * The nodes' logs as one list, by time, filtered, a page at a time: a real table, because people search it,
 * copy from it and read it aloud.
 */
import type { LogLine } from './columns.ts';
import { element, fillSelect, make } from './dom.ts';
import type { TimeView } from './view.ts';

const PAGE_LINES = 100;
const LEVELS: readonly LogLine['level'][] = ['debug', 'info', 'warn', 'error'];

/** The part of the page that shows logs. */
export class LogTable {
  readonly #lines: readonly LogLine[];
  readonly #texts: readonly string[];
  readonly #nodes: readonly string[];
  readonly #view: TimeView;
  readonly #node = element('log-node', HTMLSelectElement);
  readonly #level = element('log-level', HTMLSelectElement);
  readonly #text = element('log-text', HTMLInputElement);
  readonly #follow = element('log-follow', HTMLInputElement);
  readonly #body = element('log-lines', HTMLTableSectionElement);
  #page = 0;

  /** `lines` in order of time. */
  constructor(lines: readonly LogLine[], view: TimeView) {
    this.#lines = lines;
    this.#texts = lines.map((line) => `${line.event} ${fieldsOf(line)}`);
    this.#nodes = [...new Set(lines.map((line) => line.node))].sort();
    this.#view = view;
    fillSelect(this.#node, this.#nodes);
    for (const control of [this.#node, this.#level, this.#text, this.#follow]) {
      control.addEventListener('input', () => this.#turnTo(0));
    }
    element('log-earlier', HTMLButtonElement).addEventListener('click', () => this.#turnTo(this.#page - 1));
    element('log-later', HTMLButtonElement).addEventListener('click', () => this.#turnTo(this.#page + 1));
    const time = element('log-time', HTMLInputElement);
    time.addEventListener('change', () => this.#jumpTo(Number(time.value) * 1000));
    view.onChange(() => {
      if (this.#follow.checked) this.#turnTo(0);
    });
    this.#turnTo(0);
  }

  #matches(): number[] {
    const node = this.#node.value === '' ? undefined : this.#nodes[Number(this.#node.value)];
    const level = LEVELS.indexOf(this.#level.value as LogLine['level']);
    const text = this.#text.value.toLowerCase();
    const [from, to] = this.#follow.checked
      ? [this.#view.from / 1e6, this.#view.to / 1e6]
      : [-Infinity, Infinity];
    return [...this.#lines.keys()].filter((row) => {
      const line = this.#lines[row];
      if (line === undefined || line.ms < from || line.ms > to) return false;
      if (node !== undefined && line.node !== node) return false;
      if (LEVELS.indexOf(line.level) < level) return false;
      return text === '' || (this.#texts[row] ?? '').toLowerCase().includes(text);
    });
  }

  #jumpTo(ms: number): void {
    const before = this.#matches().filter((row) => (this.#lines[row]?.ms ?? 0) < ms).length;
    this.#turnTo(Math.floor(before / PAGE_LINES));
  }

  #turnTo(page: number): void {
    const rows = this.#matches();
    const pages = Math.max(1, Math.ceil(rows.length / PAGE_LINES));
    this.#page = Math.min(Math.max(0, page), pages - 1);
    const shown = rows.slice(this.#page * PAGE_LINES, (this.#page + 1) * PAGE_LINES);
    this.#body.replaceChildren(...shown.map((row) => this.#row(row)));
    element('log-earlier', HTMLButtonElement).disabled = this.#page === 0;
    element('log-later', HTMLButtonElement).disabled = this.#page >= pages - 1;
    element('log-count', HTMLElement).textContent =
      `${rows.length.toLocaleString('en-US')} of ${this.#lines.length.toLocaleString('en-US')} lines, page ${this.#page + 1} of ${pages}`;
  }

  #row(row: number): HTMLTableRowElement {
    const line = this.#lines[row];
    if (line === undefined) return make('tr');
    const show = make(
      'button',
      { className: 'link', title: 'Show this moment on the timeline' },
      (line.ms / 1000).toFixed(3),
    );
    show.addEventListener('click', () => {
      const half = Math.min(this.#view.span, this.#view.max / 20) / 2;
      this.#view.show(line.ms * 1e6 - half, line.ms * 1e6 + half);
    });
    return make(
      'tr',
      { className: `level-${line.level}` },
      make('td', { className: 'number' }, show),
      make('td', {}, line.node),
      make('td', {}, line.level),
      make('td', {}, line.event),
      make('td', { className: 'wide' }, fieldsOf(line)),
    );
  }
}

function fieldsOf(line: LogLine): string {
  return Object.entries(line.fields)
    .map(([name, value]) =>
      name === 'text' && typeof value === 'string' ? value : `${name}=${JSON.stringify(value)}`,
    )
    .join(' ');
}
