/**
 * Light or dark: the system's choice until the reader makes another, which is kept for the page's life only,
 * because a file opened from disk has no storage of its own.
 */
import { element } from './dom.ts';

/** Makes the toggle work; calls `changed` after every change, the system's included. */
export function watchTheme(changed: () => void): void {
  const button = element('theme', HTMLButtonElement);
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const isDark = (): boolean =>
    (document.documentElement.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const name = (): void => {
    button.textContent = isDark() ? 'Light colours' : 'Dark colours';
  };
  button.addEventListener('click', () => {
    document.documentElement.dataset.theme = isDark() ? 'light' : 'dark';
    name();
    changed();
  });
  system.addEventListener('change', () => {
    name();
    changed();
  });
  name();
}

/** Makes the copy buttons work. Where the clipboard is out of reach (a page from disk), the text is selected instead. */
export function watchCopyButtons(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
    const source = element(button.dataset.copy ?? '', HTMLElement);
    button.addEventListener('click', () => {
      navigator.clipboard.writeText(source.textContent).then(
        () => (button.textContent = 'Copied'),
        () => {
          window.getSelection()?.selectAllChildren(source);
          button.textContent = 'Selected: press Ctrl+C';
        },
      );
    });
  }
}
