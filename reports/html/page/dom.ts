/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * The page's elements, found by id or made. Text only ever becomes text nodes: nothing that a target,
 * a client or a node wrote is read as HTML.
 */

/** The element with this id, which must be of this kind. */
export function element<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`the page has no ${kind.name} with id ${id}`);
  return found;
}

/** A new element with these children. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<Pick<HTMLElementTagNameMap[Name], 'className' | 'title'>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Fills a select with these options after the first, which stands for all; values count from 0. */
export function fillSelect(select: HTMLSelectElement, labels: readonly string[]): void {
  labels.forEach((label, place) => select.add(new Option(label, String(place))));
}
