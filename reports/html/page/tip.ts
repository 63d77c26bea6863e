/**
 * The line that follows the pointer over a picture.
 */
import type { Surface } from './surface.ts';

/** Shows these words beside the pointer, within the picture; nothing without words. */
export function showTip(
  tip: HTMLElement,
  surface: Surface,
  place: { readonly x: number; readonly y: number } | undefined,
  words: string | undefined,
): void {
  tip.hidden = place === undefined || words === undefined;
  if (place === undefined || words === undefined) return;
  tip.textContent = words;
  const right = surface.width - tip.offsetWidth - 4;
  tip.style.left = `${Math.max(0, Math.min(place.x + 12, right))}px`;
  tip.style.top = `${place.y + 16}px`;
}
