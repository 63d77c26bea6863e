/**
 * What the diagram shows as a list, a page at a time: for those who do not see it, and to search and copy from.
 * Nothing is written into it until somebody opens it.
 */
import { element, make } from './dom.ts';
import type { TraceItem } from './trace-items.ts';
import { contentWords, fateWords, itemWords } from './trace-words.ts';

const PAGE_LINES = 100;

/** The part of the page that lists messages. */
export class TraceList {
  readonly #frame = element('trace-list', HTMLDetailsElement);
  readonly #body = element('trace-lines', HTMLTableSectionElement);
  readonly #choose: (item: TraceItem) => void;
  #items: readonly TraceItem[] = [];
  #page = 0;

  /** Calls `choose` with the item whose time is pressed. */
  constructor(choose: (item: TraceItem) => void) {
    this.#choose = choose;
    this.#frame.addEventListener('toggle', () => this.#turnTo(0));
    element('trace-earlier', HTMLButtonElement).addEventListener('click', () => this.#turnTo(this.#page - 1));
    element('trace-later', HTMLButtonElement).addEventListener('click', () => this.#turnTo(this.#page + 1));
  }

  /** Lists these. The page stays where it is while they are the same. */
  show(items: readonly TraceItem[]): void {
    const same = items.length === this.#items.length && items[0] === this.#items[0];
    this.#items = items;
    if (!same) this.#turnTo(0);
  }

  #turnTo(page: number): void {
    if (!this.#frame.open) return;
    const pages = Math.max(1, Math.ceil(this.#items.length / PAGE_LINES));
    this.#page = Math.min(Math.max(0, page), pages - 1);
    const shown = this.#items.slice(this.#page * PAGE_LINES, (this.#page + 1) * PAGE_LINES);
    this.#body.replaceChildren(...shown.map((item) => this.#row(item)));
    element('trace-earlier', HTMLButtonElement).disabled = this.#page === 0;
    element('trace-later', HTMLButtonElement).disabled = this.#page >= pages - 1;
    element('trace-page', HTMLElement).textContent = `page ${this.#page + 1} of ${pages}`;
  }

  #row(item: TraceItem): HTMLTableRowElement {
    const time = make('button', { className: 'link', title: 'Choose it' }, (item.time / 1e9).toFixed(6));
    time.addEventListener('click', () => this.#choose(item));
    return make(
      'tr',
      {},
      make('td', { className: 'number' }, time),
      make('td', {}, itemWords(item)),
      make('td', {}, fateWords(item)),
      make('td', { className: 'wide' }, item.content === null ? '' : contentWords(item.content)),
    );
  }
}
