/**
 * The page's script, bundled into one text when it is first needed. Its sources stand in page/ as .ts here
 * and as .js in the published package; either way they have the extension that this module has.
 */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

let bundled: Promise<string> | undefined;

/** The script's text, minified; bundled once a process. */
export function pageScript(): Promise<string> {
  bundled ??= bundle();
  return bundled;
}

async function bundle(): Promise<string> {
  const here = fileURLToPath(import.meta.url);
  const result = await build({
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
