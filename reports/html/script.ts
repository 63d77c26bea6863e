/**
 * The page's script, bundled into one text when it is first needed. Its sources stand in page/ as .ts here
 * and as .js in the published package; either way they have the extension that this module has.
 */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

let bundled: string | undefined;

/** The script's text, minified; bundled once a process. */
export function pageScript(): string {
  bundled ??= bundle();
  return bundled;
}

/**
 * Not with `build`: that leaves the work to a child process which bundled the nodes before, and which Ctrl-C at
 * a terminal ends, while the run that it interrupts still has its reports to write.
 */
function bundle(): string {
  const here = fileURLToPath(import.meta.url);
  const result = buildSync({
    entryPoints: [fileURLToPath(new URL(`./page/main${extname(here)}`, import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'silent',
    // The project's own settings are for checking types and say nothing about a browser.
    tsconfigRaw: {},
  });
  return result.outputFiles.map(({ text }) => text).join('');
}
