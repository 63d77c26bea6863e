/**
 * What `splitbrain` and its sub-paths mean, here. A user's file says `import … from 'splitbrain'` wherever it
 * lies, with or without an installation beside it; that always means the project that runs it, in its
 * sources or as published, so that user and engine agree on every class. The same table is `exports` in package.json.
 */
import { createRequire, registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { messageOf } from './errors.ts';
import { moduleBeside } from './module-url.ts';

/** The URL of the module for each name that may be imported. */
export const ENTRY_POINTS: Readonly<Record<string, string>> = {
  splitbrain: moduleBeside(import.meta.url, './index'),
  'splitbrain/checkers': moduleBeside(import.meta.url, '../checkers/index'),
  'splitbrain/explore': moduleBeside(import.meta.url, './explore/index'),
  'splitbrain/nemesis': moduleBeside(import.meta.url, '../nemesis/index'),
  'splitbrain/reports': moduleBeside(import.meta.url, '../reports/index'),
  'splitbrain/workloads': moduleBeside(import.meta.url, '../targets/workloads/index'),
};

let resolving = false;

/** From now on imports of `splitbrain` and `splitbrain/…`, by whatever module, lead here. */
export function leadNamesHere(): void {
  if (resolving) return;
  resolving = true;
  registerHooks({
    resolve(specifier, context, next) {
      const own = ENTRY_POINTS[specifier];
      if (own !== undefined) return { url: own, shortCircuit: true };
      const found = next(specifier, context);
      // `npm init` writes "type": "commonjs", and a file that says `import` must run beside that all the same.
      return found.format === 'commonjs-typescript' ? { ...found, format: 'module-typescript' } : found;
    },
  });
}

/** Imports a user's module, whose imports of `splitbrain` and `splitbrain/…` lead here. Rejects as `import` does. */
export async function importUserModule(url: string): Promise<Readonly<Record<string, unknown>>> {
  leadNamesHere();
  return (await import(url)) as Readonly<Record<string, unknown>>;
}

/** The same at once, for modules that await nothing at their top level. Throws as `require` does. */
export function requireUserModule(url: string): Readonly<Record<string, unknown>> {
  leadNamesHere();
  return createRequire(import.meta.url)(fileURLToPath(url)) as Readonly<Record<string, unknown>>;
}

/** Why a module could not be loaded, with the file and line that its error names first, unless that is where it was asked for. */
export function whyNotLoaded(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, path, line] = /(?:^|[\s(]|file:\/\/)(\/[^\s():]+):(\d+)/m.exec(stack) ?? [];
  if (path === undefined || line === undefined || path === fileURLToPath(import.meta.url))
    return messageOf(error);
  return `${messageOf(error)} (at ${path}:${line})`;
}
