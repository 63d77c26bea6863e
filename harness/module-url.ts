/**
 * Names modules that are loaded by address (node programs, worker threads) from both forms of the project:
 * the sources run as .ts, the published package as .js, and a URL written as a string is not rewritten by
 * the build as an import is.
 */

/** The URL of a module named relative to this one, without its extension: `moduleBeside(import.meta.url, './node')`. */
export function moduleBeside(base: string, path: string): string {
  const extension = base.endsWith('.ts') ? '.ts' : '.js';
  return new URL(path + extension, base).href;
}
