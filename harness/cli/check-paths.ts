/**
 * What `splitbrain check` is to check: files, run directories, standard input; whatever histories are in other
 * directories, and whatever a pattern matches that the shell has left alone.
 *
 * A file that was named is checked, or the user told why not. Where files are searched for, those that hold no history
 * are passed over and only counted: logs, verdicts and notes lie beside histories everywhere.
 */
import type { Dirent, Stats } from 'node:fs';
import { glob, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError, messageOf } from '../errors.ts';
import { STANDARD_INPUT } from '../history/input.ts';
import { formats, holdsHistory } from '../history/read.ts';
import { isRunDirectory, RUN_FILES } from '../store/directory.ts';

/** One thing to check. */
export interface CheckJob {
  readonly path: string;
  /** A run is checked by its own checkers, a history by the options of the command. */
  readonly kind: 'history' | 'run';
  /** Size of the file; 0 where that is not known. */
  readonly bytes: number;
}

/** All there is to check, in the order given. */
export interface FoundJobs {
  readonly jobs: readonly CheckJob[];
  /** Files that were met on the way and hold no history. */
  readonly skipped: number;
}

const PATTERN = /[*?[{]/;

/**
 * Finds what to check. `runs`: run directories are checked as runs, else for their histories. Throws a UsageError for
 * a directory or pattern without any history.
 */
export async function findJobs(paths: readonly string[], runs: boolean): Promise<FoundJobs> {
  const finder = new JobFinder(runs);
  for (const path of paths) await finder.add(path);
  return finder;
}

class JobFinder implements FoundJobs {
  readonly jobs: CheckJob[] = [];
  skipped = 0;
  readonly #runs: boolean;

  constructor(runs: boolean) {
    this.#runs = runs;
  }

  async add(path: string): Promise<void> {
    const found = path === STANDARD_INPUT ? undefined : await statOf(path);
    if (found?.isDirectory() === true) await this.#addSome(path, () => this.#addDirectory(path));
    else if (found === undefined && PATTERN.test(path)) {
      await this.#addSome(path, () => this.#addMatches(path));
    } else this.jobs.push({ path, kind: 'history', bytes: found?.size ?? 0 });
  }

  async #addSome(path: string, add: () => Promise<void>): Promise<void> {
    const before = { jobs: this.jobs.length, skipped: this.skipped };
    await add();
    if (this.jobs.length > before.jobs) return;
    const looked = files(this.skipped - before.skipped);
    throw new UsageError(
      `${path}: no history found (${looked} looked at); expected one of ${formats.map(({ name }) => name).join(', ')}`,
    );
  }

  async #addDirectory(directory: string): Promise<void> {
    if (isRunDirectory(directory)) {
      const history = await statOf(join(directory, RUN_FILES.history));
      this.jobs.push({
        path: directory,
        kind: this.#runs ? 'run' : 'history',
        bytes: history?.size ?? 0,
      });
      return;
    }
    for (const entry of await entriesOf(directory)) {
      const path = join(directory, entry.name);
      // Links to directories are not followed: store/latest leads to a run that is found by itself.
      if (entry.isDirectory()) await this.#addDirectory(path);
      else if (entry.isFile() || (await statOf(path))?.isFile() === true) await this.#addFile(path);
    }
  }

  async #addMatches(pattern: string): Promise<void> {
    const matches: string[] = [];
    for await (const match of glob(pattern)) matches.push(match);
    for (const path of matches.sort()) {
      const found = await statOf(path);
      if (found?.isDirectory() === true) await this.#addDirectory(path);
      else if (found?.isFile() === true) await this.#addFile(path);
    }
  }

  async #addFile(path: string): Promise<void> {
    // One that cannot be read may well be a history: it is left for the check to complain about.
    const holds = await holdsHistory(path).catch(() => true);
    if (holds) this.jobs.push({ path, kind: 'history', bytes: (await statOf(path))?.size ?? 0 });
    else this.skipped += 1;
  }
}

/** `1 file`, `12 files`. */
export function files(count: number): string {
  return `${count} ${count === 1 ? 'file' : 'files'}`;
}

/** By name, without what is hidden. */
async function entriesOf(directory: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw new UsageError(`cannot look into ${directory}: ${messageOf(error)}`, { cause: error });
  }
}

function statOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}
