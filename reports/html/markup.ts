/**
 * HTML that cannot be injected into: a template tag that escapes whatever is not HTML itself. Everything
 * on the page that a target, a node or a user wrote goes through it.
 */

/** A piece of HTML, safe to put into a page. */
export interface Markup {
  readonly html: string;
}

/** What a template takes: text, which is escaped; markup, which is not; lists of both; nothing. */
export type Child = string | number | undefined | Markup | readonly Child[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup from a template: `markup\`<p>${text}</p>\``. Values may also stand within quoted attributes. */
export function markup(strings: TemplateStringsArray, ...children: readonly Child[]): Markup {
  return { html: String.raw({ raw: strings }, ...children.map(toHtml)) };
}

/** Text that is HTML, CSS or script of our own already. */
export function trusted(html: string): Markup {
  return { html };
}

function toHtml(child: Child): string {
  if (child === undefined) return '';
  if (typeof child === 'number') return String(child);
  if (typeof child === 'string')
    return child.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
  return 'html' in child ? child.html : child.map(toHtml).join('');
}
