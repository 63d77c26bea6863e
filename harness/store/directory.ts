/**
 * Run directories: `store/<target>/<time>-<seed>/`, with a `latest` link beside it and one in the store. All
 * that a run leaves behind is in its directory, readable also when the run was killed half-way.
 */
import { existsSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { HarnessError, messageOf } from '../errors.ts';

/** Names of the files in a run directory. */
export const RUN_FILES = {
  plan: 'test.json',
  history: 'history.jsonl',
  results: 'results.json',
  faults: 'faults.json',
  trace: 'trace.jsonl',
  log: 'harness.log',
} as const;

function full(action: string, path: string, error: unknown): HarnessError {
  return new HarnessError(
    `cannot ${action} ${path}: ${messageOf(error)}. Make room there, or choose another place with --out`,
    {
      cause: error,
    },
  );
}

/**
 * Makes the directory and those above it that are missing; no error if it is there. One at a time, since the `recursive`
 * of Node.js goes round for ever where nothing can be made, as under /proc.
 */
export function makeDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const above = dirname(path);
  if (above !== path && !existsSync(above)) makeDirectory(above);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another run may have been faster.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

/** Makes the directory of a run and answers its absolute path; a taken name gets a number. */
export function createRunDirectory(store: string, target: string, started: Date, seed: string): string {
  const stamp = started
    .toISOString()
    .replaceAll(/[-:]/g, '')
    .replace(/\.\d+Z$/, 'Z');
  const safe = (text: string): string => text.replaceAll(/[^\w.-]/g, '_').slice(0, 60);
  const base = resolve(store, safe(target), `${stamp}-${safe(seed)}`);
  try {
    makeDirectory(dirname(base));
    for (let attempt = 1; ; attempt++) {
      const path = attempt === 1 ? base : `${base}-${attempt}`;
      try {
        mkdirSync(path);
        return path;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } catch (error) {
    throw full('make the run directory', base, error);
  }
}

/** Points `<store>/<target>/latest` and `<store>/latest` to this run. */
export function linkLatest(store: string, directory: string): void {
  for (const link of [join(dirname(directory), 'latest'), resolve(store, 'latest')]) {
    // Made aside and renamed over, so that the link always leads somewhere, also with several runs at once.
    const aside = `${link}.${basename(directory)}.${process.pid}`;
    try {
      rmSync(aside, { force: true });
      symlinkSync(relative(dirname(link), directory), aside);
      renameSync(aside, link);
    } catch {
      // A convenience only: a file system without links has none.
    }
  }
}

/** Writes a file of the run; a full disk is a HarnessError that says what to do. */
export function writeRunFile(directory: string, name: string, text: string): void {
  const path = join(directory, name);
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw full('write', path, error);
  }
}

/** Writes a value as indented JSON. */
export function writeRunJson(directory: string, name: string, value: unknown): void {
  writeRunFile(directory, name, `${JSON.stringify(value, null, 2)}\n`);
}

/** True for the directory of a run, finished or not. */
export function isRunDirectory(path: string): boolean {
  return existsSync(join(path, RUN_FILES.plan));
}
